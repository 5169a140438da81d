"""What the explorer of the page needs besides the records: communes with places for their names, and how kinds look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, TypeAlias

from smartreg.core.values import Json
from smartreg.domain.codes import centre, commune
from smartreg.reports.page.look import MapTerritory, Ring
from smartreg.schema import Kind
from smartreg.tables import View

COARSE = 4  # decimals of a degree: 11 m, finer than public outlines are
Place: TypeAlias = tuple[float, float]


def explorer_json(view: View, about: MapTerritory, records: Mapping[str, list[Any]]) -> dict[str, Json]:
    """`communes` of the territory and of the rows: [INSEE code, name, [latitude, longitude] or null, its rings];
    `credit`: to whom the outlines are owed; by kind, `marks`: its place among all kinds, so that it looks the same on
    every page, and `hosts`: the field that names what it hangs on."""
    places = _places(records)
    codes = {*about.codes, *(row[3] for rows in records.values() for row in rows if row[3])}
    return {
        "communes": [_commune(code, about, places.get(code, ())) for code in sorted(codes)],
        "credit": about.credit,
        "marks": {name: place for place, name in enumerate(view.schemas.kinds)},
        "hosts": {kind.name: host for kind in view.schemas.kinds.values() if (host := _host_field(kind))},
    }


def _host_field(kind: Kind) -> str | None:
    fields = ((name, kind.by_path.get((name,))) for name in kind.position)
    return next((name for name, field in fields if field is not None and field.refs), None)


def _commune(code: str, about: MapTerritory, places: Sequence[Place]) -> list[Json]:
    found, rings = commune(code), about.outlines.get(code, ())
    at = about.centres.get(code) or centre(code) or _middle_of(rings) or _middle(places)
    return [
        code,
        found.name if found else code,
        _lat_lon(at) if at else None,
        [[*map(_lat_lon, ring)] for ring in rings],
    ]


def _lat_lon(place: Place) -> list[Json]:
    """Latitude first, as maps in a browser want it."""
    lon, lat = place
    return [round(lat, COARSE), round(lon, COARSE)]


def _places(records: Mapping[str, list[Any]]) -> Mapping[str, Sequence[Place]]:
    """Where the records of each commune are."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for rows in records.values():
        for row in rows:
            if row[2] and row[3]:
                found[row[3]].append((row[2][0], row[2][1]))
    return found


def _middle(places: Sequence[Place]) -> Place | None:
    return (median(lon for lon, _ in places), median(lat for _, lat in places)) if places else None


def _middle_of(rings: Sequence[Ring]) -> Place | None:
    """The middle of the box around the ring with the most corners."""
    if not rings:
        return None
    lons, lats = zip(*max(rings, key=len), strict=True)
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
