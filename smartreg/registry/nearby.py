"""Points as people type them, and the records nearest to one."""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Collection
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.registry.points import Point, distance_m, position
from smartreg.registry.registry import Registry
from smartreg.schema import Field, Kind

NEAREST = 9
_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?")
_PAIR = re.compile(rf"({_NUMBER.pattern})(\s*;\s*|\s*,\s+|\s+,?|,)({_NUMBER.pattern})")
_ONE_NUMBER = re.compile(r"[-+]?[0-9]+,[0-9]+")  # 43,5 may be a latitude alone
_FRANCE_LON, _FRANCE_LAT = (-5.5, 9.8), (41.2, 51.3)  # the mainland and Corsica


class Near(NamedTuple):
    """A record and its distance in metres."""

    metres: float
    record: Record


def carriers(kind: Kind) -> list[Field]:
    """The references by which a record of this kind may have a position."""
    fields = (kind.by_path.get((name,)) for name in kind.position)
    return [field for field in fields if field is not None and field.refs]


def nearest(registry: Registry, kinds: Collection[str], where: Point) -> list[Near]:
    """The records nearest to a point, nearest first, at most nine."""
    found = (
        Near(distance_m(where, place), record)
        for kind in kinds
        if kind in registry.schemas.kinds
        for record in registry.of_kind(kind)
        if (place := position(registry, record)) is not None
    )
    return heapq.nsmallest(NEAREST, found, key=lambda near: (near.metres, near.record.rid))


def typed_point(text: str, option: str = "") -> Point:
    """`43.51345, 4.98747` (latitude first, as maps show it; decimal commas too where that can mean one thing only) →
    longitude, latitude. UsageFault when it is not that, or when it lies in France only the other way round. `option`:
    how a message names what was typed."""
    before = f"{option} " if option else ""
    found = _PAIR.fullmatch(text.strip())
    mixed = found and found[2] == "," and ("," in found[1]) != ("," in found[3])  # 43,5,4: where are the decimals?
    lat, lon = (float(part.replace(",", ".")) for part in found.group(1, 3)) if found and not mixed else (math.nan,) * 2
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or _ONE_NUMBER.fullmatch(text.strip()):
        raise UsageFault(
            Message('{before}"{text}" is not a latitude and a longitude', before=before, text=text),
            Message("write them like 43.51345,4.98747"),
        )
    if _FRANCE_LON[0] <= lat <= _FRANCE_LON[1] and _FRANCE_LAT[0] <= lon <= _FRANCE_LAT[1]:
        raise UsageFault(
            Message('{before}"{text}": longitude and latitude look swapped', before=before, text=text),
            Message("latitude first: {before}{lon},{lat}", before=before, lon=format(lon, "g"), lat=format(lat, "g")),
        )
    return lon, lat


def typed_point_or_none(text: str) -> Point | None:
    """Like `typed_point`; None where a text is no pair of numbers."""
    return typed_point(text) if _PAIR.fullmatch(text.strip()) and not _ONE_NUMBER.fullmatch(text.strip()) else None


def typed_numbers(text: str) -> list[str]:
    """The numbers of a position as typed."""
    return _NUMBER.findall(text)
