"""Where records are, as rules see it: positions that may be meant."""

from __future__ import annotations

from smartreg.registry import Point, point
from smartreg.rules._mounted import support_of
from smartreg.rules.geo701_impossible_position import check as impossible
from smartreg.rules.geo701_impossible_position import fault_of
from smartreg.rules.rule import Context, Snapshot
from smartreg.values import Record

_LOCATION = ("location",)


def own_position(record: Record) -> Point | None:
    """The position that a record gives itself."""
    return point(record.data.get("location"))


def believable(record: Record, context: Context) -> Point | None:
    """The position that a record gives itself; None when GEO701 says that it cannot be meant."""
    place = own_position(record)
    if place is None:
        return None
    if context.schemas.kinds[record.rid.kind].position == _LOCATION:  # nearly every kind: nothing else to look at
        return None if fault_of(*place) else place
    return None if next(impossible.check(record, context), None) is not None else place


def position_of(registry: Snapshot, device: Record) -> Point | None:
    """The own position of equipment or, when it gives none, that of its support."""
    if device.data.get("location") is not None:
        return own_position(device)
    support = support_of(registry, device)
    return own_position(support) if support else None
