"""The files of a working tree, derived from those that the index describes and from what has changed since.

A path that `git status` did not name then and does not name now, and in which the two commits of HEAD do not differ, is
as it was. All others are looked at on the disk. Git does not name pipes, sockets and what it ignores: names are read
again in each folder whose times or inode have changed, and files that HEAD does not have are looked at each time.

Only for registries of plain files: if there is anything else, on disk or in Git's index, the answer is None and
everything must be read.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from smartreg.core.errors import StateFault
from smartreg.gitio import FileChange, GitFailed, PendingReads, Repo, Status, blob_id
from smartreg.gitio.objects import ObjectFormat
from smartreg.index import UNKNOWN, Index, IndexedState, Refresh, Stamp, id_of, index_files, load_state, store_state
from smartreg.index.mtime import has_foreign_clock, is_reliable
from smartreg.trees.folders import at_top, read_files, reliable_stamp, stamp
from smartreg.trees.indexed import IndexedFiles, StateNote
from smartreg.trees.objects import conversion
from smartreg.trees.tree import (
    FOLDERS,
    MAX_BYTES,
    SETTINGS,
    File,
    Listing,
    all_usual,
    decode_name,
    encode_path,
    name_fault,
)

FOLDER = "smartreg"  # in the Git directory of a working tree
_ATTEMPTS = 2  # another process may describe another state meanwhile


class _Odd(Exception):
    """Something other than plain files."""


def list_from_index(
    repo: Repo, pending: PendingReads, index: Index, relist: Callable[[], Mapping[str, str]]
) -> IndexedFiles | None:
    """The files, derived from the index; None if everything must be read. `relist` does that, if the index goes away
    later: it gives the state of each file (`state_of`)."""
    try:
        for _ in range(_ATTEMPTS):
            state = load_state_of(index, repo, relist)
            if state is None:
                return None
            files = _refresh(repo, pending, state)
            if files is not None:
                return files
    except (_Odd, GitFailed, OSError):
        pass
    return None


def load_state_of(index: Index, repo: Repo, relist: Callable[[], Mapping[str, str]] = dict) -> IndexedState | None:
    """The state in the index, if it is of this working tree."""
    state = load_state(index, relist)
    return state if state is not None and StateNote.decode(state.note).place == place_of(repo) else None


def described_files(repo: Repo, index: Index) -> IndexedFiles | None:
    """The files as the index described them last, whatever has changed since; None if it describes none."""
    state = load_state_of(index, repo)
    return None if state is None else IndexedFiles(state, StateNote.decode(state.note))


def index_of(repo: Repo) -> Index:
    """The index of a working tree: in its own Git directory, not in the one that several share."""
    return Index.open(repo.git_dir / FOLDER, "\0".join((repo.prefix, *repo.folders)))


def files_of_head(state: IndexedState) -> tuple[str, Listing]:
    """The commit that was HEAD when a state was described, and its files: those of the state, but for what differs."""
    note = StateNote.decode(state.note)
    changes = {path: None if blob is None else File(path, blob) for path, blob in state.dirty().items()}
    return note.head, IndexedFiles(state, note).with_changes(changes)


def has_index(git_dir: Path) -> bool:
    """Whether an index is stored in `git_dir`; False if that is none."""
    return any(index_files(git_dir / FOLDER))


def place_of(repo: Repo) -> tuple[str, ...]:
    """The identity of a working tree, different for a copy of it."""
    names = (os.fsencode(repo.root), os.fsencode(repo.git_dir))
    return (*(name.decode("utf-8", "backslashreplace") for name in names), repo.object_format())


def state_of(file: File) -> str:
    """The state of a file in the index: its blob, without length."""
    return file.blob or UNKNOWN


def store_head(repo: Repo, status: Status, index: Index, indexed: Mapping[str, str], *, sized: bool) -> bool:
    """Describe the files of HEAD, from which `list_from_index` derives those on the disk. `indexed`: the blobs in Git's
    index; `sized`: whether Git may convert line ends. False if that is impossible."""
    if status.head is None or status.intended or status.unmerged:
        return False
    blobs = {**indexed, **{path: staged.before for path, staged in status.staged.items()}}
    top = os.fsencode(repo.root)
    states = {path: _with_size(top, path, blob) if sized else blob for path, blob in blobs.items() if blob is not None}
    note = StateNote(place_of(repo), "", status.head, all_usual(states), sized, "")
    return store_state(index, states, note.encode())


def _refresh(repo: Repo, pending: PendingReads, state: IndexedState) -> IndexedFiles | None:
    """Bring a state up to date, and store it; None if that failed. _Odd for anything but plain files."""
    then = StateNote.decode(state.note)
    total = repo.index_sum()[0]
    if total != then.sum:
        pending.ask_listing()
    names = _Names(repo, state)
    status = pending.status(repo.prefix)
    total, written = repo.index_sum()
    if not total or status.head is None or status.unmerged or status.intended:
        raise _Odd
    seen = total if is_reliable(pending.began, written) else ""
    if seen != then.sum and not pending.is_plain():
        raise _Odd
    present = [*(path for path in state.others() if path not in names.gone), *names.new]
    converted = conversion(repo, present, pending.converting)
    if converted.other or converted.length != then.sized:
        raise _Odd
    changes = _Changes(state, status, _changes_of_head(repo, then.head, status.head))
    suspects = names.new | names.gone | changes.paths
    known = state.states(suspects)
    heads = {path: changes.head_of(path, known) for path in suspects}
    unsure = {path for path in suspects if path in changes.named or heads[path] is None}
    states = _look(repo, unsure, sized=then.sized)
    top = os.fsencode(repo.root)
    for path in suspects - unsure:
        blob = heads[path] or ""
        states[path] = _with_size(top, path, blob) if then.sized else blob
    dirty = {path: heads[path] for path in unsure if path in states or heads[path] is not None}
    fresh = {path: states.get(path) for path in suspects if states.get(path) != known.get(path)}
    note = then._replace(sum=seen, head=status.head, usual=then.usual and all_usual(fresh))
    if fresh or note != then or names.folders != names.before or dirty != changes.dirty:
        if not state.update(Refresh(fresh, names.folders, dirty, note.encode())):
            return None
        if state.index.in_memory:  # the file was damaged
            raise _Odd
        if has_foreign_clock(state.index.write_time_ns(), pending.began):
            # Times come from another clock than ours, as on a network disk: names are read again each time.
            state.update(Refresh({}, dict.fromkeys(names.folders), None, note.encode()))
    return IndexedFiles(state, note, top if then.sized else None)


def _changes_of_head(repo: Repo, then: str, now: str) -> Mapping[str, FileChange]:
    """The differences between two commits. _Odd for anything but plain files."""
    changes = {change.path: change for change in (repo.changes(then, now) if now != then else ())}
    for change in changes.values():
        _refuse_odd(change.mode_after)
    return changes


def _refuse_odd(mode: str | None) -> None:
    if mode is not None and not mode.startswith("100"):
        raise _Odd


@dataclass
class _Changes:
    """The files that Git names: the differences between the commits of HEAD then and now, and those from HEAD now."""

    state: IndexedState
    status: Status
    commits: Mapping[str, FileChange]
    named: Set[str] = field(init=False)
    dirty: Mapping[str, str | None] = field(init=False)

    def __post_init__(self) -> None:
        for staged in self.status.staged.values():
            _refuse_odd(staged.mode if staged.blob else None)
            _refuse_odd(staged.mode_before if staged.before else None)
        self.named = self.status.modified | self.status.deleted | self.status.staged.keys()
        self.dirty = self.state.dirty()

    @property
    def paths(self) -> Set[str]:
        """Every file that may not be as it was."""
        return self.named | self.dirty.keys() | self.commits.keys()

    def head_of(self, path: str, known: Mapping[str, str]) -> str | None:
        """The blob of a file in HEAD. `known`: the states of files then, which HEAD had if they were not dirty."""
        if path in self.commits:
            return self.commits[path].after
        return self.dirty[path] if path in self.dirty else known[path].partition(":")[0] if path in known else None


def _look(repo: Repo, paths: Collection[str], *, sized: bool) -> dict[str, str]:
    """The states of those of these files that are on the disk. _Odd if one is no plain file."""
    top = os.fsencode(repo.root)
    states = {}
    for path in paths:
        try:
            mode = os.lstat(top + b"/" + encode_path(path)).st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        if not stat.S_ISREG(mode):
            raise _Odd
        states[path] = UNKNOWN
    made_of = repo.object_format()
    for path in states:
        if id_of(path) is not None:
            with suppress(StateFault):  # who may not read it learns that when its content is needed
                for _, content in read_files(repo.root, (path,)):
                    if len(content) <= MAX_BYTES:
                        states[path] = _state(content, made_of, sized=sized)
    return states


def _state(content: bytes, made_of: ObjectFormat, *, sized: bool) -> str:
    blob = blob_id(content, made_of)
    return f"{blob}:{len(content)}" if sized else blob


def _with_size(top: bytes, path: str, blob: str) -> str:
    try:
        return f"{blob}:{os.lstat(top + b'/' + encode_path(path)).st_size}"
    except OSError:  # gone: Git will report it
        return f"{blob}:"


class _Names:
    """The names that are `new` or `gone` since a state was described, in folders that have changed; the stamps of all
    `folders`, and those `before`."""

    def __init__(self, repo: Repo, state: IndexedState) -> None:
        top = os.fsencode(repo.root)
        if any(at_top(top, folder) not in (None, "directory") for folder in repo.folders):
            raise _Odd
        self.before = state.folders()
        self.folders: dict[str, Stamp | None] = {}
        self.new: set[str] = set()
        self.gone: set[str] = set()
        tops = (*FOLDERS, *repo.folders)
        waiting = [*self.before, *(each for each in tops if each not in self.before and at_top(top, each) is not None)]
        while waiting:
            folder = waiting.pop()
            try:
                began, current = time.time_ns(), stamp(top, folder)
            except FileNotFoundError:
                names: set[str] = set()
            else:
                if current == self.before.get(folder):
                    self.folders[folder] = current
                    continue
                self.folders[folder] = reliable_stamp(began, current)
                names = {decode_name(name) for name in os.listdir(top + b"/" + encode_path(folder))}
            known = state.inside(folder)
            self.gone |= {f"{folder}/{name}" for name in known - names}
            new, folders = _look_at_names(top, {f"{folder}/{name}" for name in names - known})
            self.new |= new
            waiting += (inner for inner in folders if inner not in self.before and inner not in self.folders)
        settings, was_there = at_top(top, SETTINGS), SETTINGS in state.inside("")
        if settings:
            raise _Odd
        if (settings is not None) != was_there:
            (self.gone if was_there else self.new).add(SETTINGS)


def _look_at_names(top: bytes, paths: Iterable[str]) -> tuple[set[str], list[str]]:
    """The files and the folders among these paths. What was a file before is not among them: if it is none any more,
    Git reports it. _Odd for anything else."""
    files, folders = set(), []
    for path in paths:
        mode = os.lstat(top + b"/" + encode_path(path)).st_mode
        if path.endswith("/.git") or name_fault(path) or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise _Odd
        if stat.S_ISDIR(mode):
            folders.append(path)
        else:
            files.add(path)
    return files, folders
