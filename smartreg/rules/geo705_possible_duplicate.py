"""Two records that may be one device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter

from smartreg.core.findings import Related
from smartreg.core.messages import Message, verbatim
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import in_service, properties, text
from smartreg.domain.mounted import MOST_RELATED
from smartreg.domain.neighbours import INDEXED, close_to, near, position_of
from smartreg.domain.numbers import number
from smartreg.registry import Point
from smartreg.rules.rule import rule

SAME_M = 1.0
ENTERED_M = 5.0
_OTHER = Message("the other one")
_TELLING = ("serial_number", "dev_eui", "gateway_eui", "imei", "mac_address", "manufacturer", "model")


@rule(
    "GEO705",
    "warning",
    "registry",
    Message("possible duplicate"),
    kinds=("equipment",),
    touches=lambda registry, record: close_to(registry, record, SAME_M),
    indexed=INDEXED,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        entered, there = record.rid in context.entered, in_service(registry, record)
        place = position_of(registry, record) if entered or there else None
        if place is None:
            continue
        twins = _twins(registry, record, place) if there else []
        if twins:
            yield _duplicate(record, twins)
        elif entered:
            yield from _close_faults(registry, record, place)


def _twins(registry: Snapshot, record: Record, place: Point) -> list[Record]:
    """The first few that are indistinguishable from the record."""
    owner = text(record, "owner")
    around = (neighbour.device for neighbour in near(registry, place, SAME_M, owner)) if owner else ()
    twins = (device for device in around if device.rid != record.rid and _alike(record, device))
    return sorted(islice(twins, MOST_RELATED), key=lambda device: device.rid)


def _close_faults(registry: Snapshot, record: Record, place: Point) -> Iterator[Fault]:
    """Nearby equipment of the same type, to check before entering a record."""
    around = (neighbour for neighbour in near(registry, place, ENTERED_M) if neighbour.device.rid != record.rid)
    others = sorted(
        (neighbour for neighbour in around if _comparable(record, neighbour.device)), key=attrgetter("metres")
    )
    if others:
        listed = ", ".join(
            f"{neighbour.device.rid.id} ({neighbour.metres:.0f} m)" for neighbour in others[:MOST_RELATED]
        )
        kind, nearest = text(record, "type") or record.rid.kind, others[0].device.rid.id
        field = registry.schemas.kinds[record.rid.kind].by_path.get(("type",))
        label = field.labels.get(kind, verbatim(kind)) if field else verbatim(kind)
        yield Fault(
            at(record, "id"),
            Message("another {label} is close by: {listed}", label=label, listed=listed),
            Message(
                "if it is the same device, do not enter it twice; if it takes its place: smartreg replace {nearest}",
                nearest=nearest,
            ),
            tuple(Related(at(neighbour.device, "id"), _OTHER) for neighbour in others[:MOST_RELATED]),
        )


def _comparable(one: Record, other: Record) -> bool:
    """Whether it may be the same device: of one type, neither a replacement of the other, measuring the same thing."""
    if not _is_of_type(one, other):
        return False
    measured, measures = frozenset(properties(one)), frozenset(properties(other))
    return not (measured and measures and measured.isdisjoint(measures))


def _is_of_type(one: Record, other: Record) -> bool:
    """Whether both are of one type, and neither is a replacement of the other."""
    is_replacement = one.rid.id == text(other, "replaces") or other.rid.id == text(one, "replaces")
    return text(one, "type") == text(other, "type") and not is_replacement


def _alike(one: Record, other: Record) -> bool:
    """Whether the two are indistinguishable."""
    if not _is_of_type(one, other) or any(_differ(text(one, name), text(other, name)) for name in _TELLING):
        return False
    heights = number(one.data.get("height_m")), number(other.data.get("height_m"))
    return not _differ(*heights) and not _differ(*(frozenset(properties(device)) or None for device in (one, other)))


def _differ(one: object, other: object) -> bool:
    """Whether both have a value, and the values differ."""
    return one is not None and other is not None and one != other


def _duplicate(record: Record, twins: list[Record]) -> Fault:
    id = twins[0].rid.id
    return Fault(
        at(record, "id"),
        Message("possible duplicate of {id}: same owner, same type, same place", id=id),
        Message("take one of them out, or correct a serial number: both have {serial}", serial=serial)
        if (serial := text(record, "serial_number")) and serial == text(twins[0], "serial_number")
        else Message("take one of them out, or give both their serial numbers"),
        tuple(Related(at(twin, "id"), _OTHER) for twin in twins),
    )
