"""GeoJSON (RFC 7946): one FeatureCollection per kind that has a place, WGS 84, longitude first, no `crs` member."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.escape import inert_json
from smartreg.core.messages import Message
from smartreg.core.values import Json
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.chosen import Around
from smartreg.exporters.features import Features
from smartreg.exporters.origin import origin_in_document
from smartreg.readers.exported import record_tables
from smartreg.tables.records import may_be_placed


def export(chosen: Chosen) -> Iterator[Written]:
    """One file per kind; the origin is its member `smartreg`. UsageFault when no kind has a place, or one that was
    named has none."""
    for number, features in enumerate(_features(chosen)):
        rows = [
            {
                "type": "Feature",
                "id": id,
                "geometry": None if place is None else {"type": "Point", "coordinates": list(place)},
                "properties": properties,
            }
            for id, place, properties in features.rows()
        ]
        head = {"type": "FeatureCollection", "name": features.table.name, "smartreg": chosen.origin}
        text = inert_json(head)
        body = ",\n".join(map(inert_json, rows))
        content = f'{text[:-1]}, "features": [\n{body}\n]}}\n'.encode()
        note = None if number else Message("WGS 84, longitude first")
        yield Written(f"{features.table.name}.geojson", content, len(rows), note, main=True)


def _names(chosen: Chosen) -> Iterator[str]:
    """The properties that `--columns` may name."""
    return (name for features in _features(chosen) for name in features.names)


def _features(chosen: Chosen) -> list[Features]:
    around = Around(chosen)
    own = {table.kind.name: table for table in chosen.tables if table.main}
    features = [
        Features(kind, own[kind.name], around) for kind in chosen.kinds if kind.name in own and may_be_placed(kind)
    ]
    without = [kind.name for kind in chosen.kinds if not may_be_placed(kind)]
    if not features or (without and chosen.source.get("kinds")):
        names = ", ".join(without)
        raise UsageFault(
            Message("nothing of {names} stands on a map", names=names),
            Message("choose another kind, or another format"),
        )
    return features


def _items(document: Any) -> Iterator[tuple[str, str, Json]]:
    for item in document["features"]:
        yield str(document.get("name")), str(item["id"]), {name: item[name] for name in ("geometry", "properties")}


FORMAT = Format(
    "geojson",
    export,
    ".geojson",
    also=(".json",),
    names=_names,
    origin=origin_in_document,
    compared="records",
    tables=partial(record_tables, "geojson", _items),
    json=True,
)
