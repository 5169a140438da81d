"""What hangs on a support, and what it weighs and draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.values import Record, RecordId, Words, value_at
from smartreg.domain.checks import Snapshot, at
from smartreg.domain.days import day
from smartreg.domain.derived import derive
from smartreg.domain.fields import has_ended, in_service, record_named_by, text
from smartreg.domain.numbers import number
from smartreg.domain.placements import earlier_placements, is_mount, placement_on

AT_WORK = frozenset({"installed", "active", "faulty"})
"""States in which equipment draws power and can measure; decommissioned equipment only hangs there."""
MOST_RELATED = 5


def on_support(registry: Snapshot, support: RecordId) -> Sequence[Record]:
    """The equipment that names this support as its present one, whatever its status, each once."""
    return [device for device in _ever_on(registry, support) if text(device, "support") == support.id]


def _ever_on(registry: Snapshot, support: RecordId) -> Sequence[Record]:
    """The equipment that names this support as its present or an earlier one, each once."""
    known = derive(registry, _new_cache)
    if support not in known:
        known[support] = tuple(_records_naming(registry, support))
    return known[support]


def _new_cache(_registry: Snapshot) -> dict[RecordId, tuple[Record, ...]]:
    """Cache of the equipment on each support: half a dozen rules need it."""
    return {}


def _records_naming(registry: Snapshot, support: RecordId) -> Iterator[Record]:
    told: set[RecordId] = set()
    for link in registry.links_to(support):
        if link.source.kind == "equipment" and is_mount(link.path) and link.source not in told:
            told.add(link.source)
            device = registry.get(link.source)
            if device is not None:
                yield device


def devices_on(registry: Snapshot, support: RecordId, on: date) -> list[Record]:
    """The equipment that hangs there on a day: installed and not yet taken down, and on this support on that day."""
    return [
        device
        for device in _ever_on(registry, support)
        if is_up(registry, device, on) and (place := placement_on(device, on)) and place.support == support.id
    ]


def is_up(registry: Snapshot, device: Record, on: date) -> bool:
    """Whether equipment hangs somewhere on a day: what has ended did until the day before its removal."""
    if not has_ended(registry, device):
        return in_service(registry, device)
    removed = day(device, "removed_on")
    return removed is not None and on < removed


def at_work(device: Record, on: date) -> bool:
    """Whether equipment draws power and can measure on a day."""
    if text(device, "status") in AT_WORK:
        return True
    decommissioned = day(device, "decommissioned_on")
    return decommissioned is not None and on < decommissioned


def support_of(registry: Snapshot, device: Record) -> Record | None:
    """The support that equipment names; None when it names none, or one that is not there."""
    return record_named_by(registry, device, "support", "support")


def support_on(registry: Snapshot, device: Record, on: date) -> Record | None:
    """The support that carried equipment on a day; None where there was none, or one that is not there any more."""
    place = placement_on(device, on)
    return registry.get(RecordId("support", place.support)) if place and place.support else None


def touches_supports(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """For rules that check supports by what hangs there: a support, or the supports of equipment, earlier ones too."""
    if record.rid.kind == "equipment":
        named = {text(record, "support"), *(place.support for place in earlier_placements(record))}
        yield from (RecordId("support", id) for id in sorted(id for id in named if id is not None))


def touches_equipment(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """For rules that check equipment by its support: the equipment of a support."""
    if record.rid.kind == "support":
        yield from (link.source for link in registry.links_to(record.rid) if is_mount(link.path))


def amounts(devices: Iterable[Record], *path: str) -> list[tuple[Record, float]]:
    """The devices that give a positive number at this path, with it."""
    given = ((device, number(value_at(device.data, path))) for device in devices)
    return [(device, value) for device, value in given if value is not None and value > 0]


def limit(support: Record, *path: str) -> float | None:
    """The limit that a support gives at this path; None when it gives none."""
    return number(value_at(support.data, path))


def as_related(devices: Sequence[Record], *path: str) -> tuple[Related, ...]:
    """The first few devices, as places that explain."""
    note = Words("hangs there", "y est posé")
    return tuple(Related(at(device, *path), note) for device in devices[:MOST_RELATED])
