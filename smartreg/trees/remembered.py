"""A tree as it was before some files changed: their names are known, their texts are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.trees.file import File
from smartreg.trees.listing import Listing
from smartreg.trees.tree import READ_LIMIT, Tree


class Forgotten(Exception):
    """A text that was not stored is needed."""


class RememberedTree:
    """`now`, except for these files as they were before; None for one that was not there. Reading the text of one of
    them raises Forgotten: the index may have what it said."""

    name = "remembered"
    commit: str | None = None
    folders: tuple[str, ...] = ()  # nobody writes into it

    def __init__(self, now: Tree, were: Mapping[str, File | None]) -> None:
        self._now, self._were = now, were
        self._files = now.files().with_changes(were)
        self.object_format = now.object_format

    def files(self) -> Listing:
        return self._files

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        if path in self._were:
            raise Forgotten(path)
        return self._now.read(path, limit)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        wanted = list(paths)
        if not self._were.keys().isdisjoint(wanted):
            raise Forgotten(*wanted)
        return self._now.read_many(wanted)
