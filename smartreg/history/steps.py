"""The commits that touched records: the files of the records before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from heapq import heappop, heappush
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from smartreg.core.values import RecordId
from smartreg.gitio import Commit, Repo
from smartreg.history.commits import FileVersion, History, renamed_paths, versions_of
from smartreg.registry import Locator, record_at
from smartreg.schema import Schemas

Day: TypeAlias = date  # what has a `date` of its own calls the type so
# Of a commit at which the history was cut off: what it says may be true of other records and fields alone.
CUT_OFF: Mapping[str, Any] = MappingProxyType({"op": "add", "manual": False, "reason": None, "or_before": True})
CORRECT, MANUAL, MERGE, UNDO = "correct", "manual", "merge", "undo"
OPERATIONS = (
    "init",
    "add",
    "set",
    "edit",
    "correct",
    "retire",
    "move",
    "transfer",
    "replace",
    "rename",
    "remove",
    "import",
    "amend",
    "renew",
    "terminate",
    "annex",
    "agree",
    "withdraw",
    "undo",
    "schema",
    "merge",
    "manual",
)


class Touch(NamedTuple):
    """A record in a commit: path and blob before and after; None if absent."""

    rid: RecordId
    before: tuple[str, str] | None
    after: tuple[str, str] | None


class Step(NamedTuple):
    """A commit and the records that it touched."""

    commit: Commit
    touches: tuple[Touch, ...]

    @property
    def conventions(self) -> tuple[str, ...]:
        """The conventions that any set of trailers names."""
        return tuple(dict.fromkeys(name for operation in self.commit.operations for name in operation.conventions))


def steps_of(past: History, schemas: Schemas, record: RecordId | None, start: str) -> list[Step]:
    """Every commit that touched a record, newest first; of merges, only what no parent has."""
    return list(_steps(past, schemas, record, start, own=True))


def steps_touching(past: History, schemas: Schemas, record: RecordId | None, start: str) -> Iterator[Step]:
    """Every commit that touched a record (one, through its renames, or any), newest first, children before their
    parents; merges with all that differs from their first parent."""
    return _steps(past, schemas, record, start, own=False)


def records_of(versions: Iterable[FileVersion], schemas: Schemas) -> Iterator[tuple[FileVersion, RecordId]]:
    """The record of each file, by its path, according to the present schemas. It does not depend on anything later:
    what was computed from a commit stays valid."""
    locator = Locator(schemas)
    return ((version, rid) for version in versions if (rid := locator.rid_of(version.path)) is not None)


def _steps(past: History, schemas: Schemas, record: RecordId | None, start: str, *, own: bool) -> Iterator[Step]:
    versions = records_of(past.versions(start), schemas) if record is None else _follow(past, schemas, record, start)
    by_commit = {oid: list(some) for oid, some in groupby(versions, lambda one: one[0].commit)}
    facts = past.commits(start, by_commit)
    for oid, some in by_commit.items():
        touches = _touches(some, own)
        if touches:
            yield Step(facts[oid].commit, touches)


def _follow(past: History, schemas: Schemas, record: RecordId, start: str) -> list[tuple[FileVersion, RecordId]]:
    """The versions of a record, newest first; before a rename by smartreg, those under its former id."""
    places = past.line(start).places
    steps: list[tuple[FileVersion, RecordId]] = []
    followed: set[RecordId] = set()
    ahead = [(0, record)]
    while ahead:
        since, rid = heappop(ahead)
        if rid in followed:
            continue
        followed.add(rid)
        own = [pair for pair in records_of(past.versions(start, (rid.id,)), schemas) if pair[1] == rid]
        own = [pair for pair in own if places[pair[0].commit] >= since]
        steps += own
        for oid, commit_facts in past.commits(start, {version.commit for version, _ in own}).items():
            if commit_facts.renamed and record_at(commit_facts.renamed[1], schemas) == rid:
                former = record_at(commit_facts.renamed[0], schemas)
                if former is not None:
                    heappush(ahead, (places[oid], former))
    return sorted(steps, key=lambda pair: (places[pair[0].commit], pair[0].path))


def steps_along(repo: Repo, schemas: Schemas, paths: Sequence[str], start: str) -> list[Step]:
    """Every commit that touched the record in these files, newest first, as `steps_of` gives them, but read for it
    alone: along the files and, where a commit brought one in from another folder or id, along the former one. What lay
    in another folder and was removed in a commit before is not found."""
    commits: dict[str, Commit] = {}
    versions: dict[str, dict[str, FileVersion]] = {}
    followed: set[tuple[str, str]] = set()
    ahead = [(start, path) for path in paths]
    while ahead:
        since, path = ahead.pop()
        if (since, path) in followed:
            continue
        followed.add((since, path))
        arrivals: list[str] = []
        for commit in repo.read_commits(repo.commit_ids((path,), since), (path,)):
            commits[commit.oid] = commit
            for _, version in versions_of(commit):
                versions.setdefault(commit.oid, {})[path] = version
                if version.before is None and commit.parents:
                    arrivals.append(commit.oid)
        ahead += [
            (commit.oid, former) for commit in repo.read_commits(arrivals) for former in _former(commit, path, schemas)
        ]
    order = repo.parents(start)
    steps = (
        Step(commits[oid], _touches(records_of(sorted(versions[oid].values()), schemas), own=True))
        for oid in order
        if oid in versions
    )
    return [step for step in steps if step.touches]


def steps_of_commits(repo: Repo, schemas: Schemas, oids: Sequence[str]) -> Iterator[Step]:
    """These commits with the records that they touched, as `steps_of` gives them, without those that touched none."""
    for commit in repo.read_commits(oids):
        touches = _touches(records_of((version for _, version in versions_of(commit)), schemas), own=True)
        if touches:
            yield Step(commit, touches)


def _former(commit: Commit, path: str, schemas: Schemas) -> Iterator[str]:
    """Where a commit took the record from that it brought in at a path: by a rename of smartreg, or a move."""
    renamed = renamed_paths(commit)
    if renamed is not None and renamed[1] == path:
        yield renamed[0]
    for change in commit.changes:
        if change.after is None and record_at(change.path, schemas) == record_at(path, schemas):
            yield change.path


def _touches(versions: Iterable[tuple[FileVersion, RecordId]], own: bool) -> tuple[Touch, ...]:
    """The records of a commit: a file removed and one added under the same id are one record that moved."""
    sides: dict[RecordId, list[tuple[str, str] | None]] = {}
    owned: set[RecordId] = set()
    for version, rid in versions:
        pair = sides.setdefault(rid, [None, None])
        if version.before is not None:
            pair[0] = (version.path, version.before)
        if version.after is not None:
            pair[1] = (version.path, version.after)
        if version.own:
            owned.add(rid)
    return tuple(
        Touch(rid, before, after)
        for rid, (before, after) in sorted(sides.items())
        if _differ(before, after) and (rid in owned or not own)
    )


def _differ(before: tuple[str, str] | None, after: tuple[str, str] | None) -> bool:
    """Whether the texts differ: not just the folder or the mode, and not absent on both sides."""
    return (before and before[1]) != (after and after[1])
