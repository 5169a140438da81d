"""Points on Earth: distances, and the cells of a grid by which the registry finds what is near.

Points are (longitude, latitude) in degrees, WGS 84.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from smartreg.core.values import Json

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north."""

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
CELLS_PER_DEGREE = 1000  # a cell is 111 m high and, at 43.5° north, 81 m wide
_METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M
_MOST_NORTH = 85  # beyond, meridians run together and a cell has no width worth the name


def point(value: Json) -> Point | None:
    """Longitude and latitude of `{lon, lat}` in degrees; None when it is no place on Earth."""
    if value.__class__ is not dict and not isinstance(value, Mapping):  # the second look costs ten times the first
        return None
    lon, lat = value.get("lon"), value.get("lat")
    if isinstance(lon, bool) or isinstance(lat, bool):
        return None
    if not isinstance(lon, (int, float)) or not isinstance(lat, (int, float)):
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def distance_m(start: Point, end: Point) -> float:
    """Metres along the great circle between two points, by haversine."""
    radians = math.radians
    lon1, lat1, lon2, lat2 = radians(start[0]), radians(start[1]), radians(end[0]), radians(end[1])
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def cell(place: Point) -> str:
    """The name of the cell in which a point lies."""
    return f"{math.floor(place[0] * CELLS_PER_DEGREE)},{math.floor(place[1] * CELLS_PER_DEGREE)}"


def cells_around(place: Point, metres: float) -> Iterator[str]:
    """The cells that hold every point within `metres` of a point; none close to the poles."""
    if abs(place[1]) > _MOST_NORTH:
        return
    west, south, east, north = around(place, metres)
    for x in _steps(west, east):
        for y in _steps(south, north):
            yield f"{x},{y}"


def around(place: Point, metres: float) -> Box:
    """The box that holds every point within `metres` of a point that is not close to the poles."""
    lon, lat = place
    high = metres / _METRES_PER_DEGREE
    wide = high / math.cos(math.radians(min(abs(lat) + high, 89)))
    return lon - wide, lat - high, lon + wide, lat + high


def _steps(start: float, end: float) -> range:
    return range(math.floor(start * CELLS_PER_DEGREE), math.floor(end * CELLS_PER_DEGREE) + 1)
