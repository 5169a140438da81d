"""Equipment near a point, found in a few cells of the registry's grid, however large the registry is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Snapshot, derive, derive_for
from smartreg.domain.fields import in_service, text
from smartreg.domain.mounted import on_support, support_of
from smartreg.domain.positions import own_position
from smartreg.registry import Point, around, cells_around, distance_m, point


def position_of(registry: Snapshot, device: Record) -> Point | None:
    """The equipment's own position or, without one, that of its support."""
    by_file = derive(registry, _positions_of_files)
    if device.file not in by_file:
        bearer = device if device.data.get("location") is not None else support_of(registry, device)
        by_file[device.file] = own_position(bearer) if bearer else None
    return by_file[device.file]


def _positions_of_files(_registry: Snapshot) -> dict[str, Point | None]:
    """The positions of equipment, by file: four rules need them."""
    return {}


INDEXED = (("support", "location"), ("equipment", "location"))
MOST_M = 1000  # a wider look-up would read a town for one sensor
_DUST = 1e-9  # degrees, a tenth of a millimetre: more than rounding loses


class Neighbour(NamedTuple):
    """Equipment that is present, and its distance in metres."""

    device: Record
    metres: float


PlacedDevice: TypeAlias = tuple[Record, Point]
DevicesByOwner: TypeAlias = Mapping[str, Sequence[PlacedDevice]]
"""The equipment of a cell by its owner."""


def near(registry: Snapshot, place: Point, within_m: float, owner: str | None = None) -> Iterator[Neighbour]:
    """The equipment that is present and has an owner, within a distance (at most 1 km): of this owner, or by default of
    all."""
    for name in names(place, within_m):
        devices = cell(registry, name)
        for who in devices if owner is None else (owner,):
            if who in devices:
                yield from within(place, within_m, devices[who])


def within(place: Point, within_m: float, devices: Iterable[PlacedDevice]) -> Iterator[Neighbour]:
    """The devices within a distance (at most 1 km)."""
    reach = min(within_m, MOST_M)
    west, south, east, north = around(place, reach)
    west, south, east, north = west - _DUST, south - _DUST, east + _DUST, north + _DUST
    for device, where in devices:
        # Most of a cell is outside the box: four comparisons cost a tenth of a distance.
        if west <= where[0] <= east and south <= where[1] <= north:
            distance = distance_m(place, where)
            if distance <= reach:
                yield Neighbour(device, distance)


def close_to(registry: Snapshot, record: Record, within_m: float) -> Iterator[RecordId]:
    """For rules on neighbours: the equipment near the record, and whatever moves with it."""
    if record.rid.kind == "support":
        yield from (link.source for link in registry.links_to(record.rid) if link.path == ("support",))
        place = own_position(record)
    else:
        place = position_of(registry, record) if record.rid.kind == "equipment" else None
    if place is not None:
        yield from (neighbour.device.rid for neighbour in near(registry, place, within_m))


def names(place: Point, within_m: float) -> Iterable[str]:
    """The cells around a point; none if the distance is not a positive number."""
    return cells_around(place, min(within_m, MOST_M)) if within_m > 0 else ()


def cell(registry: Snapshot, name: str) -> DevicesByOwner:
    """The equipment that is present and has an owner, in the cell with this name."""
    return derive_for(registry, name, _read_cell)


def _read_cell(registry: Snapshot, name: str) -> DevicesByOwner:
    by_owner: dict[str, list[PlacedDevice]] = defaultdict(list)
    for device, place in _equipment_by_cell(registry, name):
        owner = text(device, "owner")
        if owner is not None and in_service(registry, device):
            by_owner[owner].append((device, place))
    return {owner: sorted(devices, key=lambda item: item[0].rid) for owner, devices in by_owner.items()}


def _equipment_by_cell(registry: Snapshot, name: str) -> Iterator[PlacedDevice]:
    """Every piece of equipment in a cell. If several files claim an id, the first counts, as in `get`."""
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
