"""Points as people type them, and the records nearest to one."""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection
from typing import NamedTuple

from smartreg.core.coordinates import is_link, read_coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.registry.points import FRANCE_LAT, FRANCE_LON, Point, distance_m, position
from smartreg.registry.registry import Registry
from smartreg.schema import Field, Kind

NEAREST = 9


class Near(NamedTuple):
    """A record and its distance in metres."""

    metres: float
    record: Record


def carriers(kind: Kind) -> list[Field]:
    """The references by which a record of this kind may have a position."""
    references = (kind.by_path.get((name,)) for name in kind.position)
    return [field for field in references if field is not None and field.refs]


def nearest(registry: Registry, kinds: Collection[str], where: Point) -> list[Near]:
    """The records nearest to a point, nearest first, at most nine."""
    by_distance = (
        Near(distance_m(where, place), record)
        for kind in kinds
        if kind in registry.schemas.kinds
        for record in registry.of_kind(kind)
        if (place := position(registry, record)) is not None
    )
    return heapq.nsmallest(NEAREST, by_distance, key=lambda near: (near.metres, near.record.rid))


def typed_point(text: str, option: str = "") -> Point:
    """Longitude and latitude of a position as people write and copy it (`43.51345, 4.98747`, a map link …). UsageFault
    when it is none, or lies in France only the other way round. `option`: how a message names what was typed."""
    before = f"{option} " if option else ""
    found = read_coordinates(text)
    lon, lat = (float(found.lon), float(found.lat)) if found else (math.nan, math.nan)
    if found is None and is_link(text):
        raise UsageFault(
            Message('{before}"{text}" holds no position', before=before, text=text),
            Message("open the link, and copy the two numbers that the map shows for the place"),
        )
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UsageFault(
            Message('{before}"{text}" is not a latitude and a longitude', before=before, text=text),
            Message("write them like 43.51345,4.98747"),
        )
    if found is not None and FRANCE_LON[0] <= lat <= FRANCE_LON[1] and FRANCE_LAT[0] <= lon <= FRANCE_LAT[1]:
        raise UsageFault(
            Message('{before}"{text}": longitude and latitude look swapped', before=before, text=text),
            Message("latitude first: {before}{lon},{lat}", before=before, lon=found.lon, lat=found.lat),
        )
    return lon, lat


def typed_point_or_none(text: str) -> Point | None:
    """Like `typed_point`; None where a text says no position."""
    return typed_point(text) if read_coordinates(text) else None
