"""The files of a working tree, derived from its last known state and from what has changed since.

Names: a folder with unchanged inode and times has unchanged names; other folders are read again. Blobs: Git's index
equals its commit except for what `git status` reports; two commits differ as `git diff-tree` reports. Only for
registries of plain files: if there is anything else, on disk or in Git's index, the answer is None and everything must
be read.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping, Set
from pathlib import Path
from typing import TypeAlias

from smartreg.gitio import GitFailed, PendingChanges, PendingReads, Repo, Status
from smartreg.index import Index, IndexedState, load_state, peek_states, store_state
from smartreg.index.mtime import has_foreign_clock, is_reliable
from smartreg.trees.folders import Stamp, at_top, reliable_stamp, stamp
from smartreg.trees.indexed import IndexedFiles, StateNote, decode_note, encode_note
from smartreg.trees.objects import conversion
from smartreg.trees.tree import FOLDERS, SETTINGS, File, Listing, Plain, decode_name, encode_path, name_fault

FOLDER = "smartreg"  # in the Git directory of a working tree
_SUM = 20  # bytes of a checksum
_SHARE = 8  # one differing file in this many: from there on, a state is stored anew

Standing: TypeAlias = tuple[str | None, bool]
"""The blob that Git's index has, and whether the file is there."""


class _Odd(Exception):
    """Something other than plain files."""


def list_from_index(repo: Repo, pending: PendingReads, index: Index) -> Listing | None:
    """The files, derived from the index; None if everything must be read."""
    kept = load_state_of(index, repo)
    if kept is None:
        return None
    state, before = kept
    rows = _Rows(state, before.apart)
    try:  # while Git works on earlier questions
        way = None if repo.index_sum()[0] == before.sum else _way(repo, before.head)
        folders = _folders(repo, before.folders, rows)
        status = pending.status(repo.prefix)
        total, written = repo.index_sum()
        sure = is_reliable(pending.began, written)
        if not total or status.head is None or status.unmerged or status.intended:
            return None
        if not sure or total != before.sum:
            if not pending.is_plain():
                return None
            _index(repo, rows, before, status, way)
        _refuse_others(repo, rows, status)
    except (_Odd, GitFailed, OSError):
        return None
    known = IndexedFiles(state, before)
    present = {path: File(path, blob) if there else None for path, (blob, there) in rows.changes.items()}
    listed = known.with_changes(present)
    converted = conversion(repo, listed.outline.others, pending.converting)
    if converted.other:
        return None
    apart = {path: there for path, (blob, there) in rows.changes.items() if there != (blob is not None)}
    now = before._replace(sum=total, head=status.head, staged=heads(status), folders=folders, apart=apart)
    stored = (
        _store(index, known, now, rows.blobs(), pending.began) if sure and (now != before or rows.blobs()) else None
    )
    if stored is not None:
        state, now = stored
        rows = _Rows(state, now.apart)
    top = os.fsencode(repo.root) if converted.length else None
    base = IndexedFiles(state, now, top, total if sure else "")
    return base.with_changes(_changes(rows.changes, status, base))


def load_state_of(index: Index, repo: Repo) -> tuple[IndexedState, StateNote] | None:
    """The state in the index, if it is of this working tree."""
    state = load_state(index)
    seen = decode_note(state.note) if state is not None else None
    return (state, seen) if state is not None and seen is not None and seen.place == place_of(repo) else None


def is_likely_described(git_dir: Path) -> bool:
    """Whether an index in `git_dir` was probably written for the present content of Git's index. Only a hint: Git is
    asked later. False if `git_dir` is none."""
    try:
        with open(git_dir / "index", "rb") as file:
            file.seek(-_SUM, os.SEEK_END)
            total = file.read().hex().encode()
    except OSError:
        return False
    return any(total in said for said in peek_states(git_dir / FOLDER))


def place_of(repo: Repo) -> tuple[str, ...]:
    """The identity of a working tree, different for a copy of it."""
    names = (os.fsencode(repo.root), os.fsencode(repo.git_dir))
    return (*(name.decode("utf-8", "backslashreplace") for name in names), repo.object_format())


def store_state_of(
    index: Index, seen: StateNote, blobs: Mapping[str, str], began: int
) -> tuple[IndexedState, StateNote] | None:
    """Store the content of Git's index (`blobs`) with its note; None if that fails."""
    state = store_state(index, blobs, encode_note(seen))
    return None if state is None else _forget_foreign_stamps(index, state, seen, began)


def _store(
    index: Index, known: IndexedFiles, seen: StateNote, blobs: Mapping[str, str | None], began: int
) -> tuple[IndexedState, StateNote] | None:
    """Store how Git's index differs from the known state, with its note; None if that fails."""
    tracked = known.with_changes({path: None if blob is None else File(path, blob) for path, blob in blobs.items()})
    if len(blobs) * _SHARE > len(known):
        every = Plain((path, tracked[path]) for path in tracked)
        seen = seen._replace(outline=every.outline, usual=every.usual)
        return store_state_of(index, seen, {path: file.blob or "" for path, file in every.items()}, began)
    seen = seen._replace(outline=tracked.outline, usual=tracked.usual)
    after = known.state.update(blobs, encode_note(seen))
    return None if after is None else _forget_foreign_stamps(index, after, seen, began)


def _forget_foreign_stamps(
    index: Index, state: IndexedState, seen: StateNote, began: int
) -> tuple[IndexedState, StateNote]:
    """Forget the stamps if times come from another clock than ours, as on a network disk: recent changes of folders
    cannot be recognised, so names are read again each time."""
    if not has_foreign_clock(index.write_time_ns(), began):
        return state, seen
    unsure = seen._replace(folders=dict.fromkeys(seen.folders))
    after = state.update({}, encode_note(unsure))
    return (state, seen) if after is None else (after, unsure)


def heads(status: Status) -> dict[str, str | None]:
    """The blobs in HEAD of the staged paths."""
    return {path: staged.before for path, staged in status.staged.items()}


def _way(repo: Repo, head: str) -> tuple[str, PendingChanges] | None:
    """The commit of HEAD, and the pending question in what it differs from another one."""
    now = repo.head()
    return (now, repo.ask_changed(head, now)) if now is not None and now != head else None


def _index(repo: Repo, rows: _Rows, before: StateNote, status: Status, way: tuple[str, PendingChanges] | None) -> None:
    """Apply what has changed in Git's index. _Odd for anything but a plain file."""
    assert status.head is not None
    for path, blob in before.staged.items():
        rows.set_indexed(path, blob)
    if status.head != before.head:
        running = way[1] if way is not None and way[0] == status.head else repo.ask_changed(before.head, status.head)
        for change in running.result():
            _refuse_odd(change.mode_after)
            rows.set_indexed(change.path, change.after)
    for path, staged in status.staged.items():
        _refuse_odd(staged.mode if staged.blob else None)
        rows.set_indexed(path, staged.blob)


def _refuse_others(repo: Repo, rows: _Rows, status: Status) -> None:
    """Refuse files that are no plain files any more, where Git does not report it."""
    top = os.fsencode(repo.root)
    for path in status.modified | status.deleted | rows.files_not_in_index():
        if rows.is_there(path) and not stat.S_ISREG(os.lstat(top + b"/" + encode_path(path)).st_mode):
            raise _Odd


def _refuse_odd(mode: str | None) -> None:
    if mode is not None and not mode.startswith("100"):
        raise _Odd


class _Rows:
    """How files differ from the state: their blobs in Git's index, and whether they are on disk."""

    def __init__(self, state: IndexedState, apart: Mapping[str, bool]) -> None:
        self._state = state
        self.changes: dict[str, Standing] = {path: (self._blob(path), there) for path, there in apart.items()}

    def blobs(self) -> dict[str, str | None]:
        """The files with another blob in Git's index than in the state; None for a file that it does not have."""
        return {path: blob for path, (blob, _) in self.changes.items() if blob != self._blob(path)}

    def set_indexed(self, path: str, blob: str | None) -> None:
        """Record the entry of a path in Git's index."""
        self._set(path, (blob, self._look(path)[1]))

    def there(self, path: str, there: bool) -> None:
        """Record whether the file is on disk."""
        self._set(path, (self._look(path)[0], there))

    def names(self, folder: str) -> set[bytes]:
        """The names of the files directly in a folder."""
        found = {encode_path(path) for path in self._state.inside(folder)}
        for path, (_, there) in self.changes.items():
            if path.rpartition("/")[0] == folder:
                (found.add if there else found.discard)(encode_path(path))
        return found

    def is_there(self, path: str) -> bool:
        """Whether the file is on disk."""
        return self._look(path)[1]

    def files_not_in_index(self) -> set[str]:
        """The files that are not in Git's index."""
        return {path for path, (blob, _) in self.changes.items() if blob is None}

    def _set(self, path: str, standing: Standing) -> None:
        if standing == self._recall(path):
            self.changes.pop(path, None)
        else:
            self.changes[path] = standing

    def _look(self, path: str) -> Standing:
        return self.changes[path] if path in self.changes else self._recall(path)

    def _recall(self, path: str) -> Standing:
        blob = self._blob(path)
        return blob, blob is not None

    def _blob(self, path: str) -> str | None:
        row = self._state.row(path)
        return None if row is None else row.blob


def _folders(repo: Repo, before: Mapping[str, Stamp | None], rows: _Rows) -> dict[str, Stamp | None]:
    """The present stamps of the folders; the names in changed folders are read."""
    top = os.fsencode(repo.root)
    if any(at_top(top, folder) not in (None, "directory") for folder in repo.folders):
        raise _Odd
    now: dict[str, Stamp | None] = {}
    tops = (*FOLDERS, *repo.folders)
    waiting = [*before, *(folder for folder in tops if folder not in before and at_top(top, folder) is not None)]
    while waiting:
        folder = waiting.pop()
        names: set[bytes] = set()
        known = None
        try:
            began, current = time.time_ns(), stamp(top, folder)
        except FileNotFoundError:
            pass
        else:
            if current == before.get(folder):
                now[folder] = current
                continue
            now[folder] = reliable_stamp(began, current)
            known = rows.names(folder)
            names, folders = _names(top, folder, known)
            waiting += (inner for inner in folders if inner not in before and inner not in now)
        for name in (rows.names(folder) if known is None else known) ^ names:
            rows.there(decode_name(name), name in names)
    settings = at_top(top, SETTINGS)
    if settings:
        raise _Odd
    rows.there(SETTINGS, settings is not None)
    return now


def _names(top: bytes, folder: str, known: Set[bytes]) -> tuple[set[bytes], list[str]]:
    """The files and folders in a folder. What is `known` was a file before: if it is none any more, Git reports a
    change."""
    start = encode_path(folder) + b"/"
    names = {start + name for name in os.listdir(top + b"/" + start)}
    folders = []
    for name in names - known:
        mode = os.lstat(top + b"/" + name).st_mode
        path = decode_name(name)
        if name.endswith(b"/.git") or name_fault(path) or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise _Odd
        if stat.S_ISDIR(mode):
            folders.append(path)
    return names.difference(map(encode_path, folders)), folders


def _changes(rows: Mapping[str, Standing], status: Status, base: IndexedFiles) -> dict[str, File | None]:
    """The files that differ from the state; those that Git reports as changed have no known blob."""
    unsure = status.modified | status.deleted
    changes: dict[str, File | None] = {path: File(path, None) for path in unsure if path in base}
    for path, (blob, there) in rows.items():
        changes[path] = base.file(path, None if path in unsure else blob) if there else None
    return changes
