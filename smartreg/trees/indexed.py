"""A listing of Git's files, stored in the index, with a note on the state that it describes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from smartreg.index import IndexedState
from smartreg.trees.folders import SizeOf, Stamp
from smartreg.trees.tree import File, FolderCounts, Listing


class StateNote(NamedTuple):
    """The state that a listing describes. `place`: working tree, Git directory and object format; `sum`: checksum of
    Git's index; `head`: commit of HEAD; `staged`: blobs in HEAD of the paths that differ in Git's index; `folders`:
    stamp of each folder when its names were read, None if it may have changed unnoticed since; `apart`: the files that
    are only in Git's index or only in the working tree, and whether they are in the latter; `outline` and `usual` as
    those of a listing."""

    place: tuple[str, ...]
    sum: str
    head: str
    staged: Mapping[str, str | None]
    folders: Mapping[str, Stamp | None]
    apart: Mapping[str, bool]
    outline: FolderCounts
    usual: bool


def encode_note(seen: StateNote) -> bytes:
    return json.dumps(seen, separators=(",", ":")).encode()


def decode_note(said: bytes) -> StateNote:
    place, total, head, staged, folders, apart, (counts, others), usual = json.loads(said)
    stamps: dict[str, Stamp | None] = {path: (at[0], at[1], at[2]) if at else None for path, at in folders.items()}
    return StateNote(tuple(place), total, head, staged, stamps, apart, FolderCounts(counts, tuple(others)), usual)


class IndexedFiles(Listing):
    """The files of a state, all plain, with their blobs. `top`: the folder of the registry if sizes are needed, see
    `File`. Files are the same as long as `index`, the checksum of Git's index, is; it is empty if that is not
    certain."""

    def __init__(self, state: IndexedState, seen: StateNote, top: bytes | None = None, index: str = "") -> None:
        self.state = state
        self.index = index if top is not None else "any"
        self._seen = seen
        self._top = top
        self._files: dict[str, File] = {}

    @property
    def head(self) -> str:
        """The commit of HEAD when the state was read."""
        return self._seen.head

    def __getitem__(self, path: str) -> File:
        if path not in self._files:
            row = self.state.row(path)
            if row is None:
                raise KeyError(path)
            self._files[path] = self.file(path, row.blob)
        return self._files[path]

    def __contains__(self, path: object) -> bool:
        return path in self._files or (isinstance(path, str) and self.state.row(path) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self.state)

    def below(self, folder: str) -> Iterator[str]:
        start = f"{folder}/"
        if any(place == folder or place.startswith(start) for place in self.outline.folders):
            return iter(self.state.below(folder))
        return (path for path in self.outline.others if path.startswith(start))  # as of the schemas

    def each(self) -> Iterator[File]:
        return (self.file(row.path, row.blob) for row in self.state.rows)

    @property
    def outline(self) -> FolderCounts:
        return self._seen.outline

    @property
    def usual(self) -> bool:
        return self._seen.usual

    @cached_property
    def _all(self) -> Mapping[str, File]:
        """Every file, computed at once."""
        self._files = {row.path: self.file(row.path, row.blob) for row in self.state.rows}
        return self._files

    def file(self, path: str, blob: str | None) -> File:
        """A plain file with this blob; None if that is unknown."""
        return File(path, blob, "", SizeOf(self._top, path) if blob and self._top is not None else None)
