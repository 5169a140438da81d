"""When each record of a kind entered each status, or got a new value of a field, according to Git's history; and when a
record was last changed. The days of all records are stored in the index for their last commit; later commits are added.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from typing import NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.values import Json, Record, RecordId
from smartreg.history.commits import CommitFacts, FileVersion, History
from smartreg.history.details import details
from smartreg.history.steps import records_of
from smartreg.index import load_answer, question, store_answer
from smartreg.registry import Locator
from smartreg.schema import Kind, Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read


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
    found: dict[RecordId, list[Turn]] = {}
    present: dict[RecordId, Json] = {}
    commits, days, merged = past.commits(start), past.days(start), _merged_values(past, schemas, kind, start, field)
    for commit, rid, _, former, _, fields in reversed(list(details(past, schemas, start, fields=True))):
        if rid.kind != kind.name:
            continue
        renamed = former is not None and commits[commit].renamed is not None
        known = found.setdefault(rid, list(found.get(former, ())) if former and renamed else [])
        values: Sequence[Json] = [after for path, _, after in fields if path == field]
        if former is not None and not values:
            values = [present.get(former)]
        # A merge differs from its first parent in the other side's changes, and may still differ from both.
        values = merged.get((commit, rid), values)
        if values and commit in days:
            present[rid] = values[0]
            if isinstance(values[0], str) and (not known or known[-1].state != values[0]):
                known.append(Turn(days[commit], values[0]))
    return {rid.id: tuple(known) for rid, known in found.items()}


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
    return {(commit, rid): [said.get(field)] for (commit, rid, _), said in zip(own, data, strict=True) if said}


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
            return _days(past, schemas, head, on.isoformat()) if head else {}
        except StateFault:
            return {}

    def day(record: Record) -> date | None:
        found = days().get(str(record.rid))
        return date.fromisoformat(found) if found else None

    return day


def _days(past: History, schemas: Schemas, head: str, on: str) -> Mapping[str, str]:
    name = question("last touched", schemas.digest)
    content = load_answer(past.index, name)
    known = LastDays(*json.loads(content)) if content else None
    # A commit of a later day did not count then, or would count now.
    if known is None or known.until > on or not (known.head == head or past.repo.is_ancestor(known.head, head)):
        known = LastDays("", "", {})
    if known.head == head:
        return known.days
    found = list(_records_of_commits(past, schemas, known.head, head))
    days = dict(known.days)
    for rid, day in found:
        if day <= on:
            days[str(rid)] = max(days.get(str(rid), ""), day)
    until = max((known.until, *(day for _, day in found)))
    if until <= on and head == past.repo.head():
        store_answer(past.index, name, json.dumps((head, until, days)).encode())
    return days


def _records_of_commits(past: History, schemas: Schemas, after: str, head: str) -> Iterable[tuple[RecordId, str]]:
    """The records touched by commits reachable from `head`, but not from `after`, each with the day."""
    line = past.line(head)
    new = past.repo.parents(head, (after,)) if after else line.parents
    known = past.commits(head, new)
    some = [facts.names for facts in known.values()]
    names = None if None in some else {name for listed in some for name in listed or ()}
    found = [one for one in records_of(past.versions(head, names), schemas) if one[0].commit in new]
    cut, known_days = past.repo.is_shallow(), past.days(head)
    for oid, in_commit in groupby(found, lambda one: one[0].commit):
        parents = line.parents[oid]
        if len(parents) < 2 and (parents or not cut):  # where the history was cut off, everything seems new
            by_record: dict[RecordId, list[FileVersion]] = {}
            for version, rid in in_commit:
                by_record.setdefault(rid, []).append(version)
            about = [rid for rid, versions in by_record.items() if _says_something(known[oid], versions, schemas)]
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
