"""What stands in a working tree, told from what stood there before and from what has changed since.

Names: a folder that has the time of change and the inode of before has the names of before; all others are read again.
Blobs: Git's index holds what its commit holds, but for what `git status` says; a commit differs from another one as
`git diff-tree` says. Only for registries of plain files: where anything else stands or is in the index, None says that
everything has to be looked at.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping, Set

from smartreg.gitio import Asked, GitFailed, Repo, Running, Status, read_changes
from smartreg.grain import settled
from smartreg.trees.conversion import conversion
from smartreg.trees.folders import Stamp, at_top, stamp, steady
from smartreg.trees.listing import Listing, outlined
from smartreg.trees.noted import Noted, Seen, Shelf
from smartreg.trees.table import Table
from smartreg.trees.tabled import Tabled, table_of
from smartreg.trees.tree import FOLDERS, SETTINGS, File, decoded, encoded, name_fault

_FEW = 256  # so many files may always differ from the table before it is made anew
_SHARE = 8  # or one in so many


class _Odd(Exception):
    """Something else than plain files."""


def remembered(repo: Repo, asked: Asked) -> Listing | None:
    """The files, where a note tells of them; None where everything has to be looked at."""
    shelf = Shelf(repo)
    kept = shelf.recall()
    if kept is None:
        return None
    table, before = kept
    rows = _Rows(table, before.rows)
    try:
        # While Git works on what it was asked before.
        way = None if repo.index_sum()[0] == before.sum else _way(repo, before.head)
        folders = _folders(os.fsencode(repo.root), before.folders, rows)
        status = asked.status(repo.prefix)
        index, written = repo.index_sum()
        sure = settled(asked.began, written)
        if not index or status.head is None or status.unmerged or status.intended:
            return None
        if not sure or index != before.sum:
            if not asked.is_plain():
                return None
            _index(repo, rows, before, status, way)
        _refuse_others(repo, rows, status)
    except (_Odd, GitFailed, OSError):
        return None
    noted = Noted(index, status.head, heads(status), folders, rows.changes)
    base = Tabled(table)
    others = [*base.outline.others, *outlined(noted.rows).others]
    converted = conversion(repo, others, asked.converting)
    if converted.other:
        return None
    if converted.length:
        base = Tabled(table, os.fsencode(repo.root), index if sure else "")
    if noted != before and sure:
        keep(shelf, noted, table)
    return base.altered(_changes(noted.rows, status, base))


def keep(shelf: Shelf, noted: Noted, table: Table) -> None:
    """Keep a note; with a new table where too much differs from the one there is."""
    if len(noted.rows) <= max(_FEW, len(table) // _SHARE):
        return shelf.keep(noted, table)
    blobs = dict(table.rows())
    for path, (blob, _) in noted.rows.items():
        blobs.pop(path, None)
        if blob is not None:
            blobs[path] = blob
    there = {path: there for path, (_, there) in noted.rows.items()}
    return keep_anew(shelf, noted, blobs, there)


def keep_anew(shelf: Shelf, noted: Noted, blobs: Mapping[str, str], there: Mapping[str, bool]) -> None:
    """Keep a note, and a table of all that the index has; `there`: whether files stand in the working tree, where that
    is not as the index has it."""
    block = table_of(sorted(blobs.items()))
    rows: dict[str, Seen] = {}
    for path, stands in there.items():
        if stands != (path in blobs):
            rows[path] = blobs.get(path), stands
    shelf.keep(noted._replace(rows=rows), Table(block), block)


def heads(status: Status) -> dict[str, str | None]:
    """What HEAD has of the paths that are staged."""
    return {path: staged.before for path, staged in status.staged.items()}


def _way(repo: Repo, head: str) -> tuple[str, Running] | None:
    """The commit that HEAD is at, and the question, under way, in what it differs from another one."""
    now = repo.head()
    return (now, repo.ask_changed(head, now)) if now is not None and now != head else None


def _index(repo: Repo, rows: _Rows, before: Noted, status: Status, way: tuple[str, Running] | None) -> None:
    """Bring in what Git's index has otherwise than before. _Odd where that is no plain file."""
    assert status.head is not None
    for path, blob in before.staged.items():
        rows.indexed(path, blob)
    if status.head != before.head:
        asked = way[1] if way is not None and way[0] == status.head else repo.ask_changed(before.head, status.head)
        for change in read_changes(asked.result()):
            _refuse_odd(change.mode_after)
            rows.indexed(change.path, change.after)
    for path, staged in status.staged.items():
        _refuse_odd(staged.mode if staged.blob else None)
        rows.indexed(path, staged.blob)


def _refuse_others(repo: Repo, rows: _Rows, status: Status) -> None:
    """Refuse what is no plain file any more, where Git does not tell that it is."""
    top = os.fsencode(repo.root)
    for path in status.modified | status.deleted | rows.unknown():
        if rows.stands(path) and not stat.S_ISREG(os.lstat(top + b"/" + encoded(path)).st_mode):
            raise _Odd


def _refuse_odd(mode: str | None) -> None:
    if mode is not None and not mode.startswith("100"):
        raise _Odd


class _Rows:
    """Which files differ from the table: what the index has of them, and whether they are there."""

    def __init__(self, table: Table, changes: Mapping[str, Seen]) -> None:
        self._table = table
        self.changes = dict(changes)

    def indexed(self, path: str, blob: str | None) -> None:
        """The index has this of the path."""
        self._say(path, (blob, self._seen(path)[1]))

    def there(self, path: str, there: bool) -> None:
        """The file stands there, or does not."""
        self._say(path, (self._seen(path)[0], there))

    def names(self, folder: str) -> set[bytes]:
        """The files that stand in a folder by itself."""
        found = self._table.inside(encoded(folder))
        for path, (_, there) in self.changes.items():
            if path.rpartition("/")[0] == folder:
                (found.add if there else found.discard)(encoded(path))
        return found

    def stands(self, path: str) -> bool:
        """Whether the file is there."""
        return self._seen(path)[1]

    def unknown(self) -> set[str]:
        """The files that are not in the index."""
        return {path for path, (blob, _) in self.changes.items() if blob is None}

    def _say(self, path: str, seen: Seen) -> None:
        if seen == self._told(path):
            self.changes.pop(path, None)
        else:
            self.changes[path] = seen

    def _seen(self, path: str) -> Seen:
        return self.changes[path] if path in self.changes else self._told(path)

    def _told(self, path: str) -> Seen:
        row = self._table.row(path)
        return (None, False) if row is None else (self._table.blob(row), True)


def _folders(top: bytes, before: Mapping[str, Stamp | None], rows: _Rows) -> dict[str, Stamp | None]:
    """How the folders stand now; the names of those that stand otherwise than before are read."""
    now: dict[str, Stamp | None] = {}
    waiting = [*before, *(folder for folder in FOLDERS if folder not in before and at_top(top, folder) is not None)]
    while waiting:
        folder = waiting.pop()
        names: set[bytes] = set()
        known = None
        try:
            began, stands = time.time_ns(), stamp(top, folder)
        except FileNotFoundError:
            pass
        else:
            if stands == before.get(folder):
                now[folder] = stands
                continue
            now[folder] = steady(began, stands)
            known = rows.names(folder)
            names, folders = _names(top, folder, known)
            waiting += (inner for inner in folders if inner not in before and inner not in now)
        for name in (rows.names(folder) if known is None else known) ^ names:
            rows.there(decoded(name), name in names)
    settings = at_top(top, SETTINGS)
    if settings:
        raise _Odd
    rows.there(SETTINGS, settings is not None)
    return now


def _names(top: bytes, folder: str, known: Set[bytes]) -> tuple[set[bytes], list[str]]:
    """The files and the folders in a folder. What is `known` was a file before: if it is none any more, Git calls it
    changed."""
    start = encoded(folder) + b"/"
    names = {start + name for name in os.listdir(top + b"/" + start)}
    folders = []
    for name in names - known:
        mode = os.lstat(top + b"/" + name).st_mode
        path = decoded(name)
        if name.endswith(b"/.git") or name_fault(path) or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise _Odd
        if stat.S_ISDIR(mode):
            folders.append(path)
    return names.difference(map(encoded, folders)), folders


def _changes(rows: Mapping[str, Seen], status: Status, base: Tabled) -> dict[str, File | None]:
    """The files that are not as the table has them: what Git calls changed has no known blob."""
    unsure = status.modified | status.deleted
    changes: dict[str, File | None] = {path: File(path, None) for path in unsure if path in base}
    for path, (blob, there) in rows.items():
        changes[path] = base.file(path, None if path in unsure else blob) if there else None
    return changes
