"""Where records are, and which positions may be meant."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Json, Record, Words, value_at
from smartreg.domain.checks import Context, Snapshot
from smartreg.domain.lambert import degrees, in_lambert
from smartreg.domain.mounted import support_of
from smartreg.registry import Point, point

_LOCATION = ("location",)
_FRANCE_LON, _FRANCE_LAT = (-5.5, 9.8), (41.2, 51.3)  # the mainland and Corsica


def own_position(record: Record) -> Point | None:
    """The position that a record gives itself."""
    return point(record.data.get("location"))


def believable(record: Record, context: Context) -> Point | None:
    """The position that a record gives itself; None when GEO701 says that it cannot be meant."""
    place = own_position(record)
    if place is None:
        return None
    if context.schemas.kinds[record.rid.kind].position == _LOCATION:  # nearly every kind: nothing else to look at
        return None if fault_of(*place) else place
    return None if next(impossible_positions(record, context), None) is not None else place


def impossible_positions(record: Record, context: Context) -> Iterator[tuple[str, Words, Words]]:
    """The fields of a record with a position that cannot be meant (GEO701), what is wrong with it, and what to do."""
    for name in context.schemas.kinds[record.rid.kind].position:
        place = record.data.get(name)
        if place is None:
            continue
        lon, lat = value_at(place, ("lon",)), value_at(place, ("lat",))
        if _number(lon) and _number(lat) and (found := fault_of(lon, lat)) is not None:
            yield (name, *found)


def position_of(registry: Snapshot, device: Record) -> Point | None:
    """The own position of equipment or, when it gives none, that of its support."""
    if device.data.get("location") is not None:
        return own_position(device)
    support = support_of(registry, device)
    return own_position(support) if support else None


def fault_of(lon: float, lat: float) -> tuple[Words, Words] | None:
    """What is wrong with a position, and what to do; None when it may be meant."""
    if abs(lon) < _FRANCE_LAT[0] < abs(lat) <= 90:  # nearly every one
        return None
    shown = f"{_format(lon)}, {_format(lat)}"
    if in_lambert(lon, lat):
        there = "lon {}, lat {}".format(*map(_format, degrees(lon, lat)))
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
            Words(f"is it lon {_format(lat)}, lat {_format(lon)}?", f"est-ce lon {_format(lat)}, lat {_format(lon)} ?"),
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


def _format(value: float) -> str:
    return f"{value:.12g}"
