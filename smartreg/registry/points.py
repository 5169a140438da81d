"""Points on the map, and positions of records. Points are (longitude, latitude) in degrees, WGS 84. The registry finds
what is near by the cells of a grid.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol, TypeAlias, TypeGuard

from smartreg.core.values import Json, Record, RecordId
from smartreg.schema import CODE_FIELDS, Schemas

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north."""

FRANCE_LON, FRANCE_LAT = (-5.5, 9.8), (41.2, 51.3)  # the mainland and Corsica
EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
CELLS_PER_DEGREE = 1000  # a cell is 111 m high and, at 43.5° north, 81 m wide
_METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M
DECIMALS = 6  # of degrees on a map: 0.1 m
MOBILE = "mobile"  # what has this field has no place
_MOST_NORTH = 85  # beyond that, meridians converge and cells have almost no width


def point(value: Json) -> Point | None:
    """Longitude and latitude of `{lon, lat}` in degrees; None if it is no place on Earth."""
    # Most have none, and the last look costs ten times the others.
    if value is None or (value.__class__ is not dict and not isinstance(value, Mapping)):
        return None
    lon, lat = value.get("lon"), value.get("lat")
    if isinstance(lon, bool) or isinstance(lat, bool):
        return None
    if not isinstance(lon, (int, float)) or not isinstance(lat, (int, float)):
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def distance_m(start: Point, end: Point) -> float:
    """Great-circle distance between two points in metres, by haversine."""
    radians = math.radians
    lon1, lat1, lon2, lat2 = radians(start[0]), radians(start[1]), radians(end[0]), radians(end[1])
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def cell(place: Point) -> str:
    """The name of the cell that contains a point."""
    return f"{math.floor(place[0] * CELLS_PER_DEGREE)},{math.floor(place[1] * CELLS_PER_DEGREE)}"


def cells_around(place: Point, metres: float) -> Sequence[str]:
    """The cells that contain every point within `metres` of a point; none near the poles."""
    if abs(place[1]) > _MOST_NORTH:
        return ()
    west, south, east, north = around(place, metres)
    rows = _steps(south, north)
    return [f"{x},{y}" for x in _steps(west, east) for y in rows]


@lru_cache(maxsize=1024)  # asked for each cell around a point, by one rule after another
def around(place: Point, metres: float) -> Box:
    """The box that contains every point within `metres` of a point that is not near the poles."""
    lon, lat = place
    high = metres / _METRES_PER_DEGREE
    wide = high / math.cos(math.radians(min(abs(lat) + high, 89)))
    return lon - wide, lat - high, lon + wide, lat + high


def _steps(start: float, end: float) -> range:
    return range(math.floor(start * CELLS_PER_DEGREE), math.floor(end * CELLS_PER_DEGREE) + 1)


class RecordsById(Protocol):
    """Records by id, and their kinds: a registry, or the visible part of it."""

    @property
    def schemas(self) -> Schemas: ...

    def get(self, rid: RecordId) -> Record | None: ...


def position(registry: RecordsById, record: Record) -> tuple[float, float] | None:
    """Longitude and latitude (WGS 84) of a record: its own, or its support's."""
    return _position(registry, record, frozenset())


def map_point(registry: RecordsById, record: Record) -> tuple[float, float] | None:
    """A position as maps show it, with six decimals; None for what is mobile, nowhere or not on the globe."""
    place = None if record.data.get(MOBILE) else position(registry, record)
    if place is None or not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        return None
    return round(place[0], DECIMALS), round(place[1], DECIMALS)


def code_of_place(registry: RecordsById, record: Record) -> Json:
    """The code of the municipality that a record says, else the one of what it is attached to: the support lends its
    own to what hangs on it, as it lends its point."""
    kind = registry.schemas.kinds[record.rid.kind]
    for name in CODE_FIELDS:
        if (name,) in kind.by_path or name in record.data:
            return record.data.get(name)
    for name in kind.position[1:]:
        field, id = kind.by_path.get((name,)), record.data.get(name)
        for ref in field.refs if field and isinstance(id, str) else ():
            host = registry.get(RecordId(ref, str(id)))
            codes = (host.data.get(name) for name in CODE_FIELDS) if host is not None else ()
            if (code := next((code for code in codes if code is not None), None)) is not None:
                return code
    return None


def _position(registry: RecordsById, record: Record, passed: frozenset[RecordId]) -> tuple[float, float] | None:
    kind = registry.schemas.kinds[record.rid.kind]
    seen = passed | {record.rid}
    for name in kind.position:
        value = record.data.get(name)
        if isinstance(value, Mapping):
            lon, lat = value.get("lon"), value.get("lat")
            if _is_number(lon) and _is_number(lat):
                return float(lon), float(lat)
        elif isinstance(value, str) and (field := kind.by_path.get((name,))):
            host = next((item for ref in field.refs if (item := registry.get(RecordId(ref, value)))), None)
            if host is not None and host.rid not in seen and (point := _position(registry, host, seen)):
                return point
    return None


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
