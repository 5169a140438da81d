"""What each commit changed, field by field: computed once, then read from the index. Computing it reads every text of
the history and depends on the schemas: results for other schemas are dropped, and those for schemas of a state other
than HEAD stay in memory. Also the corrections recorded in Git's history, for checking a change of several commits.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from sqlite3 import Connection
from typing import Any, NamedTuple

from smartreg.core.values import Data, Json, RecordId
from smartreg.diff import ABSENT, place_text, same
from smartreg.gitio import Commit, Repo
from smartreg.history.commits import History
from smartreg.history.entries import LogEntry, entries_of
from smartreg.history.steps import CORRECT, steps_of
from smartreg.index import Index, history
from smartreg.index.history import Part
from smartreg.registry import record_at
from smartreg.rules import Corrected
from smartreg.schema import Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

_COMMITS_AT_ONCE = 500
_RECORDS_IN_A_PART = 1_000


class Detail(NamedTuple):
    """What a commit did to a record, as its `LogEntry` has it. `fields`: the path of each as people read it, its value
    before and after, None if absent; empty unless requested."""

    commit: str
    rid: RecordId
    op: str
    former: RecordId | None
    conventions: Sequence[str]
    fields: Sequence[tuple[str, Json, Json]]


def details(past: History, schemas: Schemas, start: str, *, fields: bool) -> Iterator[Detail]:
    """What the commits up to `start` did to each record, newest first; of a merge only what no parent has."""
    found = None if _is_of_another_state(past, schemas, start) else _parts_by_commit(past, schemas, start, fields)
    if found is None:  # the index is busy with other schemas
        found = _parts_by_commit(History(past.repo, Index.open(None, "")), schemas, start, fields) or {}
    for oid in past.line(start).places:
        for part in found[oid]:
            yield from _unpack(oid, part)


def _is_of_another_state(past: History, schemas: Schemas, start: str) -> bool:
    return past.read(start, history.basis) not in ("", schemas.digest) and past.repo.head() != start


def _parts_by_commit(past: History, schemas: Schemas, start: str, fields: bool) -> Mapping[str, Sequence[Part]] | None:
    """The parts of each commit; None when another process has overwritten them."""
    _work_out(past, schemas, start)

    def parts(connection: Connection) -> Mapping[str, Sequence[Part]] | None:
        if _find_missing(connection, past, schemas, start):
            return None
        found = history.changes(connection, past.line(start).places, fields=fields)
        return {oid: [part for _, part in some] for oid, some in groupby(found, lambda row: row[0])}

    return past.read(start, parts)


def _find_missing(connection: Connection, past: History, schemas: Schemas, start: str) -> list[str]:
    """The commits whose changes are not stored for these schemas."""
    known = history.commits_with_changes(connection) if history.basis(connection) == schemas.digest else ()
    return [oid for oid in past.line(start).places if oid not in known]


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
        for oid, found in parts.items():
            history.store_changes(connection, oid, found)

    past.write(start, write)


def _pack(entries: Sequence[LogEntry]) -> list[Part]:
    groups = [entries[place : place + _RECORDS_IN_A_PART] for place in range(0, len(entries), _RECORDS_IN_A_PART)]
    return [(_compress(map(_record, some)), _compress(map(_fields, some))) for some in groups or [()]]


def _record(entry: LogEntry) -> tuple[Json, ...]:
    return (entry.rid, entry.op, entry.former, entry.conventions)


def _fields(entry: LogEntry) -> list[tuple[Json, ...]]:
    sides = ((item.path, item.before, item.after) for item in entry.changes)
    return [(place_text(path), *(None if side is ABSENT else side for side in both)) for path, *both in sides]


def _compress(rows: Iterable[Json]) -> bytes:
    return zlib.compress(json.dumps(list(rows), separators=(",", ":")).encode("ascii"), 1)


def _decompress(content: bytes) -> list[Any]:
    found: list[Any] = json.loads(zlib.decompress(content).decode("ascii"))  # of bytes, JSON guesses the encoding
    return found


def _unpack(oid: str, part: Part) -> Iterator[Detail]:
    records = _decompress(part[0])
    fields = _decompress(part[1]) if part[1] else [()] * len(records)
    for (rid, op, former, conventions), changed in zip(records, fields, strict=True):
        yield Detail(oid, RecordId(*rid), op, RecordId(*former) if former else None, conventions, changed)


def corrections_between(repo: Repo, schemas: Schemas, base: str, head: str) -> Corrected:
    """What the commits reachable from `head`, but not from `base`, record as corrected (`Smartreg-Op: correct`): each
    record concerned, with the top-level fields that they changed and the reason of the last one. One pass over those
    commits; only their texts are read."""
    commits = [
        commit
        for commit in repo.history(start=repo.resolve(head), exclude=(repo.resolve(base),))
        if CORRECT in commit.ops
    ]
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
