"""What was seen of a working tree the last time, kept in the Git directory: a table of its files, and a note of what
the table is of. Never believed beyond what the note can prove; lost or damaged, everything is looked at again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha1
from pathlib import Path
from typing import Any, TypeAlias

from smartreg.gitio import Repo
from smartreg.grain import own_clock
from smartreg.named import NamedTuple
from smartreg.trees.folders import Stamp
from smartreg.trees.table import Table, Unreadable

FOLDER = "smartreg"  # in the Git directory that all working trees share
_VERSION = 3  # of the note: another number, other parts
_SUM = 40
_OLD = 30 * 24 * 3600  # seconds

Seen: TypeAlias = tuple[str | None, bool]
"""The blob that Git's index has, and whether the file is there."""


class Noted(NamedTuple):
    """`sum`: the checksum of Git's index; `head`: the commit of HEAD; `staged`: what HEAD has of the paths that the
    index has otherwise; `folders`: how each folder stood when its names were read, None where it may have changed since
    without telling; `rows`: the files of which it is not so that index and working tree have them as the table says."""

    sum: str
    head: str
    staged: Mapping[str, str | None]
    folders: Mapping[str, Stamp | None]
    rows: Mapping[str, Seen]

    def blobs(self, table: Table) -> Iterator[tuple[str, str | None]]:
        """Of which files Git's index has other blobs than the table; None for one that it does not have."""
        for path, (blob, _) in self.rows.items():
            row = table.row(path)
            if blob != (None if row is None else table.blob(row)):
                yield path, blob


class Shelf:
    """Where the table and the note of one working tree lie."""

    def __init__(self, repo: Repo) -> None:
        key = "\0".join((os.fspath(repo.git_dir), os.fspath(repo.root), repo.object_format()))
        name = sha1(key.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()[:16]
        self._folder = repo.common_dir / FOLDER
        self._table, self._note = f"listing-{name}.table", f"listing-{name}.json"

    def recall(self) -> tuple[Table, Noted] | None:
        """What lies there."""
        said = self._said()
        if said is None:
            return None
        total, *parts = said
        try:
            table = Table((self._folder / self._table).read_bytes())
        except (OSError, Unreadable):
            return None
        return (table, _noted(parts)) if table.sum.hex() == total else None

    def head(self) -> str | None:
        """The commit that the note has as HEAD."""
        said = self._said()
        return said[2] if said is not None else None

    def _said(self) -> list[Any] | None:
        """What the note says."""
        try:
            said = (self._folder / self._note).read_bytes()
            if sha1(said[_SUM:], usedforsecurity=False).hexdigest().encode() == said[:_SUM]:
                version, *parts = json.loads(said[_SUM:])
                return parts if version == _VERSION else None
        except (OSError, ValueError):
            pass
        return None

    def keep(self, noted: Noted, table: Table, block: bytes | None = None) -> None:
        """Keep a note, and the block of its table where that is a new one; nothing where that fails."""
        said = json.dumps([_VERSION, table.sum.hex(), *noted], separators=(",", ":")).encode()
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            if block is not None:
                self._drop_old()
                put(self._folder / self._table, block)
            self._write(sha1(said, usedforsecurity=False).hexdigest().encode() + said)

    def _drop_old(self) -> None:
        """What lies here of working trees that nobody has changed for long: most of them are gone."""
        for file in self._folder.glob("listing-*"):
            if file.stat().st_mtime < time.time() - _OLD:
                file.unlink(missing_ok=True)

    def _write(self, note: bytes) -> None:
        """In place, since to put a file in the place of another waits for the disk: half a note is none. Nor is one
        where times are not told by our clock: nobody knows there which folders had just changed."""
        began = time.time_ns()
        file = os.open(self._folder / self._note, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            length = os.write(file, note)
            os.ftruncate(file, 0 if own_clock(os.fstat(file).st_mtime_ns, began) else length)
        finally:
            os.close(file)


def put(file: Path, content: bytes) -> None:
    """Whole or not at all; two processes that do it at once leave the one or the other."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        os.replace(draft, file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def forget(common_dir: Path) -> None:
    """Drop what is kept of all working trees of a repository."""
    for file in _notes(common_dir):
        file.unlink(missing_ok=True)


def kept_bytes(common_dir: Path) -> int:
    """How much is kept."""
    return sum(file.stat().st_size for file in _notes(common_dir))


def _notes(common_dir: Path) -> list[Path]:
    """Also what Tab notes: see `cli/ids.py`."""
    return [file for pattern in ("listing-*", "ids-*") for file in (common_dir / FOLDER).glob(pattern)]


def _noted(parts: list[Any]) -> Noted:
    total, head, staged, folders, rows = parts
    return Noted(
        total,
        head,
        staged,
        {path: (at[0], at[1], at[2]) if at else None for path, at in folders.items()},
        {path: (blob, there) for path, (blob, there) in rows.items()},
    )
