"""A listing of the files of the working tree, which the index describes, with a note on where and when it was seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from smartreg.index import UNKNOWN, IndexedState, Refresh
from smartreg.trees.folders import SizeOf
from smartreg.trees.tree import File, FolderCounts, Listing


class StateNote(NamedTuple):
    """The circumstances of a state. `place`: working tree, Git directory and object format; `sum`:
    checksum of Git's index, empty if it may not be the one that was seen; `head`: commit of HEAD; `usual` as that of a
    listing; `sized`: whether Git may convert line ends, so that states have lengths; `measured`: the checksum of Git's
    index when all lengths were last compared."""

    place: tuple[str, ...]
    sum: str
    head: str
    usual: bool
    sized: bool
    measured: str

    def encode(self) -> str:
        return json.dumps(self, separators=(",", ":"))

    @classmethod
    def decode(cls, note: str) -> StateNote:
        """The note that `encode` wrote."""
        place, *others = json.loads(note)
        return cls(tuple(place), *others)


class IndexedFiles(Listing):
    """The files of a state, all plain. `top`: the folder of the registry if sizes are needed, see `File`."""

    def __init__(self, state: IndexedState, note: StateNote, top: bytes | None = None) -> None:
        self.state = state
        self._note = note
        self._top = top
        self._files: dict[str, File | None] = {}

    def __getitem__(self, path: str) -> File:
        if path not in self._files:
            self.load((path,))
        file = self._files[path]
        if file is None:
            raise KeyError(path)
        return file

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.get(path) is not None

    def __iter__(self) -> Iterator[str]:
        return (file.path for file in self._all)

    def __len__(self) -> int:
        return sum(self.outline.folders.values()) + len(self.outline.others)

    def load(self, paths: Iterable[str]) -> None:
        missing = [path for path in paths if path not in self._files]
        states = self.state.states(missing) if missing else {}
        self._files |= {path: self._file(path, states[path]) if path in states else None for path in missing}

    def compare_sizes(self) -> bool:
        """Notice files whose line ends have changed although Git calls them clean, as after `git add`: once for each
        content of Git's index. False if that failed."""
        if self._top is None or self._note.measured == self._note.sum != "":
            return True
        fresh = {}
        for path, state in self.state.rows():
            blob, _, size = state.partition(":")
            now = SizeOf(self._top, path)()
            if blob != UNKNOWN and size != str(now):
                fresh[path] = f"{blob}:{now}"
        self._note = self._note._replace(measured=self._note.sum)
        return self.state.update(Refresh(fresh, None, None, self._note.encode()))

    def below(self, folder: str) -> Iterator[str]:
        return iter(self.state.below(folder))

    def each(self) -> Iterator[File]:
        return iter(self._all) if "_all" in self.__dict__ else (self._file(*row) for row in self.state.rows())

    @cached_property
    def outline(self) -> FolderCounts:
        return FolderCounts(self.state.counts(), tuple(self.state.others()))

    @property
    def usual(self) -> bool:
        return self._note.usual

    @cached_property
    def _all(self) -> list[File]:
        """Every file, looked up at once."""
        every = [self._file(*row) for row in self.state.rows()]
        self._files = {file.path: file for file in every}
        return every

    def _file(self, path: str, state: str) -> File:
        blob = state.partition(":")[0]
        known = None if blob == UNKNOWN else blob
        return File(path, known, "", SizeOf(self._top, path) if known and self._top is not None else None)
