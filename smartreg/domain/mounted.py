"""The equipment on a support, on a day or ever; its weight and power, and the limits of the support."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId, value_at
from smartreg.domain.checks import Snapshot, at, derive_for
from smartreg.domain.days import day
from smartreg.domain.fields import AT_WORK, has_ended, in_service, record_named_by, text
from smartreg.domain.numbers import number
from smartreg.domain.placements import is_mount, placement_on

MOST_RELATED = 5


def on_support(registry: Snapshot, support: RecordId) -> Sequence[Record]:
    """The equipment that names this support as its present one, whatever its status, each once."""
    return [device for device in _ever_on(registry, support) if text(device, "support") == support.id]


def _ever_on(registry: Snapshot, support: RecordId) -> Sequence[Record]:
    """The equipment that names this support as its present or an earlier one, each once; half a dozen rules need it."""
    return derive_for(registry, support, _find_mounts)


def _find_mounts(registry: Snapshot, support: RecordId) -> Sequence[Record]:
    mounts = (link.source for link in registry.links_to(support) if is_mount(link.path))
    devices = (registry.get(device) for device in dict.fromkeys(mounts) if device.kind == "equipment")
    return [device for device in devices if device is not None]


def devices_on(registry: Snapshot, support: RecordId, on: date) -> Sequence[Record]:
    """The equipment on a support on a day: installed and not yet removed, and on this support on that day."""
    return derive_for(registry, (support, on), _find_devices)


def _find_devices(registry: Snapshot, support_on: tuple[RecordId, date]) -> Sequence[Record]:
    support, on = support_on
    return [
        device
        for device in _ever_on(registry, support)
        if is_up(registry, device, on) and (place := placement_on(device, on)) and place.support == support.id
    ]


def is_up(registry: Snapshot, device: Record, on: date) -> bool:
    """Whether equipment is mounted on a day: removed equipment was, until the day before its removal."""
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
    """The support that equipment names; None if it names none, or one that does not exist."""
    return record_named_by(registry, device, "support", "support")


def support_on(registry: Snapshot, device: Record, on: date) -> Record | None:
    """The support that carried equipment on a day; None if there was none, or it no longer exists."""
    place = placement_on(device, on)
    return registry.get(RecordId("support", place.support)) if place and place.support else None


def amounts(devices: Iterable[Record], *path: str) -> list[tuple[Record, float]]:
    """The devices with a positive number at this path, and that number."""
    given = ((device, number(value_at(device.data, path))) for device in devices)
    return [(device, value) for device, value in given if value is not None and value > 0]


def limit(support: Record, *path: str) -> float | None:
    """The limit that a support gives at this path; None if it gives none."""
    return number(value_at(support.data, path))


def as_related(devices: Sequence[Record], *path: str) -> tuple[Related, ...]:
    """The first few devices, as related places."""
    note = Message("is mounted there")
    return tuple(Related(at(device, *path), note) for device in devices[:MOST_RELATED])
