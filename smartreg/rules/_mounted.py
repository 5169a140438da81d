"""What hangs on a support, and what it weighs and draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.findings import Related
from smartreg.rules._fields import in_service, named_by, text
from smartreg.rules._kept import kept
from smartreg.rules._numbers import number
from smartreg.rules.rule import Snapshot, at
from smartreg.values import Record, RecordId, Words, value_at

AT_WORK = frozenset({"installed", "active", "faulty"})
"""States in which equipment draws power and can measure; decommissioned equipment only hangs there."""
MOST_RELATED = 5


def on_support(registry: Snapshot, support: RecordId) -> Sequence[Record]:
    """The equipment that names this support, whatever its status, each once."""
    known = kept(registry, _mounted)
    if support not in known:
        known[support] = tuple(_naming(registry, support))
    return known[support]


def _mounted(_registry: Snapshot) -> dict[RecordId, tuple[Record, ...]]:
    """What hangs on the supports that were asked for so far: half a dozen rules ask of each."""
    return {}


def _naming(registry: Snapshot, support: RecordId) -> Iterator[Record]:
    told: set[RecordId] = set()
    for link in registry.links_to(support):
        if link.source.kind == "equipment" and link.path == ("support",) and link.source not in told:
            told.add(link.source)
            device = registry.get(link.source)
            if device is not None and text(device, "support") == support.id:
                yield device


def hanging(registry: Snapshot, support: RecordId) -> list[Record]:
    """The equipment that is there: installed, active, faulty, decommissioned."""
    return [device for device in on_support(registry, support) if in_service(registry, device)]


def support_of(registry: Snapshot, device: Record) -> Record | None:
    """The support that equipment names; None when it names none, or one that is not there."""
    return named_by(registry, device, "support", "support")


def load(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """For rules that judge supports by what hangs there: a support, or the support of equipment."""
    if record.rid.kind == "equipment":
        support = text(record, "support")
        if support is not None:
            yield RecordId("support", support)


def carried(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """For rules that judge equipment by its support: the equipment of a support."""
    if record.rid.kind == "support":
        yield from (link.source for link in registry.links_to(record.rid) if link.path == ("support",))


def amounts(devices: Iterable[Record], *path: str) -> list[tuple[Record, float]]:
    """The devices that give a positive number at this path, with it."""
    given = ((device, number(value_at(device.data, path))) for device in devices)
    return [(device, value) for device, value in given if value is not None and value > 0]


def limit(support: Record, *path: str) -> float | None:
    """The limit that a support gives at this path; None when it gives none."""
    return number(value_at(support.data, path))


def seen_at(devices: Sequence[Record], *path: str) -> tuple[Related, ...]:
    """The first few devices, as places that explain."""
    note = Words("hangs there", "y est posé")
    return tuple(Related(at(device, *path), note) for device in devices[:MOST_RELATED])
