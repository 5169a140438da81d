"""Positions of records, and which of them are plausible."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, Record, value_at
from smartreg.domain.checks import Context
from smartreg.domain.fields import code_field, code_of, has_ended
from smartreg.domain.lambert import degrees, in_lambert
from smartreg.registry import Point, point
from smartreg.registry.points import FRANCE_LAT, FRANCE_LON
from smartreg.schema.countries import Country, country_named

_LOCATION = ("location",)


def own_position(record: Record) -> Point | None:
    """The position that a record gives itself."""
    return point(record.data.get("location"))


def believable(record: Record, context: Context) -> Point | None:
    """A record's own position; None if GEO701 finds it implausible."""
    place = own_position(record)
    if place is None:
        return None
    if context.schemas.kinds[record.rid.kind].position == _LOCATION:  # nearly every kind: nothing else to look at
        return None if fault_of(*place, country_named(context.config.country)) else place
    return None if next(impossible_positions(record, context), None) is not None else place


def position_in_life(record: Record, context: Context) -> Point | None:
    """A record's own position, to compare with others; None if GEO701 finds it implausible, or if its life has
    ended."""
    return None if has_ended(context, record) else believable(record, context)


def impossible_positions(record: Record, context: Context) -> Iterator[tuple[str, Text, Text]]:
    """The fields of a record with an implausible position (GEO701), what is wrong with it, and what to do."""
    for name in context.schemas.kinds[record.rid.kind].position:
        place = record.data.get(name)
        if place is None:
            continue
        lon, lat = value_at(place, ("lon",)), value_at(place, ("lat",))
        country = country_named(context.config.country)
        if _number(lon) and _number(lat) and (fault := fault_of(lon, lat, country)) is not None:
            yield (name, *fault)


def fault_of(lon: float, lat: float, country: Country) -> tuple[Text, Text] | None:
    """The fault of a position, and what to do; None if it is plausible. In France, metres are those of Lambert-93."""
    if abs(lon) < FRANCE_LAT[0] < abs(lat) <= 90:  # nearly every one
        return None
    shown = f"{_format(lon)}, {_format(lat)}"
    if country.french and in_lambert(lon, lat):
        there = "lon {}, lat {}".format(*map(_format, degrees(lon, lat)))
        return (
            Message("{shown} looks like Lambert-93 (EPSG:2154)", shown=shown),
            Message("in degrees (WGS 84) that is {there}", there=there),
        )
    if abs(lon) > 180 or abs(lat) > 90:
        return (
            Message("{shown} is not a longitude and a latitude", shown=shown),
            Message("give decimal degrees (WGS 84); smartreg import --crs converts a sheet that is in another system")
            if country.french
            else Message(
                "give decimal degrees (WGS 84); a sheet in metres comes in by smartreg import --crs {projection}",
                projection=country.projection,
            ),
        )
    if lies_in(country, lat, lon) and not lies_in(country, lon, lat):
        return (
            Message("{shown} looks swapped", shown=shown),
            Message("is it lon {lat}, lat {lon}?", lat=_format(lat), lon=_format(lon)),
        )
    if lon == lat == 0:
        return (
            Message("0, 0 is not a place: the position is missing"),
            Message("give the position, or leave it out"),
        )
    return None


def lies_in(country: Country, lon: float, lat: float) -> bool:
    """Whether a point is within the bounds of a country; for France, of its mainland and Corsica."""
    west, south, east, north = country.bounds or (FRANCE_LON[0], FRANCE_LAT[0], FRANCE_LON[1], FRANCE_LAT[1])
    return west <= lon <= east and south <= lat <= north


def correct_position(record: Record) -> Text:
    """Advice about a position that does not fit the commune of its record."""
    if code_of(record) is not None:
        return Message("correct the position or {field}", field=code_field(record))
    return Message("correct the position")


def looks_like_latitude(lon: float) -> bool:
    """Whether a longitude is in the range of latitudes of metropolitan France."""
    return _within(lon, FRANCE_LAT)


def _number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _format(value: float) -> str:
    return f"{value:.12g}"
