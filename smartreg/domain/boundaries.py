"""The boundaries file of the settings: where the communes are.

A GeoJSON FeatureCollection (WGS 84) with one feature or more for each commune: Polygon or MultiPolygon for its outline,
Point for its centre. The INSEE code is the property `code` (as in geo.api.gouv.fr) or `insee_code`. Next to `features`,
`source` and `licence` may name its origin.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, joined, verbatim
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Record
from smartreg.domain.checks import Snapshot, derive
from smartreg.domain.codes import all_rows, centre, commune, commune_of, members
from smartreg.domain.fields import code_of
from smartreg.domain.outlines import Outline, Ring
from smartreg.domain.positions import lies_in
from smartreg.registry import Point, cell, cells_around, distance_m
from smartreg.schema.countries import CODE_FIELDS, Country, country_named
from smartreg.schema.settings import FILE, Territory

OVERSEAS = ("97", "98")
BORDER_M = 100  # public outlines are simplified by about this much
_CODES = ("code", *CODE_FIELDS)
_CENTRE_M = 10.0
# What people call a licence that files name by its SPDX code.
_LICENCES = {
    "etalab-2.0": Message("Open Licence 2.0 (Etalab)"),
    "odbl-1.0": Message("Open Database License 1.0 (ODbL)"),
    "cc-by-4.0": Message("Creative Commons Attribution 4.0"),
}


@dataclass(frozen=True)
class Boundaries:
    """Outlines and centres of communes by INSEE code. `territory`: the codes that count as inside; empty: all.
    `credit`: the source of the file, and its licence; `names`: what it calls communes."""

    outlines: Mapping[str, Outline]
    centres: Mapping[str, Point]
    territory: frozenset[str]
    credit: Text | None
    names: Mapping[str, str]

    @property
    def complete(self) -> bool:
        """Whether every commune of the territory has an outline."""
        return bool(self.outlines) and self.territory <= self.outlines.keys()

    def commune_at(self, place: Point) -> str | None:
        """The commune whose outline holds the point."""
        return next((code for code, outline in self.outlines.items() if outline.holds(place)), None)

    def inside(self, place: Point, code: str) -> bool:
        """Whether the point is in this commune, or too near its border to tell."""
        outline = self.outlines[code]
        return outline.holds(place) or outline.within(place, BORDER_M)

    def in_territory(self, place: Point) -> bool:
        """Whether the point is in a commune of the territory, or too near a border to tell."""
        inside = [outline for code, outline in self.outlines.items() if self.counts(code)]
        return any(outline.holds(place) for outline in inside) or any(
            outline.within(place, BORDER_M) for outline in inside
        )

    def name(self, code: str) -> str:
        """`13063 Miramas`, by the official codes of France, else as the file has it."""
        return name_commune(code) if commune(code) or code not in self.names else f"{code} {self.names[code]}"

    def counts(self, code: str) -> bool:
        """Whether a commune belongs to the territory."""
        return not self.territory or code in self.territory

    def centre_at(self, place: Point) -> str | None:
        """The commune whose centre this is."""
        for name in cells_around(place, _CENTRE_M):
            for code, middle in self._centres_by_cell.get(name, ()):
                if distance_m(place, middle) <= _CENTRE_M:
                    return code
        return None

    @cached_property
    def _centres_by_cell(self) -> Mapping[str, Sequence[tuple[str, Point]]]:
        by_cell: dict[str, list[tuple[str, Point]]] = defaultdict(list)
        for code, middle in self.centres.items():
            by_cell[cell(middle)].append((code, middle))
        return by_cell


def boundaries(registry: Snapshot) -> Boundaries | None:
    """The boundaries of a registry; None if the settings name no file. Raises UsageFault if it cannot be used."""
    return derive(registry, _read)


class CommuneDistance(NamedTuple):
    """The distance of a point from the centre of a commune, by its INSEE code."""

    metres: float
    code: str


@dataclass(frozen=True)
class CommuneFinder:
    """Finds the commune of a point: by the outlines of the registry where these are complete (`exact`), else by the
    nearest bundled centre of any commune of France, which near a border is a guess. Elsewhere, whose centres are not
    known, a point that is in the country may be in the territory."""

    outlines: Boundaries | None
    territory: frozenset[str]
    country: Country

    @property
    def exact(self) -> bool:
        return self.outlines is not None

    def commune_at(self, place: Point) -> str | None:
        """The commune of a point by its INSEE code; None where no outline holds it, or no centre is within 25 km."""
        if self.outlines is None:
            if not self.country.french:
                return None
            return (found := nearest_centre(place)) and found.code
        return self.outlines.commune_at(place) or next(
            (code for code, outline in self.outlines.outlines.items() if outline.within(place, BORDER_M)), None
        )

    def counts(self, code: str) -> bool:
        """Whether a commune belongs to the territory; every commune does where the settings name none."""
        return not self.territory or commune_of(code) in self.territory

    def inside(self, place: Point) -> bool:
        """Whether a point lies in the territory, or too near its border to tell."""
        if self.outlines is not None:
            return self.outlines.in_territory(place)
        if not self.country.french:
            return lies_in(self.country, *place)
        code = self.commune_at(place)
        return code is not None and self.counts(code)

    def clearly_outside(self, place: Point) -> bool:
        """Whether a point lies outside the territory, and no border leaves that in doubt: by the outlines, else so far
        from all its centres that no commune reaches there."""
        if self.inside(place):
            return False
        return self.exact or all(distance_m(place, at) > FARTHEST_M for at in _centres(self.territory))


def commune_finder(registry: Snapshot) -> CommuneFinder:
    """The finder for a registry. UsageFault if its boundaries file cannot be used."""
    outlines = boundaries(registry)
    outlined = outlines if outlines is not None and outlines.complete else None
    return CommuneFinder(outlined, _codes(registry.config.territory), country_named(registry.config.country))


FARTHEST_M = 50_000  # no point of a commune is so far from its centre
_TILES_PER_DEGREE, _FARTHEST_TILE, _NEAR_M = 10, 3, 25_000


def nearest_centre(place: Point) -> CommuneDistance | None:
    """The commune whose bundled centre is nearest to a point; None if none is within 25 km."""
    if not all(map(math.isfinite, place)):
        return None
    x, y = (math.floor(value * _TILES_PER_DEGREE) for value in place)
    tiles = _centres_by_tile()
    nearest: CommuneDistance | None = None
    for ring in range(_FARTHEST_TILE + 1):
        for east, north in _ring(ring):
            for code, at in tiles.get((x + east, y + north), ()):
                distance = CommuneDistance(distance_m(place, at), code)
                nearest = distance if nearest is None else min(nearest, distance)
        if nearest is not None and ring and nearest.metres <= ring * _NEAR_M / _FARTHEST_TILE:
            break
    return nearest if nearest is not None and nearest.metres <= _NEAR_M else None


def _ring(size: int) -> Iterator[tuple[int, int]]:
    """The tiles around a tile, in this distance."""
    steps = range(-size, size + 1)
    return ((east, north) for east in steps for north in steps if max(abs(east), abs(north)) == size)


@lru_cache(maxsize=8)
def _centres(codes: frozenset[str]) -> Sequence[Point]:
    return [at for code in codes if (at := centre(code)) is not None]


@cache
def _centres_by_tile() -> Mapping[tuple[int, int], Sequence[tuple[str, Point]]]:
    tiles: dict[tuple[int, int], list[tuple[str, Point]]] = defaultdict(list)
    for code, lon, lat in all_rows("centres"):
        at = (float(lon), float(lat))
        tiles[math.floor(at[0] * _TILES_PER_DEGREE), math.floor(at[1] * _TILES_PER_DEGREE)].append((code, at))
    return tiles


def outlines_decide(registry: Snapshot, code: str) -> bool:
    """Whether the boundaries file says where this commune is, or where the whole territory is."""
    borders = boundaries(registry)
    return borders is not None and (borders.complete or code in borders.outlines or code in borders.centres)


def has_centre(code: str) -> bool:
    """Whether a bundled centre tells where a commune is; not overseas, where a commune may be 200 km long."""
    return not code.startswith(OVERSEAS) and centre(code) is not None


def distance_by_centres(registry: Snapshot, record: Record, place: Point, enough_m: float) -> CommuneDistance | None:
    """The distance of a point from the centre of the record's commune, for a record without one from the nearest centre
    of the territory (or the first one within `enough_m`); None where the boundaries file decides, or no bundled centre
    does."""
    code_of_record = code_of(record)
    nearest: CommuneDistance | None = None
    for code, at in (
        _centre_of(registry, commune_of(code_of_record))
        if isinstance(code_of_record, str)
        else derive(registry, _own_centres)
    ):
        distance = CommuneDistance(distance_m(place, at), code)
        if distance.metres <= enough_m:
            return distance
        nearest = distance if nearest is None else min(nearest, distance)
    return nearest


def _centre_of(registry: Snapshot, code: str) -> Sequence[tuple[str, Point]]:
    at = centre(code) if has_centre(code) and not outlines_decide(registry, code) else None
    return ((code, at),) if at is not None else ()


def _own_centres(registry: Snapshot) -> Sequence[tuple[str, Point]]:
    """The centres of the territory; none if the boundaries file decides for one of its communes, or one is overseas."""
    codes = sorted(_codes(registry.config.territory))
    if any(code.startswith(OVERSEAS) or outlines_decide(registry, code) for code in codes):
        return ()
    return tuple((code, at) for code in codes if (at := centre(code)) is not None)


def name_commune(code: str) -> str:
    """`13063 Miramas`."""
    known_commune = commune(code)
    return f"{code} {known_commune.name}" if known_commune else code


def _read(registry: Snapshot) -> Boundaries | None:
    territory = registry.config.territory
    if not territory.boundaries:
        return None
    text = registry.text_of(territory.boundaries)
    if text is None:
        raise _unusable(territory.boundaries, Message("there is no such file"))
    outlines, centres, credit, names = _parse(text, territory.boundaries)
    return Boundaries(outlines, centres, _codes(territory), credit, names)


def _codes(territory: Territory) -> frozenset[str]:
    listed = frozenset(map(commune_of, territory.communes))
    return listed | {member.insee_code for member in members(territory.epci_siren or "")}


@lru_cache(maxsize=4)
def _parse(text: bytes, path: str) -> tuple[Mapping[str, Outline], Mapping[str, Point], Text | None, Mapping[str, str]]:
    """Outlines, centres, credit and names. Municipal arrondissements count as parts of their commune."""
    rings: dict[str, list[Ring]] = defaultdict(list)
    centres: dict[str, Point] = {}
    names: dict[str, str] = {}
    try:
        data: Any = read_json(text)
        for code, name, geometry in _features(data):
            if isinstance(name, str):
                names[code] = name
            kind, coordinates = geometry["type"], geometry["coordinates"]
            if kind == "Point":
                centres[code] = _point(coordinates)
            elif kind in ("Polygon", "MultiPolygon"):
                polygons = [coordinates] if kind == "Polygon" else coordinates
                rings[commune_of(code)].extend(
                    [_point(corner) for corner in ring] for each in polygons for ring in each
                )
        outlines = {code: Outline.of(shapes) for code, shapes in sorted(rings.items())}
        credit = _credit(data.get("source"), data.get("licence"))
    except Unreadable as fault:
        raise _unusable(path, fault.placed) from None
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise _unusable(
            path,
            Message("not a GeoJSON collection of communes (code, Polygon or Point, WGS 84)"),
        ) from None
    return outlines, centres, credit, names


def _credit(source: Any, licence: Any) -> Text | None:
    """The source of the outlines and their licence, by its name where it is a known code."""
    parts = [verbatim(source)] if isinstance(source, str) else []
    if isinstance(licence, str):
        parts.append(_LICENCES.get(licence.strip().lower(), verbatim(licence)))
    return joined(parts) if parts else None


def _features(data: Any) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    for feature in data["features"]:
        properties = feature["properties"]
        code = next((properties[name] for name in _CODES if name in properties), None)
        if not isinstance(code, str):
            raise ValueError(properties)
        if feature["geometry"] is not None:
            yield code, properties.get("name"), feature["geometry"]


def _point(coordinates: Sequence[float]) -> Point:
    lon, lat = float(coordinates[0]), float(coordinates[1])
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise ValueError(coordinates)
    return lon, lat


def _unusable(path: str, what: Text) -> UsageFault:
    return UsageFault(
        Message("{file}: territory.boundaries: {path}: {what}", file=FILE, path=path, what=what),
        Message("smartreg boundaries FILE makes one below registry/annexes/ from an official file"),
    )
