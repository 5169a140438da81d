"""A tree of given texts, for plans, tests and anything that was never on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.gitio import blob_id
from smartreg.trees.tree import READ_LIMIT, File, Listing, ObjectFormat, Plain, in_scope, name_fault


class MemoryTree:
    """The tree that holds `files` (path → bytes). Paths outside a registry (including records in `folders`) are not
    part of it."""

    name = "memory"
    commit: str | None = None

    def __init__(
        self, files: Mapping[str, bytes], object_format: ObjectFormat = "sha1", folders: tuple[str, ...] = ()
    ) -> None:
        self._contents = {path: content for path, content in files.items() if in_scope(path, folders)}
        self.folders = folders
        self.object_format: ObjectFormat = object_format

    def files(self) -> Listing:
        return Plain.of(file_of(path, content, self.object_format) for path, content in self._contents.items())

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        try:
            return self._contents[path][:limit]
        except KeyError:
            raise FileNotFoundError(path) from None

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self._contents[path][:READ_LIMIT]) for path in paths if path in self._contents)


def file_of(path: str, content: bytes, object_format: ObjectFormat) -> File:
    """The file that `content` makes at `path`."""
    return File(path, blob_id(content, object_format), name_fault(path), len(content))
