"""Survey of a sheet before anything is imported: how far its columns are filled, where its rows lie, which rows say the
same. It counts, and judges nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from smartreg.core.coordinates import Coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.spelling import day_in
from smartreg.domain.boundaries import commune_finder
from smartreg.domain.crs import WGS84, Projection, projection
from smartreg.domain.lambert import NAME as LAMBERT
from smartreg.domain.lambert import degrees, in_lambert
from smartreg.importing.columns import SheetColumn
from smartreg.importing.places import are_swapped, place_columns, read_place
from smartreg.importing.values import number_in
from smartreg.readers.sheet import Row, Sheet
from smartreg.registry import Point, Registry
from smartreg.schema import Kind

_MOST = 0.8  # of the values that make a column one of numbers or days
_CELL = 4  # decimals of degrees (10 m): points that share a cell are in one commune


# -- columns -----------------------------------------------------------------------------------------------------------


class ColumnStatistics(NamedTuple):
    """A column: in how many rows it is filled, how many different values it has, one of these; of numbers and days
    also the first and the last."""

    filled: int
    distinct: int
    example: str
    extremes: tuple[str, ...] = ()


def describe_columns(sheet: Sheet) -> tuple[ColumnStatistics, ...]:
    """The statistics of every column, in one pass over its cells."""
    described = []
    for place in range(len(sheet.headings)):
        values = dict.fromkeys(cells := [text for row in sheet.rows if (text := row.cells[place].strip())])
        described.append(ColumnStatistics(len(cells), len(values), next(iter(values), ""), _extremes(values)))
    return tuple(described)


def _extremes(values: Iterable[str]) -> tuple[str, ...]:
    """The least and the greatest of numbers, the first and the last of days; nothing for other texts."""
    texts = list(values)
    for read in (number_in, day_in):
        if len(texts) > 1 and read(texts[0]) is not None:
            known = {text: value for text in texts if (value := read(text)) is not None}
            if len(known) >= _MOST * len(texts):
                return min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    return ()


# -- rows --------------------------------------------------------------------------------------------------------------


class Twins(NamedTuple):
    """Rows that say what an earlier row says: in all their cells, or of their place alone. By their numbers."""

    identical: tuple[int, ...]
    same_place: tuple[int, ...]


@dataclass(frozen=True)
class Whereabouts:
    """Where the rows lie. `placed`: how many have a point; `system`: the coordinate system in which they were read;
    `communes`: rows by INSEE code, most first; `outside`: the numbers of the rows in no commune of the territory;
    `exact`: whether outlines tell, not only the centre that is nearest; `is_clear`: whether no border leaves in doubt
    that those outside are."""

    placed: int
    system: str | None
    communes: tuple[tuple[str, int], ...] = ()
    outside: tuple[int, ...] = ()
    exact: bool = False
    is_clear: bool = True

    @property
    def some_outside(self) -> bool:
        """Whether some rows lie in the territory, and others outside."""
        return bool(self.outside and self.communes)


Placed: TypeAlias = tuple[Row, float, float]


def points_of(kind: Kind, columns: Sequence[SheetColumn], rows: Iterable[Row]) -> list[Placed]:
    """The rows with x and y, as they stand in the columns of the position."""
    pair = next(place_columns(kind, columns), None)
    if pair is None:
        return []
    placed = []
    for row in rows:
        if pair.lon.place == pair.lat.place:
            read = read_place(pair.lon, row.cells[pair.lon.place])
            x, y = (float(read.lon), float(read.lat)) if isinstance(read, Coordinates) else (None, None)
        else:
            x, y = number_in(row.cells[pair.lon.place]), number_in(row.cells[pair.lat.place])
        if x is not None and y is not None:
            placed.append((row, x, y))
    return placed


def find_twins(rows: Sequence[Row], points: Sequence[Placed]) -> Twins:
    seen: set[tuple[str, ...]] = set()
    identical = []
    for row in rows:
        cells = tuple(row.cells)
        if cells in seen:
            identical.append(row.number)
        seen.add(cells)
    places: set[tuple[float, float]] = set()
    same_place = []
    again = set(identical)
    for row, x, y in points:
        if (x, y) in places and row.number not in again:
            same_place.append(row.number)
        places.add((x, y))
    return Twins(tuple(identical), tuple(same_place))


def locate(registry: Registry, points: Sequence[Placed], system: str | None) -> Whereabouts:
    """In which communes the points lie: by the outlines of the registry, else by the nearest centre. A system that
    needs PROJ, and no PROJ: nothing is told of communes."""
    finder = commune_finder(registry)
    try:
        used = projection(system) if system not in (None, WGS84, LAMBERT) else None
        if system != LAMBERT and are_swapped([(x, y) for _, x, y in points], used, finder):
            points = [(row, y, x) for row, x, y in points]
        places = _in_degrees(points, system, used)
    except UsageFault:
        return Whereabouts(len(points), system)
    cells: dict[Point, tuple[str | None, bool]] = {}
    is_clear = True
    communes: Counter[str] = Counter()
    outside = []
    for (row, *_), place in zip(points, places, strict=True):
        cell = (round(place[0], _CELL), round(place[1], _CELL))
        if cell not in cells:
            cells[cell] = finder.commune_at(place), finder.inside(place)
            is_clear = is_clear and (cells[cell][1] or finder.clearly_outside(place))
        code, inside = cells[cell]
        if not inside:
            outside.append(row.number)
        elif code is not None:
            communes[code] += 1
    return Whereabouts(len(points), system, tuple(communes.most_common()), tuple(outside), finder.exact, is_clear)


def _in_degrees(points: Sequence[Placed], system: str | None, used: Projection | None) -> Sequence[Point]:
    if used is not None:
        return used.to_wgs84([x for _, x, _ in points], [y for _, _, y in points])
    if system == LAMBERT:
        return [degrees(x, y) if in_lambert(x, y) else (x, y) for _, x, y in points]
    return [(x, y) for _, x, y in points]
