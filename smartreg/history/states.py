"""When each record of a kind came into each state, or got each other value of a field, by the history of Git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from smartreg.core.values import Json, RecordId
from smartreg.history.commits import History
from smartreg.history.details import details
from smartreg.history.steps import records_of
from smartreg.schema import Kind, Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read


class Turn(NamedTuple):
    """The day of the commit by which a record came into a state, or got another value."""

    day: date
    state: str


def states(past: History, schemas: Schemas, kind: Kind, start: str) -> Mapping[str, Sequence[Turn]]:
    """Id → its turns up to the commit `start`, oldest first; only the commits that changed the state. A text that
    cannot be read, or names no state, changes nothing. StateFault where parts of the history are missing."""
    return turns(past, schemas, kind, start, kind.lifecycle.field) if kind.lifecycle else {}


def turns(past: History, schemas: Schemas, kind: Kind, start: str, field: str) -> Mapping[str, Sequence[Turn]]:
    """The same of the text that another field holds."""
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
        # A merge differs from its first parent in what the other side brought, and may yet say another thing than both.
        values = merged.get((commit, rid), values)
        if values and commit in days:
            present[rid] = values[0]
            if isinstance(values[0], str) and (not known or known[-1].state != values[0]):
                known.append(Turn(days[commit], values[0]))
    return {rid.id: tuple(known) for rid, known in found.items()}


def _merged_values(
    past: History, schemas: Schemas, kind: Kind, start: str, field: str
) -> Mapping[tuple[str, RecordId], Sequence[Json]]:
    """What merges made the field of a record say, where no parent has the text."""
    parents = past.line(start).parents
    own = [
        (version.commit, rid, version.after)
        for version, rid in records_of(past.versions(start), schemas)
        if rid.kind == kind.name and version.own and version.after and len(parents[version.commit]) > 1
    ]
    texts = past.repo.blobs((blob for *_, blob in own), READ_LIMIT)
    data = [read(text, rid.id).data for (_, rid, _), (_, text) in zip(own, texts, strict=True)]
    return {(commit, rid): [said.get(field)] for (commit, rid, _), said in zip(own, data, strict=True) if said}
