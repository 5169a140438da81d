"""A tree: the files of a registry at one moment, from any source.

Paths are POSIX, relative to the root of the registry. Names are UTF-8; other bytes become surrogates
(`surrogateescape`) in any locale, so that any name can be shown, compared and opened again.

A listing has the files of a tree by path, sorted; a few may differ from those of another listing. It also knows how
many files are in each folder, and whether every computer can hold all names.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import filterfalse
from typing import Literal, NamedTuple, Protocol, TypeAlias

from smartreg.gitio.objects import ObjectFormat
from smartreg.index.state import RECORD_ENDS

Special: TypeAlias = Literal[
    "",
    "symlink",
    "submodule",
    "directory",
    "unmerged",
    "other",
    "undecodable name",
    "other encoding",
    "named twice",
    "too many files",
]
PLAIN: tuple[Special, ...] = ("", "other encoding")  # a file that may be a record, even if it cannot be read
# Bytes, or how to get them: measuring 10 000 files is too expensive for the few that a command looks at.
Size: TypeAlias = int | Callable[[], int | None] | None


def length(size: Size) -> int | None:
    """The size in bytes, read now if it is not known yet; None without a size."""
    return size() if callable(size) else size


class File(NamedTuple):
    """One file of a tree.

    `blob` is the Git blob id of the bytes that `read` gives, or None if it is not known yet. If `size` (bytes) is given
    too, the file holds that blob only if the blob has that length: Git may have changed line ends. `special` is empty
    for a regular file; otherwise it says what the path is instead. A symlink is neither followed nor read; a submodule
    or a symlinked folder is not entered; for a file that Git keeps in another encoding on disk, and that was changed
    there, it is unknown what Git would store.
    """

    path: str
    blob: str | None
    special: Special = ""
    size: Size = None


LONGEST = 200  # characters from the root of the registry: Windows has 260 for all of a path

_UNUSUAL = re.compile(r"[^a-z0-9/_.\-\n]")
_DEVICES = re.compile(r"/(?:con|prn|aux|nul|com[1-9]|lpt[1-9])[./\n]")


def all_usual(paths: Iterable[str]) -> bool:
    """Whether all names consist of small letters, digits and the name README, as in almost every registry: no two of
    them are the same on another computer. False proves nothing."""
    every = list(paths)
    together = "\n".join(every) + "\n"
    if "/readme" not in together:
        together = together.replace("/README", "/readme")
    if "./" in together or ".\n" in together or max(map(len, every), default=0) > LONGEST:
        return False
    return not _UNUSUAL.search(together) and not _DEVICES.search(together)


_FLAT_FROM = 8  # one change in this many files: beyond that, a new listing is cheaper than an overlay


class FolderCounts(NamedTuple):
    """The number of files with the extension of records directly in each folder; the paths of all others, sorted."""

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
        """The files that differ from the base; None for a file that is gone."""
        return {}

    def load(self, paths: Iterable[str]) -> None:
        """Look these files up at once, before they are asked for one by one."""

    @abstractmethod
    def below(self, folder: str) -> Iterator[str]:
        """The paths in a folder and its subfolders, sorted."""

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
        """Whether every computer can hold all names side by side; False proves nothing."""

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
        """A listing of files in any order; if two have one path, of the last."""
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
    """A listing that differs from another one in a few files; `Listing.with_changes` makes it."""

    def __init__(self, base: Listing, changes: Mapping[str, File | None]) -> None:
        self._base = base
        self._changes = changes

    @property
    def base(self) -> Listing:
        return self._base

    @property
    def changes(self) -> Mapping[str, File | None]:
        return self._changes

    def load(self, paths: Iterable[str]) -> None:
        self._base.load(paths)

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

    def __bool__(self) -> bool:  # called for each commit of a history: without counting
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


SETTINGS = "smartreg.toml"
FOLDERS = ("schemas", "registry")
SCOPE = (SETTINGS, *FOLDERS)

MAX_BYTES = 1024 * 1024
# One byte more than a record may have: enough to detect that a file is too long without keeping all of it.
READ_LIMIT = MAX_BYTES + 1


_IMPOSSIBLE = re.compile(r"(?:\A|/)(?:\.{0,2}|\.[gG][iI][tT])(?:/|\Z)|\0")


class Tree(Protocol):
    """The files under `smartreg.toml`, `schemas/`, `registry/` and `folders` at one moment. Nothing else can be
    read."""

    @property
    def name(self) -> str:
        """Its name for people: `working tree`, `index`, a short commit id."""

    @property
    def commit(self) -> str | None:
        """The commit id of a tree that is a commit."""

    @property
    def object_format(self) -> ObjectFormat:
        """The hash function of its blob ids."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders outside `registry/` that may contain records."""

    def files(self) -> Listing:
        """Every file, annexes and README too, by path, sorted by path."""

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """The bytes of a regular file, at most `limit` of them; FileNotFoundError if there is none."""

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Like `read`, at most `READ_LIMIT` bytes each, in the given order; only for paths of regular files."""


def in_scope(path: str, folders: Iterable[str] = ()) -> bool:
    """Whether `path` can name a file of a registry; `folders` may contain records too."""
    inside = path == SETTINGS or path.startswith(tuple(f"{folder}/" for folder in (*FOLDERS, *folders)))
    return inside and not impossible(path)


def impossible(path: str) -> bool:
    """Whether no checkout can contain this path (`..`, `.git`, empty steps): only a forged Git tree has it."""
    return ("/." in path or "//" in path or path[:1] in (".", "/", "") or path[-1:] == "/" or "\0" in path) and bool(
        _IMPOSSIBLE.search(path)
    )


def decode_name(name: bytes) -> str:
    """A file name as text."""
    return name.decode("utf-8", "surrogateescape")


def encode_path(path: str) -> bytes:
    """The name in the file system; FileNotFoundError if no file can have it."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise FileNotFoundError(path) from None


def name_fault(path: str) -> Special:
    """`undecodable name` if the name is not UTF-8."""
    if path.isascii():
        return ""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "undecodable name"
    return ""
