"""What the explorer of the page needs besides the records: communes with places for their names, and how kinds look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, TypeAlias, cast

from smartreg.core.values import Json
from smartreg.domain.coast import land_within
from smartreg.domain.codes import centre
from smartreg.domain.municipalities import municipality
from smartreg.reports.page.options import MapTerritory, Ring
from smartreg.reports.page.records import pair
from smartreg.schema import Kind
from smartreg.tables import View

COARSE = 4  # decimals of a degree: 11 m, finer than public outlines are
AROUND = 1.0  # degrees of land around the territory, at least
HEIGHTS = tuple(step / 16 for step in range(4, 13))  # within a shape: a name at its end looks like its neighbour's
Place: TypeAlias = tuple[float, float]


def explorer_json(view: View, about: MapTerritory, records: Mapping[str, list[Any]]) -> dict[str, Json]:
    """`communes` of the territory and of the rows: [INSEE code, name, [latitude, longitude] or null, its rings];
    `land`: see `_land`, null where there are outlines; `credit`: to whom the outlines are owed; by kind, `marks`: its
    place among all kinds, so that it looks the same on every page, and `hosts`: the field that names what it hangs
    on."""
    places = _places(records)
    codes = {*about.codes, *(row[3] for rows in records.values() for row in rows if row[3])}
    communes = [_commune(view, code, about, places.get(code, ())) for code in sorted(codes)]
    return {
        "communes": communes,
        "land": None if about.outlines else _land(communes, places),
        "credit": pair(about.credit) if about.credit else None,
        "marks": {name: place for place, name in enumerate(view.schemas.kinds)},
        "hosts": {kind.name: host for kind in view.schemas.kinds.values() if (host := _host_field(kind))},
    }


def _host_field(kind: Kind) -> str | None:
    fields = ((name, kind.by_path.get((name,))) for name in kind.position)
    return next((name for name, field in fields if field is not None and field.refs), None)


def _commune(view: View, code: str, about: MapTerritory, places: Sequence[Place]) -> list[Json]:
    official, rings = municipality(view, code), about.outlines.get(code, ())
    at = about.centres.get(code) or _place_of_name(rings) or centre(code)
    if at is None and places:
        at = median(lon for lon, _ in places), median(lat for _, lat in places)
    return [
        code,
        official.name if official else code,
        _lat_lon(at) if at else None,
        [[*map(_lat_lon, ring)] for ring in rings],
    ]


def _land(communes: Sequence[list[Json]], places: Mapping[str, Sequence[Place]]) -> dict[str, Json] | None:
    """The land where there are no outlines: the corners of a box around all communes and records, as wide again on each
    side, and the rings of the land within; None where nothing has a place, or nothing is known of it."""
    centres = [cast(list[float], item[2]) for item in communes if item[2]]
    points = [*((lon, lat) for lat, lon in centres), *(place for some in places.values() for place in some)]
    if not points:
        return None
    (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))
    around = max(AROUND, east - west, north - south)
    box = (west - around, south - around, east + around, north + around)
    rings = land_within(*box)
    corners: list[Json] = [_lat_lon((box[0], box[1])), _lat_lon((box[2], box[3]))]
    return {"corners": corners, "rings": [[*map(_lat_lon, ring)] for ring in rings]} if rings else None


def _lat_lon(place: Place) -> list[Json]:
    """Latitude first, as maps in a browser want it."""
    lon, lat = place
    return [round(lat, COARSE), round(lon, COARSE)]


def _places(records: Mapping[str, list[Any]]) -> Mapping[str, Sequence[Place]]:
    """Where the records of each commune are."""
    places: defaultdict[str, list[Place]] = defaultdict(list)
    for rows in records.values():
        for row in rows:
            if row[2] and row[3]:
                places[row[3]].append((row[2][0], row[2][1]))
    return places


def _place_of_name(rings: Sequence[Ring]) -> Place | None:
    """Where a name has most room inside: the middle of the longest stretch from west to east, of the ring with the most
    corners."""
    if not rings:
        return None
    ring = max(rings, key=len)
    low, high = min(lat for _, lat in ring), max(lat for _, lat in ring)
    lines = (low + (high - low) * share for share in HEIGHTS)
    stretches = [(east - west, (west + east) / 2, lat) for lat in lines for west, east in _stretches(ring, lat)]
    return max(stretches)[1:] if stretches else ring[0]


def _stretches(ring: Ring, lat: float) -> Iterator[tuple[float, float]]:
    """From where to where a line from west to east is inside a ring."""
    edges = zip(ring, [*ring[1:], *ring[:1]], strict=True)
    crossed = sorted(
        lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1)
        for (lon1, lat1), (lon2, lat2) in edges
        if (lat1 > lat) != (lat2 > lat)
    )
    return zip(crossed[::2], crossed[1::2], strict=True)
