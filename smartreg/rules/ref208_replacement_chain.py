"""Replacement that forms a cycle, is claimed twice, or comes too early."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import record_named_by, state, text
from smartreg.rules.rule import rule

NOT_YET = frozenset({"planned", "cancelled"})
STILL_THERE = frozenset({"planned", "installed", "active", "faulty"})
MOST_SHOWN = 5


def _chain(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The device itself, its whole chain, those that replace it, and its rivals."""
    if record.rid.kind != "equipment":
        return
    yield from _way(registry, record.rid)
    yield from _replacers(registry, record.rid)
    target = text(record, "replaces")
    if target is not None:
        yield from _replacers(registry, RecordId("equipment", target))


@rule("REF208", "error", "registry", Message("impossible replacement"), kinds=("equipment",), touches=_chain)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    heirs = [record for record in subjects if text(record, "replaces") is not None]
    in_ring = _in_rings(registry, heirs)
    rivals: dict[RecordId, list[RecordId]] = {}
    for record in heirs:
        old = record_named_by(registry, record, "replaces", "equipment")
        if record.rid in in_ring:
            yield _circle(registry, record)
        elif old is not None and text(record, "status") != "cancelled":
            if old.rid not in rivals:
                rivals[old.rid] = _not_cancelled(registry, _replacers(registry, old.rid))
            if len(rivals[old.rid]) > 1:
                yield _rivals_fault(registry, record, old, rivals[old.rid])
            elif text(record, "status") not in NOT_YET and text(old, "status") in STILL_THERE:
                yield _too_early(registry, record, old)


def _predecessor(registry: Snapshot, rid: RecordId) -> RecordId | None:
    record = registry.get(rid)
    old = record_named_by(registry, record, "replaces", "equipment") if record else None
    return old.rid if old else None


def _way(registry: Snapshot, start: RecordId) -> Mapping[RecordId, None]:
    """The devices from `start` along `replaces`, each once."""
    way: dict[RecordId, None] = {}
    here: RecordId | None = start
    while here is not None and here not in way:
        way[here] = None
        here = _predecessor(registry, here)
    return way


def _in_rings(registry: Snapshot, starts: Iterable[Record]) -> set[RecordId]:
    """The devices in a cycle, among all that the starts lead to. Each device is visited once."""
    rings: set[RecordId] = set()
    passed: set[RecordId] = set()
    for start in starts:
        way: dict[RecordId, int] = {}
        here: RecordId | None = start.rid
        while here is not None and here not in passed and here not in way:
            way[here] = len(way)
            here = _predecessor(registry, here)
        if here is not None and here in way:
            rings.update(list(way)[way[here] :])
        passed.update(way)
    return rings


def _replacers(registry: Snapshot, rid: RecordId) -> Iterator[RecordId]:
    return (
        link.source for link in registry.links_to(rid) if link.source.kind == "equipment" and link.path == ("replaces",)
    )


def _not_cancelled(registry: Snapshot, rids: Iterable[RecordId]) -> list[RecordId]:
    """The devices that are not cancelled, sorted."""
    records = [record for rid in set(rids) if (record := registry.get(rid)) is not None]
    return sorted(record.rid for record in records if text(record, "status") != "cancelled")


def _circle(registry: Snapshot, record: Record) -> Fault:
    way = list(_way(registry, record.rid))
    shown = [rid.id for rid in way[:MOST_SHOWN]] + (["…"] if len(way) > MOST_SHOWN else [])
    round_trip = " → ".join((*shown, record.rid.id))
    return Fault(
        at(record, "replaces"),
        Message("replacements go round in a circle: {round_trip}", round_trip=round_trip),
        Message("make each device refer to its direct predecessor"),
    )


def _rivals_fault(registry: Snapshot, record: Record, old: Record, rivals: list[RecordId]) -> Fault:
    others = [rid for rid in rivals[: MOST_SHOWN + 1] if rid != record.rid][:MOST_SHOWN]
    more = len(rivals) - 1 - len(others)
    id, ids = old.rid.id, ", ".join(rid.id for rid in others)
    if more:
        message = Message("{id} is also replaced by {ids} and {more} more", id=id, ids=ids, more=more)
    else:
        message = Message("{id} is also replaced by {ids}", id=id, ids=ids)
    places = [rival for rid in others if (rival := registry.get(rid)) is not None]
    return Fault(
        at(record, "replaces"),
        message,
        Message("one device replaces one other: correct replaces in all but one"),
        tuple(Related(at(rival, "replaces"), Message("also replaces it")) for rival in places),
    )


def _too_early(registry: Snapshot, record: Record, old: Record) -> Fault:
    new_id, old_id, status = record.rid.id, old.rid.id, state(registry, old)
    return Fault(
        at(record, "replaces"),
        Message("{new_id} replaces {old_id}, which is still {status}", new_id=new_id, old_id=old_id, status=status),
        Message("close it first: smartreg retire {old_id}", old_id=old_id),
        (Related(at(old, "status"), Message("its status")),),
    )
