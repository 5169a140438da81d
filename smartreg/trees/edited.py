"""Trees that are on no disk: the state that an edit would leave, checked before anything is written, and a tree of
given texts. Also, which files differ between two trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import groupby

from smartreg.gitio.objects import ObjectFormat, blob_id
from smartreg.trees.indexed import IndexedFiles
from smartreg.trees.tree import READ_LIMIT, File, Listing, Plain, Tree, in_scope, name_fault


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


class EditedTree:
    """`base` with `writes` (path → bytes, None deletes) applied. Writes outside a registry do not appear in it."""

    commit: str | None = None

    def __init__(self, base: Tree, writes: Mapping[str, bytes | None]) -> None:
        self._base = base
        self._writes = {path: content for path, content in writes.items() if in_scope(path, base.folders)}

    @property
    def name(self) -> str:
        return f"{self._base.name} + edit"

    @property
    def folders(self) -> tuple[str, ...]:
        return self._base.folders

    @property
    def object_format(self) -> ObjectFormat:
        return self._base.object_format

    def files(self) -> Listing:
        return self._files

    @cached_property
    def _files(self) -> Listing:
        return self._base.files().with_changes({**dict.fromkeys(self._writes), **self.writes()})

    def writes(self) -> dict[str, File]:
        """The files that the edit writes, by path."""
        return {path: file_of(path, content, self.object_format) for path, content in self._present()}

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        if path not in self._writes:
            return self._base.read(path, limit)
        content = self._writes[path]
        if content is None:
            raise FileNotFoundError(path)
        return content[:limit]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        # Runs of untouched paths go to the base as one request, because it reads many at once.
        for edited, run in groupby(paths, key=self._writes.__contains__):
            if not edited:
                yield from self._base.read_many(run)
                continue
            for path in run:
                content = self._writes[path]
                if content is not None:
                    yield path, content[:READ_LIMIT]

    def _present(self) -> Iterator[tuple[str, bytes]]:
        return ((path, content) for path, content in self._writes.items() if content is not None)


class Overlaid(EditedTree):
    """A tree with some files replaced by those of another one; it keeps its own name."""

    @property
    def name(self) -> str:
        return self._base.name


def differing_paths(old: Listing, new: Listing) -> set[str]:
    """The paths in which two listings may differ: few if both derive from the same state."""
    one, other = old.base, new.base
    if isinstance(one, IndexedFiles) and isinstance(other, IndexedFiles) and one.state.serial == other.state.serial:
        return {*old.changes, *new.changes}
    return {*old, *new}


def find_differing(old: Listing, new: Listing) -> frozenset[str]:
    """The files that were added, removed or changed, or may have been; as Git sees it: a file whose line ends it
    converts has not changed."""
    paths = differing_paths(old, new)
    for side in (old, new):
        side.load(paths)
    return frozenset(path for path in paths if not _same(old.get(path), new.get(path)))


def _same(old: File | None, new: File | None) -> bool:
    if old is None or new is None:
        return old is new
    return old.blob is not None and (old.blob, old.special) == (new.blob, new.special)
