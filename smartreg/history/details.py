"""Changes of each commit, field by field, and when each record entered each status or got a new value of a field.

Computed once, then read from the index. Computing it reads every text of the history and depends on the schemas:
results for other schemas are dropped, and those for schemas of a state other than HEAD stay in memory. The days of
all records are stored for their last commit; later commits are added. Also the corrections recorded in Git's
history, for checking a change of several commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import groupby, islice
from sqlite3 import Connection
from typing import NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.values import Data, Json, Record, RecordId
from smartreg.diff import ABSENT, place_text, same
from smartreg.gitio import Commit, Repo
from smartreg.history.commits import CommitFacts, FileVersion, History
from smartreg.history.entries import LogEntry, entries_of
from smartreg.history.steps import CORRECT, records_of, steps_of
from smartreg.index import Index, history, load_answer, question, store_answer
from smartreg.index.history import Part
from smartreg.registry import Locator, record_at
from smartreg.rules import Corrected
from smartreg.schema import Kind, Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

_COMMITS_AT_ONCE = 500
_RECORDS_IN_A_PART = 1_000


class Detail(NamedTuple):
    """The change of a commit to a record, as its `LogEntry` has it. `fields`: the path of each as people read it, its
    value before and after, None if absent; empty unless requested."""

    commit: str
    rid: RecordId
    op: str
    former: RecordId | None
    conventions: Sequence[str]
    fields: Sequence[tuple[str, Json, Json]]


def details(past: History, schemas: Schemas, start: str, *, fields: bool) -> Iterator[Detail]:
    """The changes of the commits up to `start` to each record, newest first; of a merge only what no parent has."""
    by_commit = None if _is_of_another_state(past, schemas, start) else _parts_by_commit(past, schemas, start, fields)
    if by_commit is None:  # the index is busy with other schemas
        by_commit = _parts_by_commit(History(past.repo, Index.open(None, "")), schemas, start, fields) or {}
    for oid in past.line(start).places:
        for part in by_commit[oid]:
            yield from _unpack(oid, part)


def _is_of_another_state(past: History, schemas: Schemas, start: str) -> bool:
    return past.read(start, history.basis) not in ("", schemas.digest) and past.repo.head() != start


def _parts_by_commit(past: History, schemas: Schemas, start: str, fields: bool) -> Mapping[str, Sequence[Part]] | None:
    """The parts of each commit; None when another process has overwritten them."""
    _work_out(past, schemas, start)

    def parts(connection: Connection) -> Mapping[str, Sequence[Part]] | None:
        if _find_missing(connection, past, schemas, start):
            return None
        rows = history.changes(connection, past.line(start).places, fields=fields)
        return {oid: [part for _, part in some] for oid, some in groupby(rows, lambda row: row[0])}

    return past.read(start, parts)


def _find_missing(connection: Connection, past: History, schemas: Schemas, start: str) -> list[str]:
    """The commits whose changes are not stored for these schemas."""
    stored = history.commits_with_changes(connection) if history.basis(connection) == schemas.digest else ()
    return [oid for oid in past.line(start).places if oid not in stored]


def _work_out(past: History, schemas: Schemas, start: str) -> None:
    """Compute the changes of the commits that lack them, oldest first; what is stored before an interruption stays."""
    missing = dict.fromkeys(past.read(start, lambda connection: _find_missing(connection, past, schemas, start)))
    if not missing:
        return
    steps = [step for step in steps_of(past, schemas, None, start)[::-1] if step.commit.oid in missing]
    by_commit = groupby(entries_of(past.repo, steps, schemas), lambda entry: entry.commit)
    while some := {oid: _pack(list(entries)) for oid, entries in islice(by_commit, _COMMITS_AT_ONCE)}:
        _store(past, schemas, start, some)
        missing = {oid: None for oid in missing if oid not in some}
    _store(past, schemas, start, dict.fromkeys(missing, _pack(())))


def _store(past: History, schemas: Schemas, start: str, parts: Mapping[str, Sequence[Part]]) -> None:
    def write(connection: Connection) -> None:
        if history.basis(connection) != schemas.digest:
            history.begin_changes(connection, schemas.digest)
        for oid, part in parts.items():
            history.store_changes(connection, oid, part)

    past.write(start, write)


def _pack(entries: Sequence[LogEntry]) -> list[Part]:
    groups = [entries[place : place + _RECORDS_IN_A_PART] for place in range(0, len(entries), _RECORDS_IN_A_PART)]
    return [(history.compress(map(_record, some)), history.compress(map(_fields, some))) for some in groups or [()]]


def _record(entry: LogEntry) -> tuple[Json, ...]:
    return (entry.rid, entry.op, entry.former, entry.conventions)


def _fields(entry: LogEntry) -> list[tuple[Json, ...]]:
    sides = ((item.path, item.before, item.after) for item in entry.changes)
    return [(place_text(path), *(None if side is ABSENT else side for side in both)) for path, *both in sides]


def _unpack(oid: str, part: Part) -> Iterator[Detail]:
    records = history.decompress(part[0])
    fields = history.decompress(part[1]) if part[1] else [()] * len(records)
    for (rid, op, former, conventions), changed in zip(records, fields, strict=True):
        yield Detail(oid, RecordId(*rid), op, RecordId(*former) if former else None, conventions, changed)


def corrections_between(repo: Repo, schemas: Schemas, base: str, head: str) -> Corrected:
    """The corrections that commits reachable from the commit `head`, but not from `base`, record (`Smartreg-Op:
    correct`): each record concerned, with the top-level fields that they changed and the reason of the last one. Only
    commits whose messages hold the word are read."""
    oids = repo.search_messages((CORRECT,), head, (base,))
    commits = [commit for commit in repo.read_commits(oids) if CORRECT in commit.ops]
    blobs = {blob for commit in commits for change in commit.changes for blob in (change.before, change.after) if blob}
    texts = dict(repo.blobs(sorted(blobs), READ_LIMIT))
    return {
        pair: commit.reason_of(CORRECT, str(pair[0]))
        for commit in reversed(commits)
        for pair in _corrected_fields(commit, schemas, texts)
    }


def _corrected_fields(commit: Commit, schemas: Schemas, texts: Mapping[str, bytes]) -> Iterator[tuple[RecordId, str]]:
    """The fields that one commit changed in records that exist before and after, in any folder."""
    sides: dict[RecordId, tuple[Data, Data]] = {}
    for change in commit.changes:
        rid = record_at(change.path, schemas)
        if rid is not None:
            was, now = sides.get(rid, ({}, {}))
            was = read(texts[change.before], change.path).data or {} if change.before else was
            now = read(texts[change.after], change.path).data or {} if change.after else now
            sides[rid] = (was, now)
    for rid, (was, now) in sides.items():
        if was and now and commit.did(CORRECT, str(rid)):
            yield from ((rid, name) for name in {*was, *now} if not same(was.get(name), now.get(name)))


class Turn(NamedTuple):
    """The day of the commit in which a record entered a status, or got another value."""

    day: date
    state: str


def states(past: History, schemas: Schemas, kind: Kind, start: str) -> Mapping[str, Sequence[Turn]]:
    """Id → its turns up to the commit `start`, oldest first; only commits that changed the status. A text that is
    unreadable, or names no status, changes nothing. Raises StateFault if parts of the history are missing."""
    return turns(past, schemas, kind, start, kind.lifecycle.field) if kind.lifecycle else {}


def turns(past: History, schemas: Schemas, kind: Kind, start: str, field: str) -> Mapping[str, Sequence[Turn]]:
    """The same for the text in another field."""
    by_record: dict[RecordId, list[Turn]] = {}
    present: dict[RecordId, Json] = {}
    commits, days, merged = past.commits(start), past.days(start), _merged_values(past, schemas, kind, start, field)
    for commit, rid, _, former, _, fields in reversed(list(details(past, schemas, start, fields=True))):
        if rid.kind != kind.name:
            continue
        renamed = former is not None and commits[commit].renamed is not None
        states = by_record.setdefault(rid, list(by_record.get(former, ())) if former and renamed else [])
        values: Sequence[Json] = [after for path, _, after in fields if path == field]
        if former is not None and not values:
            values = [present.get(former)]
        # A merge differs from its first parent in the other side's changes, and may still differ from both.
        values = merged.get((commit, rid), values)
        if values and commit in days:
            present[rid] = values[0]
            if isinstance(values[0], str) and (not states or states[-1].state != values[0]):
                states.append(Turn(days[commit], values[0]))
    return {rid.id: tuple(states) for rid, states in by_record.items()}


def _merged_values(
    past: History, schemas: Schemas, kind: Kind, start: str, field: str
) -> Mapping[tuple[str, RecordId], Sequence[Json]]:
    """The values that merges gave the field of a record, if no parent has the text."""
    parents = past.line(start).parents
    own = [
        (version.commit, rid, version.after)
        for version, rid in records_of(past.versions(start), schemas)
        if rid.kind == kind.name and version.own and version.after and len(parents[version.commit]) > 1
    ]
    texts = past.repo.blobs((blob for *_, blob in own), READ_LIMIT)
    data = [read(text, rid.id).data for (_, rid, _), (_, text) in zip(own, texts, strict=True)]
    return {(commit, rid): [merged.get(field)] for (commit, rid, _), merged in zip(own, data, strict=True) if merged}


FEW = 20  # a commit with more records sweeps the registry, and is about none of them
IMPORT = "import"
# What these change in a record says nothing about the thing that it describes.
_SILENT = frozenset({"correct", "fix", "format", "merge", "rename", "schema", "undo"})


class LastDays(NamedTuple):
    """For a history up to the commit `head`: the day of each record (`kind/id`) as text. `until`: the latest day of any
    commit that counts."""

    head: str
    until: str
    days: Mapping[str, str]


def last_touched(past: History, schemas: Schemas, start: str | None, on: date) -> Callable[[Record], date | None]:
    """The day (see `commit_days`), up to `on`, of the last commit about a record; None if the history (of HEAD, or of
    the commit `start`) has none, or parts of it are missing: then only the record's own dates count. A record is
    touched when it is added, by an import, and by a commit with few records; not by one that sweeps the registry (a
    reformat, rewritten references), nor by a correction, a rename of another record, or an undo, which say nothing
    about the thing itself.
    """

    @cache
    def days() -> Mapping[str, str]:
        head = start or past.repo.head()
        try:
            return _days(past, schemas, head, on.isoformat(), at_head=start is None) if head else {}
        except StateFault:
            return {}

    def day(record: Record) -> date | None:
        written = days().get(str(record.rid))
        return date.fromisoformat(written) if written else None

    return day


def _days(past: History, schemas: Schemas, head: str, on: str, *, at_head: bool) -> Mapping[str, str]:
    name = question("last touched", schemas.digest)
    content = load_answer(past.index, name)
    last_days = LastDays(*content) if content else None
    # A commit of a later day did not count then, or would count now.
    if (
        last_days is None
        or last_days.until > on
        or not (last_days.head == head or past.repo.is_ancestor(last_days.head, head))
    ):
        last_days = LastDays("", "", {})
    if last_days.head == head:
        return last_days.days
    changes = list(_records_of_commits(past, schemas, last_days.head, head))
    days = dict(last_days.days)
    for rid, day in changes:
        if day <= on:
            days[str(rid)] = max(days.get(str(rid), ""), day)
    until = max((last_days.until, *(day for _, day in changes)))
    if until <= on and (at_head or head == past.repo.head()):
        store_answer(past.index, name, (head, until, days))
    return days


def _records_of_commits(past: History, schemas: Schemas, after: str, head: str) -> Iterable[tuple[RecordId, str]]:
    """The records touched by commits reachable from `head`, but not from `after`, each with the day."""
    line = past.line(head)
    new = past.repo.parents(head, (after,)) if after else line.parents
    details_of = past.commits(head, new)
    some = [facts.names for facts in details_of.values()]
    names = None if None in some else {name for listed in some for name in listed or ()}
    changes = [changed for changed in records_of(past.versions(head, names), schemas) if changed[0].commit in new]
    cut, known_days = past.repo.is_shallow(), past.days(head)
    for oid, in_commit in groupby(changes, lambda changed: changed[0].commit):
        parents = line.parents[oid]
        if len(parents) < 2 and (parents or not cut):  # where the history was cut off, everything seems new
            by_record: dict[RecordId, list[FileVersion]] = {}
            for version, rid in in_commit:
                by_record.setdefault(rid, []).append(version)
            about = [rid for rid, versions in by_record.items() if _says_something(details_of[oid], versions, schemas)]
            day = known_days.get(oid)
            yield from ((rid, day.isoformat()) for rid in about if day is not None)


def _says_something(known: CommitFacts, versions: list[FileVersion], schemas: Schemas) -> bool:
    ops = known.commit.ops
    silent = ops and ops <= _SILENT
    locator = Locator(schemas)
    records = sum(number for folder, number in known.records.items() if locator.kind_in(folder))
    if IMPORT in ops or (not silent and records <= FEW):
        return any(version.after for version in versions)
    return any(version.before is None for version in versions) and all(version.after for version in versions)
