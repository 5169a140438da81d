"""Which columns hold the places of rows, and in which system: those whose numbers lie in the territory, whatever their
headings say; headings decide between columns that fit alike, and where no number lies there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import permutations
from typing import NamedTuple, TypeAlias

from smartreg.core.coordinates import read_coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import fold
from smartreg.core.values import KeyPath
from smartreg.domain.boundaries import CommuneFinder, commune_finder
from smartreg.domain.crs import projection
from smartreg.domain.lambert import NAME as LAMBERT
from smartreg.domain.lambert import degrees, in_lambert
from smartreg.domain.positions import lies_in
from smartreg.importing.column_guesses import open_places
from smartreg.importing.columns import SheetColumn, within
from smartreg.importing.values import number_in
from smartreg.readers.sheet import Sheet, heading_words
from smartreg.registry import Point, Registry
from smartreg.registry.points import FRANCE_LAT, FRANCE_LON
from smartreg.schema import Kind
from smartreg.schema.countries import Country, Words, country_named

_LON = frozenset({"x", "lon", "lng", "long", "longitude", "xlon", "xlong", "xlongitude", "est", "easting"})
_LAT = frozenset({"y", "lat", "latitude", "ylat", "ylatitude", "nord", "northing"})
_TRIED = 60  # rows that are looked at
_MOST, _SOME = 0.8, 0.5  # of these rows
_FIRST = 5  # points that decide whether a pair is tried at all
_PAIRED = 40  # columns of numbers that are tried in pairs
_LARGE = 10_000  # metres; whole numbers that are smaller are counts, years, or numbers of houses
_FRENCH = (
    *(f"EPSG:{3942 + zone}" for zone in range(9)),  # CC42 to CC50
    *("EPSG:27572", "EPSG:27561", "EPSG:27562", "EPSG:27563", "EPSG:27564"),  # NTF: Lambert II extended, zones
)
_WEB = "EPSG:3857"
_projection = cache(projection)

Numbers: TypeAlias = list[float | None]


class PlaceGuess(NamedTuple):
    """The columns of longitude (x) and latitude (y), one and the same where a cell holds both; the system of their
    numbers, None for degrees; how many of the rows that were tried lie in the territory, and of how many."""

    lon: int
    lat: int
    crs: str | None
    inside: int
    tried: int

    @property
    def why(self) -> Text:
        if not self.inside:
            return Message("heading and numbers")
        if self.inside == self.tried:
            return Message("values lie in the territory")
        return Message("{inside} of {tried} values lie in the territory", inside=self.inside, tried=self.tried)


def guess_places(registry: Registry, sheet: Sheet, places: Sequence[int]) -> PlaceGuess | None:
    """The columns, of these `places`, whose numbers are most often in the territory; else those headed as positions."""
    country = country_named(registry.config.country)
    finder = commune_finder(registry)
    rows = sheet.rows[:: max(1, len(sheet.rows) // _TRIED)][:_TRIED]
    columns = {place: [row.cells[place].strip() for row in rows] for place in places}
    numbers = {place: read for place, texts in columns.items() if (read := _numbers(texts)) is not None}
    best: tuple[tuple[float, ...], PlaceGuess] | None = None
    for guess in _candidates(country, finder, numbers, columns):
        if guess.inside < _SOME * guess.tried:
            continue
        axes = _axis(sheet, guess.lon, country.words), _axis(sheet, guess.lat, country.words)
        rank = (
            round(guess.inside / guess.tried, 1),
            _headed_as(axes, guess),
            float(guess.crs is None),
            float(guess.crs in (LAMBERT, country.projection)),
            -float(abs(guess.lat - guess.lon)),
            -float(guess.lon),
        )
        if best is None or rank > best[0]:
            best = rank, guess
    return best[1] if best is not None else _by_heading(sheet, columns, numbers, country.words)


def find_position_columns(
    registry: Registry,
    kind: Kind,
    sheet: Sheet,
    columns: Sequence[SheetColumn],
    filled: Sequence[KeyPath],
    used: set[int],
) -> tuple[PlaceGuess | None, dict[int, KeyPath]]:
    """The columns that hold longitude and latitude, or both, and the fields that they fill; nothing where the position
    is filled. Where `columns` fill one axis, that of the other."""
    axes = [(name, axis) for name in kind.position for axis in ("lon", "lat") if (name, axis) in kind.by_path][:2]
    by_path = {column.path: column.place for column in columns}
    known = {axis: by_path[axis] for axis in axes if axis in by_path}
    if not axes or len(known) == len(axes):
        return None, {}
    if not known and any(within(axis, path) for axis in axes for path in filled):
        return None, {}
    guess = guess_places(registry, sheet, [*open_places(sheet, used), *known.values()])
    if guess is None:
        return None, {}
    if guess.lon == guess.lat:
        whole = axes[0][:1]
        return (guess, {guess.lon: whole}) if whole in kind.by_path and not known else (None, {})
    pair = {axes[0]: guess.lon, axes[1]: guess.lat}
    if any(pair[axis] != place for axis, place in known.items()):
        return None, {}
    return guess, {place: axis for axis, place in pair.items() if axis not in known}


def guess_system(registry: Registry, points: Sequence[Point]) -> str | None:
    """The system in which most points lie in the territory, of those used in the country; None for degrees, and where
    nobody can tell."""
    country = country_named(registry.config.country)
    sample = points[:: max(1, len(points) // _TRIED)][:_TRIED]
    if 2 * sum(abs(x) > 180 or abs(y) > 90 for x, y in sample) <= len(sample):
        return None
    finder = commune_finder(registry)
    counted = [(sum(_are_inside(country, finder, system, sample)), system) for system in _systems(country)]
    count, system = max(counted, key=lambda each: each[0], default=(0, None))
    if 2 * count > len(sample):
        return system
    usual = LAMBERT if country.french else country.projection
    return usual if 2 * sum(_could_be(country, usual, point) for point in sample) > len(sample) else None


# -- candidates --------------------------------------------------------------------------------------------------------


def _candidates(
    country: Country, finder: CommuneFinder, numbers: Mapping[int, Numbers], columns: Mapping[int, list[str]]
) -> Iterator[PlaceGuess]:
    """Degrees first; metres are tried only where no degrees fit."""
    axis = [place for place, read in numbers.items() if _may_be_axis(read)][:_PAIRED]
    pairs = {
        (x, y): points
        for x, y in permutations(axis, 2)
        if (points := [(a, b) for a, b in zip(numbers[x], numbers[y], strict=True) if a is not None and b is not None])
    }
    for place, texts in columns.items():
        if place not in numbers and (points := _points_in([text for text in texts if text])):
            pairs[place, place] = points
    found = False
    for system in (None, *_systems(country)):
        if found and system is not None:
            return
        for (x, y), points in pairs.items():
            both = (points, [(b, a) for a, b in points]) if x == y else (points,)
            fitting = [each for each in both if any(_fits_range(country, system, *point) for point in each[:_FIRST])]
            fitting = [each for each in fitting if any(_are_inside(country, finder, system, each[:_FIRST]))]
            if fitting:
                inside = max(sum(_are_inside(country, finder, system, each)) for each in fitting)
                found = found or inside >= _SOME * len(points)
                yield PlaceGuess(x, y, system, inside, len(points))


def _systems(country: Country) -> Iterator[str]:
    """The systems of metres used in a country: its own, the zones of UTM that reach it, and that of maps on the web."""
    west, _south, east, _north = country.bounds or (FRANCE_LON[0], FRANCE_LAT[0], FRANCE_LON[1], FRANCE_LAT[1])
    if country.french:
        yield from (LAMBERT, *_FRENCH)
    elif country.projection:
        yield country.projection
    south = country.bounds and country.bounds[3] < 0
    first, last = (math.floor((lon + 180) / 6) + 1 for lon in (west, east))
    for zone in range(first, last + 1) if last - first < 8 else ():
        yield f"EPSG:{(32700 if south else 32600) + zone}"
    yield _WEB


def _fits_range(country: Country, system: str | None, x: float, y: float) -> bool:
    """Whether two numbers may be a point in this system, before it is converted."""
    if system is None:
        return lies_in(country, x, y) and not (x == 0 == y)
    return abs(x) > 1000 and abs(y) > 1000


def _could_be(country: Country, system: str, point: Point) -> bool:
    if system == LAMBERT:
        return in_lambert(*point)
    try:
        return lies_in(country, *_projection(system).to_wgs84([point[0]], [point[1]])[0])
    except UsageFault:  # without PROJ, nobody can tell
        return True


def _are_inside(country: Country, finder: CommuneFinder, system: str | None, points: Sequence[Point]) -> Iterator[bool]:
    """Whether each of the points is in the territory, or in the country where the registry names none."""
    places: Sequence[Point] = points
    if system == LAMBERT:
        places = [degrees(*point) if in_lambert(*point) else (math.inf, 0) for point in points]
    elif system is not None:
        try:
            places = _projection(system).to_wgs84([x for x, _ in points], [y for _, y in points])
        except UsageFault:  # no PROJ
            return
    for place in places:
        in_country = all(map(math.isfinite, place)) and lies_in(country, *place)
        yield in_country and (not finder.territory or finder.inside(place))


# -- columns -----------------------------------------------------------------------------------------------------------


def _numbers(texts: Sequence[str]) -> Numbers | None:
    """The numbers of a column, by row; None where most filled cells are none."""
    read = [number_in(text) for text in texts]
    count = sum(number is not None for number in read)
    return read if count and count >= _MOST * sum(map(bool, texts)) else None


def _may_be_axis(numbers: Numbers) -> bool:
    """Whether numbers may be degrees or metres of places: with decimals, or large, and not all alike."""
    given = [number for number in numbers if number is not None and math.isfinite(number)]
    fine = sum(number != int(number) or abs(number) > _LARGE for number in given)
    return fine >= _MOST * len(given) and (len(given) < 3 or len(set(given)) > 1)


def _points_in(texts: Sequence[str]) -> list[Point]:
    """The points of a column that has both numbers in most cells; two whole numbers are no place in degrees."""
    read = [
        (float(place.lon), float(place.lat))
        for text in texts
        if (place := read_coordinates(text)) is not None and _is_fine(place.lon, place.lat)
    ]
    return read if texts and len(read) >= _MOST * len(texts) else []


def _is_fine(*numbers: str) -> bool:
    return all("." in number or abs(float(number)) > _LARGE for number in numbers)


def _axis(sheet: Sheet, place: int, words: Words) -> str | None:
    """The axis that a heading names: "lon", "lat", or None."""
    names = heading_words(sheet.headings[place])
    heading = f"-{'-'.join(names)}-"
    for axis, english in (("lon", _LON), ("lat", _LAT)):
        if not english.isdisjoint(names) or any(f"-{fold(word)}-" in heading for word in words.get(axis, ())):
            return axis
    return None


def _headed_as(axes: tuple[str | None, str | None], guess: PlaceGuess) -> float:
    """How far headings bear a guess out: 1 for each axis that is headed so, less than nothing for one headed as the
    other."""
    if guess.lon == guess.lat:
        return 0.5
    return sum({wanted: 1.0, None: 0.0}.get(axis, -2.0) for axis, wanted in zip(axes, ("lon", "lat"), strict=True))


def _by_heading(
    sheet: Sheet, columns: Mapping[int, list[str]], numbers: Mapping[int, Numbers], words: Words
) -> PlaceGuess | None:
    """Columns that are headed as positions, although no number lies in the territory."""
    axes = {axis: [place for place in numbers if _axis(sheet, place, words) == axis] for axis in ("lon", "lat")}
    if all(len(places) == 1 for places in axes.values()):
        lon, lat = axes["lon"][0], axes["lat"][0]
        return PlaceGuess(lon, lat, None, 0, len(numbers[lon]))
    for place, texts in columns.items():
        if place not in numbers and (points := _points_in([text for text in texts if text])):
            return PlaceGuess(place, place, None, 0, len(points))
    return None
