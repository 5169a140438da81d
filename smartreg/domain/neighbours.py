"""Equipment near a point, by the registry's grid: a look-up of a few cells, however large the registry is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Snapshot
from smartreg.domain.derived import derive
from smartreg.domain.fields import in_service, text
from smartreg.domain.mounted import on_support
from smartreg.domain.positions import own_position, position_of
from smartreg.registry import Point, around, cells_around, distance_m, point

INDEXED = (("support", "location"), ("equipment", "location"))
MOST_M = 1000  # a wider look-up would read a town for one sensor
_DUST = 1e-9  # degrees, a tenth of a millimetre: more than arithmetic loses


class Neighbour(NamedTuple):
    """Equipment that is there, and how many metres away."""

    device: Record
    metres: float


Placed: TypeAlias = tuple[Record, Point]
Cell: TypeAlias = Mapping[str, Sequence[Placed]]
"""The equipment of a cell by its owner."""


def near(registry: Snapshot, place: Point, within_m: float, owner: str | None = None) -> Iterator[Neighbour]:
    """The equipment that is there and has an owner, within a distance (1 km at most): of this owner or, without one, of
    all."""
    for name in names(place, within_m):
        devices = cell(registry, name)
        for who in devices if owner is None else (owner,):
            yield from within(place, within_m, devices.get(who, ()))


def within(place: Point, within_m: float, devices: Iterable[Placed]) -> Iterator[Neighbour]:
    """Those of the devices that are within a distance (1 km at most)."""
    reach = min(within_m, MOST_M)
    west, south, east, north = around(place, reach)
    west, south, east, north = west - _DUST, south - _DUST, east + _DUST, north + _DUST
    for device, where in devices:
        # Most of a cell is out of the box: four comparisons cost a tenth of a distance.
        if west <= where[0] <= east and south <= where[1] <= north:
            distance = distance_m(place, where)
            if distance <= reach:
                yield Neighbour(device, distance)


def close_to(registry: Snapshot, record: Record, within_m: float) -> Iterator[RecordId]:
    """For rules on neighbours: what is near the record, and what moves with it."""
    if record.rid.kind == "support":
        yield from (link.source for link in registry.links_to(record.rid) if link.path == ("support",))
        place = own_position(record)
    else:
        place = position_of(registry, record) if record.rid.kind == "equipment" else None
    if place is not None:
        yield from (found.device.rid for found in near(registry, place, within_m))


def names(place: Point, within_m: float) -> Iterable[str]:
    """The cells around a point; none when the distance says nothing (0, less, or no number)."""
    return cells_around(place, min(within_m, MOST_M)) if within_m > 0 else ()


def cell(registry: Snapshot, name: str) -> Cell:
    """The equipment that is there and has an owner, in the cell of this name."""
    known = derive(registry, _cells)
    if name not in known:
        known[name] = _read(registry, name)
    return known[name]


def _cells(_registry: Snapshot) -> dict[str, Cell]:
    """Cache of cells."""
    return {}


def _read(registry: Snapshot, name: str) -> Cell:
    found: dict[str, list[Placed]] = defaultdict(list)
    for device, place in _equipment_by_cell(registry, name):
        owner = text(device, "owner")
        if owner is not None and in_service(registry, device):
            found[owner].append((device, place))
    return {owner: sorted(devices, key=lambda item: item[0].rid) for owner, devices in found.items()}


def _equipment_by_cell(registry: Snapshot, name: str) -> Iterator[Placed]:
    """Every piece of equipment in a cell. Of an id that several files claim, the first counts, as in `get`."""
    for support in registry.by_value("support", "location", name):
        place = point(support.data.get("location"))
        if place is not None and registry.get(support.rid) == support:
            for device in on_support(registry, support.rid):
                if device.data.get("location") is None:
                    yield device, place
    for device in registry.by_value("equipment", "location", name):
        place = point(device.data.get("location"))
        if place is not None and registry.get(device.rid) == device:
            yield device, place
