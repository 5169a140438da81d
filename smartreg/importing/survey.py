"""Survey of a sheet before anything is imported: how far its columns are filled, where its rows lie, which rows say the
same, and what kind of record they may be. It counts, and judges nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from smartreg.core.coordinates import Coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import fold
from smartreg.domain.boundaries import commune_finder
from smartreg.domain.crs import WGS84, Projection, projection
from smartreg.domain.lambert import NAME as LAMBERT
from smartreg.domain.lambert import degrees, in_lambert
from smartreg.domain.positions import lies_in
from smartreg.importing.column_guesses import find_position_columns
from smartreg.importing.columns import SheetColumn, recognise_columns
from smartreg.importing.places import are_swapped, place_columns, read_place
from smartreg.importing.values import number_in
from smartreg.readers.sheet import Row, Sheet, short_name
from smartreg.registry import Point, Registry
from smartreg.schema import Kind
from smartreg.schema.countries import Country, Words, country_named

_CELL = 4  # decimals of degrees (10 m): points that share a cell are in one commune
_TRADE: Mapping[str, str] = {  # a word of file names and headings → the `type` of what is listed
    "lampadaire": "street_light",
    "lampadaires": "street_light",
    "luminaire": "street_light",
    "luminaires": "street_light",
    "eclairage": "street_light",
    "foyer": "street_light",
    "foyers": "street_light",
    "mats": "mast",
    "poteau": "electricity_pole",
    "poteaux": "electricity_pole",
    "signalisation": "traffic_light",
    "feux": "traffic_light",
    "carrefour": "traffic_light",
    "carrefours": "traffic_light",
    "armoires": "cabinet",
    "batiments": "building",
    "station": "sensor",
    "stations": "sensor",
    "sonde": "sensor",
    "sondes": "sensor",
    "deveui": "sensor",
    "comptage": "sensor",
    "cameras": "camera",
    "compteurs": "meter",
}


# -- columns -----------------------------------------------------------------------------------------------------------


class ColumnStatistics(NamedTuple):
    """A column: in how many rows it is filled, how many different values it has, one of these."""

    filled: int
    distinct: int
    example: str


def describe_columns(sheet: Sheet) -> tuple[ColumnStatistics, ...]:
    """The statistics of every column, in one pass over its cells."""
    described = []
    for place in range(len(sheet.headings)):
        values = dict.fromkeys(cells := [text for row in sheet.rows if (text := row.cells[place].strip())])
        described.append(ColumnStatistics(len(cells), len(values), next(iter(values), "")))
    return tuple(described)


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


def guess_system(points: Sequence[Placed], country: Country) -> str | None:
    """In France Lambert-93 where most points are in it, elsewhere the usual system of the country where most points are
    metres, which lie in the country then; None for degrees, and where nobody can tell."""
    if not country.french:
        return _usual_system(points, country)
    inside = sum(in_lambert(x, y) for _, x, y in points)
    return LAMBERT if inside * 2 > len(points) else None


def _usual_system(points: Sequence[Placed], country: Country) -> str | None:
    metres = [(x, y) for _, x, y in points if abs(x) > 180 or abs(y) > 90]
    if 2 * len(metres) <= len(points):
        return None
    try:
        places = projection(country.projection).to_wgs84([x for x, _ in metres], [y for _, y in metres])
    except UsageFault:  # without PROJ, nobody can tell
        return country.projection
    inside = sum(lies_in(country, *place) for place in places)
    return country.projection if 2 * inside > len(metres) else None


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


# -- the kind ----------------------------------------------------------------------------------------------------------


class KindGuess(NamedTuple):
    """A kind of record that the rows may be, the `type` that words of the sheet give it; why (None: it is known)."""

    kind: Kind
    type: str | None
    why: Text | None


def words_of(sheet: Sheet) -> Iterator[str]:
    """The words that say what a sheet lists: of its file, its name, its headings."""
    for text in (sheet.file.rpartition(".")[0], sheet.name, *map(short_name, sheet.headings)):
        yield from fold(text).split("-")


def guess_type(kind: Kind, sheet: Sheet, words: Words) -> tuple[str, str] | None:
    """The value of `type` that a word of the sheet names, and the word; None where no word does. `words`: those of the
    country."""
    field = kind.by_path.get(("type",))
    if field is None or not field.enum:
        return None
    labels = {
        word: str(value)
        for value in field.enum
        for text in (str(value), field.choice(value).in_("en"), field.choice(value).in_("fr"))
        for word in (fold(text), f"{fold(text)}s")
    }
    labels |= {fold(word): str(value) for value in field.enum for word in words.get(str(value), ())}
    for word in words_of(sheet):
        value = labels.get(word, _TRADE.get(word))
        if value in field.enum:
            return str(value), word
    return None


def guess_kinds(registry: Registry, sheet: Sheet) -> list[KindGuess]:
    """The kinds that the rows may be, the likeliest first."""
    kinds = [kind for kind in registry.schemas.kinds.values() if not kind.is_foreign]
    words = country_named(registry.config.country).words
    scored = sorted(
        ((_score(kind, sheet, words), -place, kind) for place, kind in enumerate(kinds)), key=lambda each: each[:2]
    )
    return [guess for _, _, kind in reversed(scored) if (guess := _explain(kind, sheet, words)) is not None]


def _score(kind: Kind, sheet: Sheet, words: Words) -> int:
    """Words that name the kind or its type count most, then points and headings that are its fields, which few kinds
    share."""
    names = {fold(text) for text in (kind.name, kind.noun, kind.folder, kind.plural.in_("fr"), kind.title.in_("fr"))}
    is_named = not names.isdisjoint([fold(sheet.file.rpartition(".")[0]), fold(sheet.name)])
    fields = {column.field.path for column in recognise_columns(kind, sheet.headings).values()}
    required = {field.path for field in kind.fields if field.required and len(field.path) == 1}
    is_typed = guess_type(kind, sheet, words) is not None
    has_points = any(path[-1] in ("lon", "lat") for path in fields) or bool(
        find_position_columns(kind, sheet, (), set(), words)
    )
    is_placed = bool(kind.position) and has_points
    return 20 * is_named + 8 * is_typed + 4 * is_placed + 2 * len(fields & required) + len(fields)


def _explain(kind: Kind, sheet: Sheet, words: Words) -> KindGuess | None:
    typed = guess_type(kind, sheet, words)
    if typed is not None:
        return KindGuess(kind, typed[0], Message("the sheet says “{word}”", word=typed[1]))
    recognised = [sheet.headings[place] for place in recognise_columns(kind, sheet.headings)]
    if recognised or (kind.position and ("location", "lon") in kind.by_path):
        names = ", ".join(map(short_name, recognised))
        return KindGuess(kind, None, Message("its columns: {names}", names=names) if names else Message("points"))
    return None
