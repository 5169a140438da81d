"""GeoJSON (RFC 7946): features as rows; their properties are the columns, their points longitude and latitude.

Positions are WGS 84, unless the file has the `crs` member of 2008, which some programs still write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json
from smartreg.readers.json import JsonItem, NoObjects, sheet_of, value_of_text
from smartreg.readers.shapes import inner_point
from smartreg.readers.sheet import LON_LAT, OUTLINES, Sheet, form_fault, inner_points, unusable
from smartreg.readers.workbook import cell_text

_CRS = re.compile(r"(?:urn:ogc:def:crs:)?(EPSG|OGC):(?:[0-9.]*:)?([A-Za-z0-9]+)")
_USUAL = ("CRS84", "4326")

_NO_POINT = Message("only points can be places of records")


def read_sheet(file: str, content: bytes, position: str, whole: Collection[str] = ()) -> Sheet:
    """Read the features; `position` names the field that a point fills, `whole` fields without fields of their own.
    Faults come with the sheet."""
    try:
        document = value_of_text(content)
        features = document.get("features") if isinstance(document, Mapping) else None
        if not isinstance(features, list):
            raise NoObjects(Message("this is not a FeatureCollection"))
    except NoObjects as fault:
        return unusable(file, "geojson", [form_fault(file, fault.row, fault.words)])
    items, faults, beside = [], [], {}
    placed = any(isinstance(feature, Mapping) and feature.get("geometry") for feature in features)
    for number, feature in enumerate(features, 1):
        item = item_of(number, feature, position, placed)
        if isinstance(item, JsonItem):
            if placed and (copy := _beside(feature.get("properties") or {})):
                beside[number] = copy
            items.append(item)
        else:
            faults.append(form_fault(file, number, item, OUTLINES if item == _NO_POINT else None))
    if faults:
        return unusable(file, "geojson", faults)
    sheet = sheet_of(file, "geojson", items, _crs(document), whole)
    notes = inner_points(sum(map(_is_inner, features)))
    return replace(sheet, notes=notes, beside=beside if placed else None)


def item_of(number: int, feature: Json, position: str, placed: bool) -> JsonItem | Text:
    """The values of a feature, or why it cannot be a record. `placed`: other features have points, so that columns of
    longitude and latitude are copies of these."""
    if not isinstance(feature, Mapping):
        return Message("this is not a feature")
    properties = feature.get("properties") or {}
    if not isinstance(properties, Mapping):
        return Message("its properties are not an object")
    data = dict(properties)
    if isinstance(feature.get("id"), str):
        data.setdefault("id", feature["id"])
    geometry = feature.get("geometry")
    copy = [next((data.pop(name) for name in names if name in data), None) for names in LON_LAT] if placed else []
    if geometry is None and placed and None not in copy:
        return JsonItem(number, {**data, position: {"lon": copy[0], "lat": copy[1]}})
    if geometry is None:
        return JsonItem(number, data)
    place = _place_of(geometry) if isinstance(geometry, Mapping) else None
    if not isinstance(place, list) or len(place) < 2 or not all(type(value) in (int, float) for value in place):
        return _NO_POINT
    return JsonItem(number, {**data, position: {"lon": place[0], "lat": place[1]}})


def _beside(properties: Mapping[str, Json]) -> tuple[str, str] | None:
    """The longitude and latitude that properties give beside the point."""
    texts = [next((properties[name] for name in names if name in properties), None) for names in LON_LAT]
    return None if None in texts else (cell_text(texts[0]) or "", cell_text(texts[1]) or "")


def _place_of(geometry: Mapping[str, Json]) -> Json:
    """The coordinates of a point, or of one inside a line or an area."""
    if geometry.get("type") == "Point":
        return geometry.get("coordinates")
    inner = inner_point(str(geometry.get("type")), geometry.get("coordinates"))
    return None if inner is None else list(inner)


def _is_inner(feature: Json) -> bool:
    """Whether a feature is a line or an area."""
    geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
    return isinstance(geometry, Mapping) and geometry.get("type") != "Point"


def _crs(document: Mapping[str, Json]) -> str | None:
    """The coordinate system that the file names, if it is not WGS 84."""
    member = document.get("crs")
    properties = member.get("properties") if isinstance(member, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    match = _CRS.fullmatch(name) if isinstance(name, str) else None
    return f"{match[1]}:{match[2]}" if match and match[2] not in _USUAL else None
