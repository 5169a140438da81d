"""A tree of which only the files are remembered, not the texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.trees.listing import Listing, Plain
from smartreg.trees.tree import READ_LIMIT, File, ObjectFormat


class Forgotten(Exception):
    """A text is asked for that nobody kept."""


class RememberedTree:
    """The files of a state that is gone. Forgotten for whoever asks for a text: the cache may have what it said."""

    name = "remembered"
    commit: str | None = None
    folders: tuple[str, ...] = ()  # nobody writes into it

    def __init__(self, files: Iterable[File], object_format: ObjectFormat) -> None:
        self._files = Plain.of(files)
        self.object_format: ObjectFormat = object_format

    def files(self) -> Listing:
        return self._files

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        raise Forgotten(path, limit)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            raise Forgotten(path)
        return iter(())
