"""The commits of a repository and the files of records that they changed: read from Git once, then from the index.

A commit never changes. The index stores it by commit, and by the name of the files of a record, in any folder; the
history of HEAD is brought up to date from the last commit that the index knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import date, datetime
from sqlite3 import Connection
from typing import Any, NamedTuple, TypeVar

from smartreg.core.clock import now
from smartreg.gitio import Commit, FileChange, GitFailed, Operation, Repo, commit_days
from smartreg.index import Index, Lost, Unwritable, history
from smartreg.registry import record_name

RENAME = "rename"
REGULAR = ("100644", "100755")  # not links or submodules, which are no records
_FEW = 100  # maximum number of ids stored with a commit
_ATTEMPTS = 5  # an index is lost at most twice in a run, and may fail once to be written

T = TypeVar("T")


class Line(NamedTuple):
    """The commits reachable from one, newest first, no parent before its child: the parents of each, and its
    position."""

    parents: Mapping[str, tuple[str, ...]]
    places: Mapping[str, int]


class FileVersion(NamedTuple):
    """A record file in a commit: blob before and after; None if there was no plain file. `own`: no parent of
    the commit has this version."""

    commit: str
    path: str
    before: str | None
    after: str | None
    own: bool


class CommitFacts(NamedTuple):
    """A commit (without its changes), and their summary: `records`: the number of records it touched per folder;
    `names`: their ids, None if there are many; `renamed`: the old and new path of a rename by smartreg; `in_registry`:
    whether it touched records, schemas or settings at all."""

    commit: Commit
    records: Mapping[str, int]
    names: Sequence[str] | None
    renamed: tuple[str, str] | None
    in_registry: bool


class History:
    """The history of a repository, up to the commit with the id `start`."""

    def __init__(self, repo: Repo, index: Index) -> None:
        self.repo = repo
        # Where the history was cut off, the oldest commits seem to add everything: store nothing.
        self.index = Index.open(None, "") if repo.is_shallow() else index
        self._lines: dict[str, Line] = {}
        self._known: dict[str, CommitFacts] = {}
        self._read: dict[str, Commit] = {}
        self._days: dict[str, Mapping[str, date]] = {}

    def line(self, start: str) -> Line:
        """The commits reachable from `start`. Raises StateFault if parts of the history are missing."""
        if start not in self._lines:
            self.read(start, lambda _connection: None)
        return self._lines[start]

    def commits(self, start: str, oids: Iterable[str] | None = None) -> Mapping[str, CommitFacts]:
        """These commits of the history of `start`, or all of them."""
        line = self.line(start)
        requested = line.places.keys() if oids is None else set(oids)
        missing = [oid for oid in requested if oid not in self._known]
        if missing:
            contents = self.read(start, lambda connection: history.commits(connection, missing))
            self._known |= {oid: _unpack_commit(oid, line.parents[oid], text) for oid, text in contents.items()}
        return {oid: self._known[oid] for oid in requested}

    def with_changes(self, start: str, oids: Sequence[str]) -> list[Commit]:
        """These commits of the history of `start`, in order, with their changes. What was just read for the index is
        not read from Git again."""
        self.line(start)
        read = self._read | {
            commit.oid: commit for commit in self.repo.read_commits([oid for oid in oids if oid not in self._read])
        }
        return [read[oid] for oid in oids]

    def days(self, start: str) -> Mapping[str, date]:
        """The day of each commit of the history of `start` (see `commit_days`)."""
        if start not in self._days:
            self._days[start] = commit_days(self.repo.stamps(start), now())
        return self._days[start]

    def versions(self, start: str, names: Collection[str] | None = None) -> list[FileVersion]:
        """The versions of the files of records with these ids, or all, in the history of `start`: newest first, those
        of one commit by path."""
        contents = self.read(start, lambda connection: history.file_histories(connection, names)).values()
        places = self.line(start).places
        rows = (FileVersion(*row) for content in contents for row in content if row[0] in places)
        return sorted(rows, key=lambda version: (places[version.commit], version.path))

    def read(self, start: str, query: Callable[[Connection], T]) -> T:
        """Read from the index once it contains the history of `start`; it is refilled if it was lost."""
        return self._ask(start, query, Index.reading)

    def write(self, start: str, query: Callable[[Connection], T]) -> T:
        """Like `read`, to store what was computed from that history."""
        return self._ask(start, query, Index.writing)

    def _ask(
        self,
        start: str,
        query: Callable[[Connection], T],
        begin: Callable[[Index], AbstractContextManager[Connection]],
    ) -> T:
        for _ in range(_ATTEMPTS):
            try:
                self._refresh(start)
                with begin(self.index) as connection:
                    return query(connection)
            except Lost:
                self._lines.clear()
            except Unwritable:  # locked by others for long, or disk full: continue without it
                self.index = Index.open(None, "")
                self._lines.clear()
        raise AssertionError("the index lost what was just stored")

    def _refresh(self, start: str) -> None:
        """Read what the index does not know about the history of `start`, and store all of it or nothing."""
        if start in self._lines:
            return
        with self.index.reading() as connection:
            stored = _unpack_walk(history.walk(connection))
        parents = stored if next(iter(stored), None) == start else self._catch_up(start, stored)
        self._lines[start] = Line(parents, {oid: place for place, oid in enumerate(parents)})

    def _catch_up(self, start: str, stored: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        parents = self._parents(start, stored)
        with self.index.reading() as connection:
            there = history.known_commits(connection)
        missing = [oid for oid in parents if oid not in there]
        commits = list(self.repo.read_commits(missing))
        self._read |= {commit.oid: commit for commit in commits}
        is_head = self.repo.head() == start
        with self.index.writing() as connection:
            there = history.known_commits(connection)  # another process may have been here meanwhile
            _store(connection, [commit for commit in commits if commit.oid not in there])
            if is_head:
                history.store_walk(connection, _pack_walk(parents))
        return parents

    def _parents(self, start: str, stored: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        """The commits reachable from `start`, in Git's order; if they directly continue what is stored, Git need not
        walk the rest again."""
        if start in stored:
            past = _straight_line(start, stored)
            return self.repo.parents(start) if past is None else past
        tip = next(iter(stored), None)
        if tip is not None:
            with suppress(GitFailed):  # the commit may be gone, after a rewrite and a clean-up
                new = self.repo.parents(start, (tip,))
                if new and list(new.values()) == [(oid,) for oid in (*list(new)[1:], tip)]:
                    return {**new, **stored}
        return self.repo.parents(start)


def _straight_line(start: str, stored: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]] | None:
    """A commit and its ancestors, with their parents; None where one is a merge: Git alone knows their order."""
    line: dict[str, tuple[str, ...]] = {}
    oids: tuple[str, ...] = (start,)
    while oids:
        if len(oids) > 1:
            return None
        line[oids[0]] = oids = stored[oids[0]]
    return line


def _store(connection: Connection, commits: Sequence[Commit]) -> None:
    """Store new commits, each by its id and in the histories of the names that it touched."""
    history.store_commits(connection, {commit.oid: _pack_commit(commit) for commit in commits})
    new: dict[str, list[FileVersion]] = {}
    for commit in commits:
        for name, version in versions_of(commit):
            new.setdefault(name, []).append(version)
    stored = history.file_histories(connection, new.keys())
    merged = {name: [*stored.get(name, ()), *versions] for name, versions in new.items()}
    history.store_file_histories(connection, merged)


def versions_of(commit: Commit) -> Iterator[tuple[str, FileVersion]]:
    """The record files that a commit changed, each with the id that its name says."""
    merge = len(commit.parents) > 1
    for change in commit.changes:
        name = record_name(change.path)
        before, after = _regular(change)
        if name is not None and (before or after):
            own = not merge or change.path in commit.own
            yield name[1], FileVersion(commit.oid, change.path, before, after, own)


def _regular(change: FileChange) -> tuple[str | None, str | None]:
    """The blobs before and after, of plain files only."""
    before = change.before if change.mode_before in REGULAR else None
    return before, change.after if change.mode_after in REGULAR else None


def renamed_paths(commit: Commit) -> tuple[str, str] | None:
    """The old and new path of the record that smartreg renamed."""
    if RENAME not in commit.ops:
        return None
    sides: dict[tuple[str, str], list[str | None]] = {}
    for change in commit.changes:
        name, (before, after) = record_name(change.path), _regular(change)
        if name is not None:
            pair = sides.setdefault(name, [None, None])
            pair[:] = [change.path if before else pair[0], change.path if after else pair[1]]
    went = [before for before, after in sides.values() if before and not after]
    came = [after for before, after in sides.values() if after and not before]
    return (went[0], came[0]) if len(went) == len(came) == 1 else None


def _pack_commit(commit: Commit) -> tuple[Any, ...]:
    names = {name for change in commit.changes if (name := record_name(change.path)) is not None}
    return (
        *(commit.author_name, commit.author_email, _iso(commit.date), _iso(commit.committed)),
        *(commit.subject, commit.body, commit.trailers, commit.operations, commit.signed),
        *(Counter(folder for folder, _ in names), sorted({name for _, name in names}) if len(names) <= _FEW else None),
        *(renamed_paths(commit), bool(commit.changes)),
    )


def _unpack_commit(oid: str, parents: tuple[str, ...], content: Any) -> CommitFacts:
    name, email, date, committed, subject, body, trailers, operations, signed, *more = content
    records, names, renamed, changed = more
    commit = Commit(
        oid=oid,
        parents=parents,
        author_name=name,
        author_email=email,
        date=datetime.fromisoformat(date) if date else None,
        committed=datetime.fromisoformat(committed) if committed else None,
        subject=subject,
        body=body,
        trailers=tuple((key, value) for key, value in trailers),
        operations=tuple(
            Operation(op, tuple(records), tuple(conventions), reason, undoes, tuple(fields), *rest)
            for op, records, conventions, reason, undoes, fields, *rest in operations
        ),
        signed=signed,
        changes=(),
    )
    return CommitFacts(commit, records, names, (renamed[0], renamed[1]) if renamed else None, changed)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _pack_walk(parents: Mapping[str, tuple[str, ...]]) -> str:
    return "\n".join(" ".join((oid, *parents)) for oid, parents in parents.items())


def _unpack_walk(content: str) -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in content.splitlines())
    return {row[0]: tuple(row[1:]) for row in rows}
