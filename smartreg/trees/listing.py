"""Which files a tree has: by path, sorted; a few that differ from another listing; how many are in which folder."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import filterfalse
from typing import NamedTuple

from smartreg.trees.file import File
from smartreg.trees.usual import all_usual

RECORD_ENDS = (".yaml", ".yml")
_FLAT_FROM = 8  # one change in this many files: from there on, a new listing is cheaper than an overlay


class FolderCounts(NamedTuple):
    """How many files that end like records are directly in each folder; the paths of all others, sorted."""

    folders: Mapping[str, int]
    others: tuple[str, ...]


class Listing(Mapping[str, File]):
    """Files by path, sorted by path."""

    __slots__ = ()

    @property
    def base(self) -> Listing:
        """The listing that this one overlays; itself, unless it differs from another one in a few files."""
        return self

    @property
    def changes(self) -> Mapping[str, File | None]:
        """The files that are not as the base has them; None for one that is gone."""
        return {}

    @abstractmethod
    def below(self, folder: str) -> Iterator[str]:
        """The paths in a folder and its folders, sorted."""

    def each(self) -> Iterator[File]:
        """Every file, for a single pass: none is cached."""
        return iter(self.values())

    @property
    @abstractmethod
    def outline(self) -> FolderCounts:
        """The number of files in each folder."""

    @property
    @abstractmethod
    def usual(self) -> bool:
        """Whether every computer can hold all names side by side; False says nothing."""

    def with_changes(self, changes: Mapping[str, File | None]) -> Listing:
        """The same listing except for these files; None removes one."""
        if not changes:
            return self
        base, changes = self.base, {**self.changes, **changes}
        new = Altered(base, changes)
        return Plain((path, new[path]) for path in new) if len(changes) * _FLAT_FROM > len(base) else new


class Plain(dict[str, File], Listing):
    """A listing in memory."""

    @classmethod
    def of(cls, files: Iterable[File]) -> Plain:
        """Files in any order; of two with one path the last."""
        return cls((file.path, file) for file in sorted(files, key=lambda file: file.path))

    def below(self, folder: str) -> Iterator[str]:
        start = f"{folder}/"
        return (path for path in self if path.startswith(start))

    @cached_property
    def outline(self) -> FolderCounts:
        return count_folders(self)

    @cached_property
    def usual(self) -> bool:
        return all_usual(self)


class Altered(Listing):
    """A listing that differs from another one in a few files; `Listing.altered` makes it."""

    def __init__(self, base: Listing, changes: Mapping[str, File | None]) -> None:
        self._base = base
        self._changes = changes

    @property
    def base(self) -> Listing:
        return self._base

    @property
    def changes(self) -> Mapping[str, File | None]:
        return self._changes

    def __getitem__(self, path: str) -> File:
        if path not in self._changes:
            return self._base[path]
        file = self._changes[path]
        if file is None:
            raise KeyError(path)
        return file

    def __contains__(self, path: object) -> bool:
        return self._changes[path] is not None if path in self._changes else path in self._base  # type: ignore[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._merge(self._base, self._there))

    def __len__(self) -> int:
        return self._length

    def __bool__(self) -> bool:  # asked of each commit of a history: without counting
        return len(self._base) > len(self._changes) or self._length > 0

    def below(self, folder: str) -> Iterator[str]:
        start = f"{folder}/"
        mine = [path for path in self._there if path.startswith(start)]
        return iter(self._merge(self._base.below(folder), mine))

    @cached_property
    def outline(self) -> FolderCounts:
        folders, others = Counter(self._base.outline.folders), set(self._base.outline.others)
        was = count_folders(filter(self._base.__contains__, self._changes))
        is_ = count_folders(self._there)
        folders.subtract(was.folders)
        folders.update(is_.folders)
        kept = {folder: count for folder, count in folders.items() if count}
        return FolderCounts(kept, tuple(sorted(others.difference(was.others).union(is_.others))))

    @cached_property
    def usual(self) -> bool:
        return self._base.usual and all_usual(self._there)

    @cached_property
    def _there(self) -> list[str]:
        return sorted(path for path, file in self._changes.items() if file is not None)

    @cached_property
    def _length(self) -> int:
        return len(self._base) + len(self._there) - sum(path in self._base for path in self._changes)

    def _merge(self, base: Iterable[str], mine: Iterable[str]) -> list[str]:
        return sorted([*filterfalse(self._changes.__contains__, base), *mine])


def count_folders(paths: Iterable[str]) -> FolderCounts:
    """The number of these files in each folder."""
    folders: Counter[str] = Counter()
    others = []
    for path in paths:
        if path.endswith(RECORD_ENDS):
            folders[path.rpartition("/")[0]] += 1
        else:
            others.append(path)
    return FolderCounts(folders, tuple(sorted(others)))
