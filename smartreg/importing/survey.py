"""Survey of a sheet before anything is imported: how far its columns are filled, where its rows lie, which rows say the
same, and what kind of record they may be. It counts, and judges nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from smartreg.core.coordinates import Coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import fold
from smartreg.domain.boundaries import boundaries, has_centre
from smartreg.domain.codes import centre, commune_of, members
from smartreg.domain.crs import WGS84, projection
from smartreg.domain.lambert import degrees, in_lambert
from smartreg.importing.columns import SheetColumn, recognise_columns
from smartreg.importing.places import holds_places, read_place
from smartreg.importing.readers.sheet import Row, Sheet, short_name
from smartreg.importing.values import number_in
from smartreg.registry import Point, Registry, distance_m
from smartreg.schema import Kind

LAMBERT = "EPSG:2154"
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

    identical: tuple[int, ...] = ()
    same_place: tuple[int, ...] = ()


@dataclass(frozen=True)
class Whereabouts:
    """Where the rows lie. `placed`: how many have a point; `system`: the coordinate system in which they were read;
    `communes`: rows by INSEE code, most first; `outside`: the numbers of the rows in no commune of the territory;
    `exact`: whether outlines tell, not only the centre that is nearest."""

    placed: int = 0
    system: str | None = None
    communes: tuple[tuple[str, int], ...] = ()
    outside: tuple[int, ...] = ()
    exact: bool = False


Placed: TypeAlias = tuple[Row, float, float]


def points_of(sheet: Sheet, columns: Sequence[SheetColumn], rows: Iterable[Row]) -> list[Placed]:
    """The rows with x and y, as they stand in the columns that fill longitude and latitude, or in the one that fills
    the whole position."""
    whole = next((column for column in columns if column.field is not None and column.path == ("location",)), None)
    if whole is not None:
        found = ((row, read_place(whole, row.cells[whole.place])) for row in rows)
        return [(row, float(at.lon), float(at.lat)) for row, at in found if isinstance(at, Coordinates)]
    by_axis = {column.path[-1]: column.place for column in columns if column.path[-1] in ("lon", "lat")}
    if len(by_axis) < 2:
        return []
    lon, lat = by_axis["lon"], by_axis["lat"]
    pairs = ((row, number_in(row.cells[lon]), number_in(row.cells[lat])) for row in rows)
    return [(row, x, y) for row, x, y in pairs if x is not None and y is not None]


def guess_system(points: Sequence[Placed]) -> str | None:
    """Lambert-93 where most points are in it; None for degrees, and where nobody can tell."""
    inside = sum(in_lambert(x, y) for _, x, y in points)
    return LAMBERT if inside * 2 > len(points) else None


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
    """In which communes the points lie: by the outlines of the registry, else by the nearest centre of the territory.
    A system that needs PROJ, and no PROJ: nothing is told of communes."""
    try:
        places = _in_degrees(points, system)
    except UsageFault:
        return Whereabouts(len(points), system)
    find_commune, exact = _commune_finder(registry)
    if find_commune is None:
        return Whereabouts(len(points), system)
    known: dict[Point, str | None] = {}
    communes: Counter[str] = Counter()
    outside = []
    for (row, *_), place in zip(points, places, strict=True):
        cell = (round(place[0], _CELL), round(place[1], _CELL))
        if cell not in known:
            known[cell] = find_commune(place)
        code = known[cell]
        if code is None:
            outside.append(row.number)
        else:
            communes[code] += 1
    return Whereabouts(len(points), system, tuple(communes.most_common()), tuple(outside), exact)


def _in_degrees(points: Sequence[Placed], system: str | None) -> Sequence[Point]:
    if system is None or system.upper() == WGS84:
        return [(x, y) for _, x, y in points]
    if system.upper() == LAMBERT:
        places: list[Point] = [degrees(x, y) if in_lambert(x, y) else (x, y) for _, x, y in points]
        return places
    return projection(system).to_wgs84([x for _, x, _ in points], [y for _, _, y in points])


def _commune_finder(registry: Registry) -> tuple[Callable[[Point], str | None] | None, bool]:
    """The function that names the commune of a point (None: outside), and whether it knows outlines."""
    territory = registry.config.territory
    codes = {*map(commune_of, territory.communes), *(each.insee_code for each in members(territory.epci_siren or ""))}
    known = boundaries(registry)
    if known is not None and known.complete:
        return lambda place: code if (code := known.commune_at(place)) and known.counts(code) else None, True
    centres = [(code, at) for code in sorted(codes) if has_centre(code) and (at := centre(code)) is not None]
    if not centres:
        return None, False
    most = registry.config.thresholds.commune_distance_km * 1000

    def nearest(place: Point) -> str | None:
        metres, code = min((distance_m(place, at), code) for code, at in centres)
        return code if metres <= most else None

    return nearest, False


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


def guess_type(kind: Kind, sheet: Sheet) -> tuple[str, str] | None:
    """The value of `type` that a word of the sheet names, and the word; None where no word does."""
    field = kind.by_path.get(("type",))
    if field is None or not field.enum:
        return None
    labels = {
        word: str(value)
        for value in field.enum
        for text in (str(value), field.choice(value).in_("en"), field.choice(value).in_("fr"))
        for word in (fold(text), f"{fold(text)}s")
    }
    for word in words_of(sheet):
        value = labels.get(word, _TRADE.get(word))
        if value in field.enum:
            return str(value), word
    return None


def guess_kinds(registry: Registry, sheet: Sheet) -> list[KindGuess]:
    """The kinds that the rows may be, the likeliest first."""
    kinds = [kind for kind in registry.schemas.kinds.values() if not kind.is_foreign]
    scored = sorted(
        ((_score(kind, sheet), -place, kind) for place, kind in enumerate(kinds)), key=lambda each: each[:2]
    )
    return [guess for _, _, kind in reversed(scored) if (guess := _explain(kind, sheet)) is not None]


def _score(kind: Kind, sheet: Sheet) -> int:
    """Words that name the kind or its type count most, then headings that are its fields, which few kinds share."""
    names = {fold(text) for text in (kind.name, kind.noun, kind.folder, kind.plural.in_("fr"), kind.title.in_("fr"))}
    named = not names.isdisjoint([fold(sheet.file.rpartition(".")[0]), fold(sheet.name)])
    fields = {column.field.path for column in recognise_columns(kind, sheet.headings).values()}
    required = {field.path for field in kind.fields if field.required and len(field.path) == 1}
    axes = any(path[-1] in ("lon", "lat") for path in fields)
    has_place = any((name, "lon") in kind.by_path for name in kind.position)
    point = has_place and (axes or any(holds_places(sheet, place) for place in range(len(sheet.headings))))
    return 20 * named + 8 * (guess_type(kind, sheet) is not None) + 2 * len(fields & required) + len(fields) + 5 * point


def _explain(kind: Kind, sheet: Sheet) -> KindGuess | None:
    typed = guess_type(kind, sheet)
    if typed is not None:
        return KindGuess(kind, typed[0], Message("the sheet says “{word}”", word=typed[1]))
    recognised = [sheet.headings[place] for place in recognise_columns(kind, sheet.headings)]
    if recognised or (kind.position and ("location", "lon") in kind.by_path):
        names = ", ".join(map(short_name, recognised))
        return KindGuess(kind, None, Message("its columns: {names}", names=names) if names else Message("points"))
    return None
