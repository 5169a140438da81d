"""Places and owners of equipment over time, as ranges of days, read from the record itself.

`support` (or `location`) and `placed_on` say where it is now, `placements` where it was before; `owner` and
`previous_owners` likewise. All days are inclusive.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from smartreg.core.values import Json, KeyPath, Record
from smartreg.domain.days import day, day_of, days_later, latest_installation, lies_between
from smartreg.domain.fields import numbered_objects, text
from smartreg.domain.successions import PartySource, successions
from smartreg.registry import Point, distance_m, point

PLACEMENTS, OWNERS = "placements", "previous_owners"
PLACE = ("support", "location", "placed_on")
"""The fields that say where equipment is now, and since when."""
NEAR_M = 5
"""Metres by which a better survey may move a point without making it another place."""


class Placement(NamedTuple):
    """One place of a device: the support's id, its own point (lon, lat), or both. `start` is the first day there (None:
    not installed yet, or not known), `until` the last one (None: still there). `path`: where the record says so."""

    support: str | None
    location: Point | None
    start: date | None
    until: date | None
    reason: str | None
    path: KeyPath

    def holds(self, on: date) -> bool:
        """Whether the day is in the range."""
        return lies_between(on, self.start, self.until)


class Ownership(NamedTuple):
    """One owner (the id of a party) from `start` (None: from the beginning) until `until` (None: still). `path`: where
    the record names it, or the party whose place it took."""

    owner: str
    start: date | None
    until: date | None
    path: KeyPath

    def holds(self, on: date) -> bool:
        """Whether the day is in the range."""
        return lies_between(on, self.start, self.until)


def placements_of(equipment: Record) -> tuple[Placement, ...]:
    """The places of equipment, in the order of the record, the present place last; items without readable days are
    left out (the schema and LIF601 report them)."""
    present = present_placement(equipment)
    return (*earlier_placements(equipment), *((present,) if present else ()))


def earlier_placements(equipment: Record) -> Iterator[Placement]:
    """The items of `placements` that name a place and both days."""
    for index, item in numbered_objects(equipment.data.get(PLACEMENTS)):
        start, until = day_of(item.get("from")), day_of(item.get("until"))
        support, own, reason = item.get("support"), point(item.get("location")), item.get("reason")
        if start is not None and until is not None and (isinstance(support, str) or own is not None):
            yield Placement(
                support if isinstance(support, str) else None,
                own,
                start,
                until,
                reason if isinstance(reason, str) else None,
                (PLACEMENTS, index),
            )


def present_placement(equipment: Record) -> Placement | None:
    """The present place according to the record (of removed equipment: its last one, until the day before its removal,
    as in `is_up`); None for mobile equipment."""
    support, own = text(equipment, "support"), point(equipment.data.get("location"))
    if support is None and own is None:
        return None
    start = day(equipment, "placed_on") or latest_installation(equipment)
    path = ("support",) if support is not None else ("location",)
    removed = day(equipment, "removed_on")
    return Placement(support, own, start, days_later(removed, -1) if removed else None, None, path)


def is_mount(path: KeyPath) -> bool:
    """Whether a reference from equipment names the support that carries it, or one that carried it."""
    return path == ("support",) or path[0] == PLACEMENTS


def same_place(one: Placement, other: Placement) -> bool:
    """Whether both are the same support or, without one, points no further apart than a better survey explains."""
    if one.support is not None or other.support is not None:
        return one.support == other.support
    return (
        one.location is not None and other.location is not None and distance_m(one.location, other.location) <= NEAR_M
    )


def placement_on(equipment: Record, on: date) -> Placement | None:
    """The place of equipment on a day; None before its installation, after its removal, or between two places."""
    if PLACEMENTS not in equipment.data and "placed_on" not in equipment.data:  # nearly every device: one place
        present = present_placement(equipment)
        return present if present is not None and present.holds(on) else None
    return next((placement for placement in reversed(placements_of(equipment)) if placement.holds(on)), None)


def recorded_owners(record: Record) -> Iterator[Ownership]:
    """Who owned a support or a device as its record says, oldest first, the present owner last."""
    start: date | None = None
    for index, item in numbered_objects(record.data.get(OWNERS)):
        owner, until = item.get("owner"), day_of(item.get("until"))
        if isinstance(owner, str) and until is not None:
            yield Ownership(owner, start, until, (OWNERS, index, "owner"))
            start = days_later(until, 1)
    owner = text(record, "owner")
    if owner is not None:
        yield Ownership(owner, start, None, ("owner",))


def owners_of(registry: PartySource, record: Record) -> tuple[Ownership, ...]:
    """Who owned a support or a device, oldest first, the present owner last; from the day of a succession, the
    successor of the owner that the record names, at the path where it names it."""
    lineage = successions(registry)
    held = lineage.holdings
    if OWNERS not in record.data and not lineage.ends and not lineage.here:  # as in most registries
        owner = text(record, "owner")
        return () if owner is None else (_only_owner(owner),)
    return tuple(
        Ownership(*holding, ownership.path)
        for ownership in recorded_owners(record)
        for holding in held(ownership.owner, ownership.start, ownership.until)
    )


@lru_cache(maxsize=4096)
def _only_owner(owner: str) -> Ownership:
    """The ownership of who has always owned something: the same for thousands of records."""
    return Ownership(owner, None, None, ("owner",))


def ownership_on(registry: PartySource, record: Record, on: date) -> Ownership | None:
    """The ownership of a support or a device on a day."""
    return next((ownership for ownership in reversed(owners_of(registry, record)) if ownership.holds(on)), None)


def owner_on(registry: PartySource, record: Record, on: date) -> str | None:
    """The id of the party that owned a support or a device on a day."""
    ownership = ownership_on(registry, record, on)
    return ownership.owner if ownership else None


def earlier_item(old: Placement, on: date, reason: str | None) -> dict[str, Json]:
    """The item of `placements` for the place that is left on the day before `on`."""
    point = {"lon": old.location[0], "lat": old.location[1]} if old.location else None
    item = {
        "support": old.support,
        "location": point,
        "from": str(old.start),
        "until": (on - timedelta(days=1)).isoformat(),
        "reason": reason,
    }
    return {name: value for name, value in item.items() if value is not None}
