"""The registry as it was on a past day, from two states of its history: what was recorded on that day, and what is
recorded now about it (see `domain/past.py`)."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from smartreg.core.messages import Message, Text, joined, plural
from smartreg.core.values import Data, Record, RecordId
from smartreg.domain.annexes import candidates, documents
from smartreg.domain.kinds import CONVENTION
from smartreg.domain.past import Recorded, is_dated, record_on
from smartreg.history import History
from smartreg.history.details import corrections_between
from smartreg.history.steps import records_of
from smartreg.registry import Registry, record_at
from smartreg.registry.frame import LIMIT as DIGEST_LIMIT
from smartreg.rules import Corrected
from smartreg.schema import Kind, Schemas
from smartreg.trees import READ_LIMIT, CommitTree
from smartreg.workspace.workspace import Workspace
from smartreg.yamlio import dump, read

NO_GIT = Message("the registry keeps no history yet")
NO_COMMIT = Message("the history of the registry has not begun yet")
SHALLOW = Message("this copy of the registry has only part of its history")


@dataclass(frozen=True)
class PastRegistry:
    """The registry of a past day. `recorded_on`: the day of the state from which everything without days of its own was
    read, if that is not the day itself; `late`: the records that were recorded only later."""

    registry: Registry
    recorded_on: date | None = None
    late: frozenset[RecordId] = frozenset()

    def note(self, late: Collection[RecordId]) -> Text | None:
        """What an answer that rests on these `late` records, too, owes to other days; None for nothing."""
        notes: list[Text] = []
        if self.recorded_on is not None:
            notes.append(
                Message(
                    "What has no day of its own (status, network, access, recipients, use cases …) is as recorded on "
                    "{recorded_on}: nothing older is known.",
                    recorded_on=self.recorded_on,
                )
            )
        if late:
            notes.append(_late_note(late))
        return joined(notes, " ") if notes else None


def _late_note(late: Collection[RecordId]) -> Text:
    return plural(
        "{n} record was entered only later: what has no day of its own there (status, network, recipients …) is as "
        "first recorded.",
        "{n} records were entered only later: what has no day of its own there (status, network, recipients …) is as "
        "first recorded.",
        n=len(late),
    )


def registry_on(
    workspace: Workspace, now: Registry, on: date, *, today: date, later_acts: bool = False
) -> PastRegistry:
    """The registry `now` on a day before: records that were there, with the schemas and settings of `now`. `today`: the
    day of the present state, told where the history cannot be asked. `later_acts`: see `record_on`."""
    now.load_all()
    start = history_start(workspace, now)
    if isinstance(start, Text):
        return _assemble(now, now, {}, on, {}, {}, later_acts=later_acts, recorded_on=today)
    line = list(first_parents(workspace.history, start))
    day, oid = next(((day, oid) for day, oid in line if day <= on), line[-1] if line else (today, start))
    wider = workspace.widen_to(oid)
    then = now.with_tree(CommitTree(wider.git, oid, wider.index)).load_all()
    former = _former_ids(workspace.history, now.schemas, start, oid)
    origins = (former.get(rid, rid) for rid in now.by_file.values())
    late = [origin for origin in origins if origin not in then]
    first = _first_texts(workspace.history, now.schemas, start, late)
    corrected = corrections_between(workspace.git, now.schemas, oid, start) if oid != start else {}
    recorded_on = day if day > on else None
    return _assemble(then, now, former, on, first, corrected, later_acts=later_acts, recorded_on=recorded_on)


def history_start(workspace: Workspace, registry: Registry) -> str | Text:
    """The commit of a state, at which its history starts; a sentence if the history is incomplete."""
    repo = workspace.repo
    if repo is None:
        return NO_GIT
    if repo.is_shallow():
        return SHALLOW
    commit = registry.tree.commit or repo.head()
    return commit or NO_COMMIT


def first_parents(past: History, commit: str) -> Iterator[tuple[date, str]]:
    """Day and id of the commits of the line itself that changed the registry, newest first."""
    commits, days, parents = past.commits(commit), past.days(commit), past.line(commit).parents
    line: str | None = commit
    while line is not None:
        if commits[line].in_registry and line in days:
            yield days[line], line
        line = next(iter(parents[line]), None)


def _former_ids(past: History, schemas: Schemas, start: str, base: str) -> Mapping[RecordId, RecordId]:
    """The present id of each record that was renamed since `base`, and its id then."""
    before = past.line(base).places
    since = [oid for oid in reversed([*past.line(start).places]) if oid not in before]
    former: dict[RecordId, RecordId] = {}
    commits = past.commits(start, since)
    for oid in since:
        old, new = (record_at(path, schemas) for path in commits[oid].renamed or ("", ""))
        if old is not None and new is not None:
            former[new] = former.pop(old, old)
    return former


def _first_texts(past: History, schemas: Schemas, start: str, late: Collection[RecordId]) -> Mapping[RecordId, Record]:
    """These records as they were first recorded."""
    if not late:
        return {}
    blobs: dict[RecordId, str] = {}
    for version, rid in records_of(past.versions(start, {rid.id for rid in late}), schemas):
        if version.after is not None:
            blobs[rid] = version.after
    texts = dict(past.repo.blobs(sorted({blobs[rid] for rid in late if rid in blobs}), READ_LIMIT))
    first = ((rid, read(texts[blobs[rid]], rid.id).data) for rid in late if rid in blobs)
    return {rid: Record(rid, "", data, "") for rid, data in first if data is not None}


def _assemble(
    then: Registry,
    now: Registry,
    former: Mapping[RecordId, RecordId],
    on: date,
    first: Mapping[RecordId, Record],
    corrected: Corrected,
    *,
    later_acts: bool,
    recorded_on: date | None,
) -> PastRegistry:
    """The state `then`, with what is known now: records that changed since or were recorded later, without those that
    were not there yet, and all under their present ids."""
    fields: dict[RecordId, set[str]] = {}
    for rid, name in corrected:
        fields.setdefault(rid, set()).add(name)
    writes: dict[str, bytes | None] = {}
    later: dict[RecordId, Record] = {}
    changed: list[Record] = []
    for rid in dict.fromkeys(now.by_file.values()):
        kind, origin = now.schemas.kinds[rid.kind], former.get(rid, rid)
        record, before = now.get(rid), then.get(origin)
        if record is None or (before is None and origin in then):  # a text that cannot be read
            writes |= {before.file: None} if before else {}
            continue
        if before is not None and before.blob == record.blob and rid.kind != CONVENTION:
            continue  # nothing is known of it that was not recorded on the day
        source = before or first.get(origin, record)._replace(rid=record.rid, file=record.file)
        names = {*fields.get(record.rid, ()), *fields.get(origin, ())}
        recorded = Recorded(source, record, recorded_on is None and before is not None, names)
        as_of_day = record_on(kind, recorded, on, later_acts=later_acts)
        if before is None and as_of_day is not None:
            later[record.rid] = as_of_day
        elif before is not None and as_of_day is None:
            writes[before.file] = None
        elif as_of_day is not None and as_of_day is not before:
            changed.append(as_of_day)
    later = _needed(now, later, changed)
    changed += later.values()
    ids = {old: new for new, old in former.items() if old in then and new in now}
    if ids:
        changed_rids = {record.rid for record in changed}
        changed += (record for record in then.records() if record.rid not in changed_rids and record.file not in writes)
    for record in changed:
        data = _with_ids(now.schemas.kinds[record.rid.kind], record, ids)
        if record.rid in ids:
            writes[record.file] = None
        if data is not record.data or record is not then.get(record.rid):
            present = ids.get(record.rid)
            writes[now.files_of(present)[0] if present else record.file] = dump(data)
        writes |= _documents_recorded_later(record, then, now)
    return PastRegistry(then.with_writes(writes) if writes else then, recorded_on, frozenset(later))


def _documents_recorded_later(record: Record, then: Registry, now: Registry) -> dict[str, bytes | None]:
    """The files that a record names and that only the present state has."""
    before, present = then.tree.files(), now.tree.files()
    paths = (document.path for document in documents(record) if not document.on_the_web)
    places = {place for path in paths for place in candidates(record, path) if place not in before}
    files = (file for place in sorted(places) if (file := present.get(place)) is not None and not file.special)
    return {file.path: now.tree.read(file.path, DIGEST_LIMIT) for file in files}


def _needed(now: Registry, later: Mapping[RecordId, Record], changed: Iterable[Record]) -> dict[RecordId, Record]:
    """Of the records that were recorded later: those whose own days say that they were there, and what these name."""
    kinds = now.schemas.kinds
    waiting = [*changed, *(record for rid, record in later.items() if is_dated(kinds[rid.kind], record))]
    needed = {record.rid: record for record in waiting if record.rid in later}
    while waiting:
        links = kinds[(record := waiting.pop()).rid.kind].links(record)
        for rid in (RecordId(kind, link.target) for link in links for kind in link.kinds):
            if rid in later and rid not in needed:
                needed[rid] = later[rid]
                waiting.append(later[rid])
    return needed


def _with_ids(kind: Kind, record: Record, ids: Mapping[RecordId, RecordId]) -> Data:
    """The data of a record with the present ids of what was renamed."""
    renamed = [(link, new) for link in kind.links(record) for name in link.kinds
             if (new := ids.get(RecordId(name, link.target)))]  # fmt: skip
    if not renamed and record.rid not in ids:
        return record.data
    data = copy.deepcopy(dict(record.data))
    for link, new in renamed:
        inner: Any = data
        for part in link.path[:-1]:
            inner = inner[part]
        inner[link.path[-1]] = new.id
    return {**data, "id": ids.get(record.rid, record.rid).id}
