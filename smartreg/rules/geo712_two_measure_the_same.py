"""Two parties measure the same at the same place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record
from smartreg.domain.checks import Context, Fault, Snapshot, at, derive_for
from smartreg.domain.fields import AT_WORK, properties, text
from smartreg.domain.neighbours import INDEXED, Neighbour, PlacedDevice, cell, close_to, names, position_of, within
from smartreg.domain.numbers import metres
from smartreg.registry import Point
from smartreg.rules.rule import rule

ByProperty: TypeAlias = Mapping[str, Mapping[str, Sequence[PlacedDevice]]]
_NOBODY: Mapping[str, Sequence[PlacedDevice]] = {}


@rule(
    "GEO712",
    "info",
    "registry",
    Message("two parties measure the same"),
    kinds=("equipment",),
    touches=lambda registry, record: close_to(registry, record, registry.config.thresholds.mutualisation_m),
    indexed=INDEXED,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    reach = context.config.thresholds.mutualisation_m
    for record in subjects:
        measured = properties(record) if text(record, "owner") and text(record, "status") in AT_WORK else {}
        place = position_of(registry, record) if measured else None
        if place is not None:
            nearest = _nearest(registry, record, place, measured, reach)
            for name, path in measured.items():
                if name in nearest:
                    yield _measured_twice(record, path, name, nearest[name])


def _nearest(
    registry: Snapshot, record: Record, place: Point, measured: Iterable[str], reach: float
) -> dict[str, Neighbour]:
    """By observed property, the nearest device in use of another owner that measures it."""
    nearest: dict[str, Neighbour] = {}
    own = text(record, "owner")
    for by_property in [derive_for(registry, name, _devices_by_property) for name in names(place, reach)]:
        for name in measured:
            for owner, devices in by_property.get(name, _NOBODY).items():
                if owner == own:
                    continue
                for neighbour in within(place, reach, devices):
                    best = nearest.get(name)
                    if neighbour.device.rid != record.rid and (
                        best is None or (neighbour.metres, neighbour.device.rid) < (best.metres, best.device.rid)
                    ):
                        nearest[name] = neighbour
    return nearest


def _devices_by_property(registry: Snapshot, name: str) -> ByProperty:
    """The devices in use in a cell, by the property that they measure and by owner."""
    by_property: dict[str, dict[str, list[PlacedDevice]]] = {}
    for owner, devices in cell(registry, name).items():
        for placed in devices:
            if text(placed[0], "status") in AT_WORK:
                for measured in properties(placed[0]):
                    by_property.setdefault(measured, {}).setdefault(owner, []).append(placed)
    return by_property


def _measured_twice(record: Record, path: KeyPath, name: str, other: Neighbour) -> Fault:
    owner, far = text(other.device, "owner"), metres(other.metres)
    return Fault(
        at(record, *path),
        Message(
            "{owner} measures {name} too, {far} away ({device})",
            owner=owner,
            name=name,
            far=far,
            device=other.device.rid.id,
        ),
        Message("could you share one?"),
        (Related(at(other.device, *properties(other.device)[name]), Message("the other one")),),
    )
