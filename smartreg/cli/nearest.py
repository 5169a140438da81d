"""Records by their distance from a point."""

from __future__ import annotations

import heapq
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.values import Record, Words
from smartreg.registry import Registry, distance_m, position
from smartreg.schema import Field, Kind

Point = tuple[float, float]  # longitude, latitude, WGS 84
NEAREST = 9
_FRANCE_LON, _FRANCE_LAT = (-5.5, 9.8), (41.2, 51.3)  # the mainland and Corsica


class Near(NamedTuple):
    """A record and its distance in metres."""

    metres: float
    record: Record


def carrier(kind: Kind) -> Field:
    """The reference by which a record of this kind has a position. UsageFault when it has none."""
    for name in kind.position:
        field = kind.by_path.get((name,))
        if field is not None and field.refs:
            return field
    raise UsageFault(
        Words(
            f"a {kind.name} hangs on nothing: --near cannot help",
            f"un {kind.name} n'est porté par rien : --near est sans objet",
        )
    )


def point(text: str) -> Point:
    """`43.51345,4.98747` (latitude first, as maps show it) → longitude, latitude. UsageFault when it is not that, or
    when it lies in France only the other way round."""
    parts = [part.strip() for part in text.replace(";", ",").split(",")]
    try:
        lat, lon = map(float, parts)
    except ValueError:
        lat = lon = float("nan")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UsageFault(
            Words(f'--near "{text}" is not LAT,LON', f"--near « {text} » n'est pas LAT,LON"),
            Words("write it like 43.51345,4.98747", "écrivez-le comme 43.51345,4.98747"),
        )
    if _FRANCE_LON[0] <= lat <= _FRANCE_LON[1] and _FRANCE_LAT[0] <= lon <= _FRANCE_LAT[1]:
        raise UsageFault(
            Words(
                f'--near "{text}": longitude and latitude look swapped', f"--near « {text} » : lat et lon inversées ?"
            ),
            Words(f"latitude first: --near {lon:g},{lat:g}", f"la latitude d'abord : --near {lon:g},{lat:g}"),
        )
    return lon, lat


def nearest(registry: Registry, kinds: tuple[str, ...], where: Point) -> list[Near]:
    """The records nearest to a point, nearest first, at most nine."""
    found = (
        Near(distance_m(where, place), record)
        for kind in kinds
        if kind in registry.schemas.kinds
        for record in registry.of_kind(kind)
        if (place := position(registry, record)) is not None
    )
    return heapq.nsmallest(NEAREST, found, key=lambda near: (near.metres, near.record.rid))
