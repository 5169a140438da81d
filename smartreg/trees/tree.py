"""What a tree is: the files of a registry at one moment, from any source.

Paths are POSIX, relative to the root of the registry. Names are UTF-8; other bytes become surrogates
(`surrogateescape`) in any locale, so that any name can be shown, compared and opened again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol, TypeAlias

from smartreg.trees.file import Special
from smartreg.trees.listing import Listing

SETTINGS = "smartreg.toml"
FOLDERS = ("schemas", "registry")
SCOPE = (SETTINGS, *FOLDERS)

MAX_BYTES = 1024 * 1024
# One byte more than a record may have: enough to see that a file is too long without holding all of it.
READ_LIMIT = MAX_BYTES + 1

ObjectFormat: TypeAlias = Literal["sha1", "sha256"]

_IMPOSSIBLE = re.compile(r"(?:\A|/)(?:\.{0,2}|\.[gG][iI][tT])(?:/|\Z)|\0")


class Tree(Protocol):
    """The files under `smartreg.toml`, `schemas/`, `registry/` and `folders` at one moment. Nothing else can be
    read."""

    @property
    def name(self) -> str:
        """What people call it: `working tree`, `index`, a short commit id."""

    @property
    def commit(self) -> str | None:
        """The commit id of a tree that is a commit."""

    @property
    def object_format(self) -> ObjectFormat:
        """How blob ids of this tree are made."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders outside of `registry/` that may hold records."""

    def files(self) -> Listing:
        """Every file, annexes and README too, by path, sorted by path."""

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """The bytes of a regular file, at most `limit` of them; FileNotFoundError where there is none."""

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """As `read`, at most `READ_LIMIT` bytes each, in the given order; only paths of regular files."""


def in_scope(path: str, folders: Iterable[str] = ()) -> bool:
    """Whether `path` can name a file of a registry; `folders` may hold records too."""
    inside = path == SETTINGS or path.startswith(tuple(f"{folder}/" for folder in (*FOLDERS, *folders)))
    return inside and not impossible(path)


def impossible(path: str) -> bool:
    """Whether no checkout can hold this path (`..`, `.git`, empty steps): only a forged Git tree has it."""
    return ("/." in path or "//" in path or path[:1] in (".", "/", "") or path[-1:] == "/" or "\0" in path) and bool(
        _IMPOSSIBLE.search(path)
    )


def decode_name(name: bytes) -> str:
    """A file name as text."""
    return name.decode("utf-8", "surrogateescape")


def encode_path(path: str) -> bytes:
    """The name that the file system knows; FileNotFoundError when no file can have it."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise FileNotFoundError(path) from None


def name_fault(path: str) -> Special:
    """`undecodable name` when the name is not UTF-8."""
    if path.isascii():
        return ""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "undecodable name"
    return ""
