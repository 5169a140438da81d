"""Two records that may be one support."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at, derive_for
from smartreg.domain.fields import has_ended, text
from smartreg.domain.mounted import MOST_RELATED
from smartreg.domain.neighbours import PlacedDevice, names, within
from smartreg.domain.positions import own_position
from smartreg.registry import Point
from smartreg.rules.rule import one_of, rule

SAME_M = 1.0
Alike: TypeAlias = tuple[str | None, str | None]
"""Owner and type."""


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    place = own_position(record)
    for twin in _near(registry, record, place) if place is not None else ():
        yield twin.rid


@rule(
    "GEO716",
    "warning",
    "registry",
    Message("duplicate support"),
    kinds=("support",),
    touches=_find_affected,
    indexed=(("support", "location"),),
    asks=one_of("location"),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else own_position(record)
        twins = _twins(registry, record, place) if place is not None else []
        if twins:
            yield _duplicate(record, twins)


def _twins(registry: Snapshot, record: Record, place: Point) -> list[Record]:
    """The first few that are indistinguishable from the record."""
    number = text(record, "local_ref")
    around = (twin for twin in _near(registry, record, place) if twin.rid != record.rid)
    alike = (twin for twin in around if None in (number, text(twin, "local_ref")) or number == text(twin, "local_ref"))
    return sorted(islice(alike, MOST_RELATED), key=lambda twin: twin.rid)


def _near(registry: Snapshot, record: Record, place: Point) -> Iterator[Record]:
    """The supports of the same owner and type within a metre, the record included."""
    for name in names(place, SAME_M):
        for neighbour in within(place, SAME_M, derive_for(registry, name, _cell).get(_alike(record), ())):
            yield neighbour.device


def _cell(registry: Snapshot, name: str) -> Mapping[Alike, Sequence[PlacedDevice]]:
    """The supports in a cell whose life has not ended, by owner and type."""
    by_trait: dict[Alike, list[PlacedDevice]] = defaultdict(list)
    for record in registry.by_value("support", "location", name):
        place = own_position(record)
        if place is not None and registry.get(record.rid) == record and not has_ended(registry, record):
            by_trait[_alike(record)].append((record, place))
    return by_trait


def _alike(record: Record) -> Alike:
    return text(record, "owner"), text(record, "type")


def _duplicate(record: Record, twins: list[Record]) -> Fault:
    id = twins[0].rid.id
    return Fault(
        at(record, "id"),
        Message("possible duplicate of {id}: same owner, same type, same place", id=id),
        Message(
            "retire one of them (smartreg retire {id}), or give each its own number (smartreg set {id} local_ref=…)",
            id=id,
        ),
        tuple(Related(at(twin, "id"), Message("the other one")) for twin in twins),
    )
