"""Position that cannot be meant.

## What it checks

The longitude and latitude of a position lie within ±180 and ±90 degrees, do not look like coordinates in metres
(Lambert-93), are not swapped (the latitude and longitude of a place in metropolitan France the other way round), and
are not 0, 0.

## Why

RFC 7946: WGS 84, longitude first. Open data of French cities come in Lambert-93 (EPSG:2154), even in GeoJSON files that
may not hold it. 0, 0 is what programs write when there is no position.

## Wrong

```yaml
location:
  lon: 767686.3955
  lat: 6279032.6454
```

## Right

```yaml
location:
  lon: 3.838143
  lat: 43.607114
```

## How to mend

Read the position again on a map. Of a point in Lambert-93 the hint tells the degrees; a whole sheet is converted
as it comes in: `smartreg import support FILE --crs EPSG:2154`.

## Configure

`GEO701 = "warning"` under `[severity]` in `smartreg.toml` changes how grave it is.

## Waive

Not needed: no place on earth has such a position.
"""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.lambert import degrees, in_lambert
from smartreg.rules.rule import Context, Fault, at, rule
from smartreg.values import Json, Record, Words, value_at

_FRANCE_LON, _FRANCE_LAT = (-5.5, 9.8), (41.2, 51.3)  # the mainland and Corsica


@rule("GEO701", "error", "record", Words("Position that cannot be meant", "Position impossible"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for name in context.schemas.kinds[record.rid.kind].position:
        place = record.data.get(name)
        if place is None:
            continue
        lon, lat = value_at(place, ("lon",)), value_at(place, ("lat",))
        if _number(lon) and _number(lat) and (found := fault_of(lon, lat)) is not None:
            yield Fault(at(record, name), *found)


def fault_of(lon: float, lat: float) -> tuple[Words, Words] | None:
    """What is wrong with a position, and what to do; None when it may be meant."""
    if abs(lon) < _FRANCE_LAT[0] < abs(lat) <= 90:  # nearly every one
        return None
    shown = f"{_shown(lon)}, {_shown(lat)}"
    if in_lambert(lon, lat):
        there = "lon {}, lat {}".format(*map(_shown, degrees(lon, lat)))
        return (
            Words(f"{shown} looks like Lambert-93 (EPSG:2154)", f"{shown} ressemble à du Lambert-93 (EPSG:2154)"),
            Words(f"in degrees (WGS 84) that is {there}", f"en degrés (WGS 84), c'est {there}"),
        )
    if abs(lon) > 180 or abs(lat) > 90:
        return (
            Words(f"{shown} is no longitude and latitude", f"{shown} n'est pas une longitude et une latitude"),
            Words(
                "give decimal degrees (WGS 84); smartreg import --crs converts a sheet that is in another system",
                "donnez des degrés décimaux (WGS 84) ; smartreg import --crs convertit une feuille d'un autre système",
            ),
        )
    if _within(lon, _FRANCE_LAT) and _within(lat, _FRANCE_LON):
        return (
            Words(f"{shown} looks swapped", f"{shown} semble inversé"),
            Words(f"is it lon {_shown(lat)}, lat {_shown(lon)}?", f"est-ce lon {_shown(lat)}, lat {_shown(lon)} ?"),
        )
    if lon == lat == 0:
        return (
            Words("0, 0 is no place: the position is missing", "0, 0 n'est pas un lieu : la position manque"),
            Words("give the position, or leave it out", "donnez la position, ou omettez-la"),
        )
    return None


def _number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _shown(value: float) -> str:
    return f"{value:.12g}"
