"""SensorThings 1.1 (OGC 18-088): equipment as Things, each a deep insert with its Datastreams; never observations.

One JSON batch for `POST …/v1.1/$batch` (OData 4.01, as FROST-Server takes it): first the Sensors, ObservedProperties
and Locations that several Things share, then the Things, which name them by `$` and the id of the request. All in one
change set: everything is created, or nothing. Each Thing has the origin in its properties.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from html import escape
from typing import Any, TypeAlias
from urllib.parse import quote

from smartreg.core.errors import UsageFault
from smartreg.core.escape import inert_json
from smartreg.core.messages import Language, Message, verbatim
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.fields import object_list
from smartreg.domain.placements import placements_of
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.chosen import Around, text_of
from smartreg.exporters.features import layout_of
from smartreg.exporters.mapped_fields import map_fields, values
from smartreg.exporters.origin import origin_in_standard
from smartreg.registry import Point, map_point

Body: TypeAlias = dict[str, Any]

MAIN = "batch.json"
THING = "equipment"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
OWN = "urn:smartreg:property:"  # of a property that no public vocabulary defines
_GROUP = "registry"
_IN_PATH = "/!$&'()*+,;=:@"  # unescaped characters in the path of a URI (RFC 3986), besides letters and digits
_UNDOCUMENTED = Message(": no documentation is recorded")


def export(chosen: Chosen, *, lang: Language = "en") -> Iterator[Written]:
    """One file; descriptions are in `lang`. UsageFault when no equipment was requested."""
    selected = [kind.name for kind in chosen.kinds]
    if THING not in selected or (chosen.source.get("kinds") and selected != [THING]):
        kinds = ", ".join(name for name in selected if name != THING)
        raise UsageFault(
            Message("SensorThings is about equipment, not {kinds}", kinds=kinds),
            Message("name no other kind than {thing}", thing=THING),
        )
    batch = _Batch(Around(chosen), lang)
    things = [batch.thing(record) for record in chosen.view.of_kind(THING)]
    requests = [*batch.shared, *(_request(f"thing{n}", "Things", body) for n, body in enumerate(things, 1))]
    lines = ",\n".join(map(inert_json, requests))
    content = f'{{"requests": [\n{lines}\n]}}\n'.encode()
    note = Message("a batch for SensorThings 1.1")
    yield Written(MAIN, content, len(things), note, main=True)


def _request(id: str, url: str, body: Body) -> Body:
    return {"id": id, "atomicityGroup": _GROUP, "method": "post", "url": url, "body": body}


@dataclass
class _Batch:
    """The requests so far for what Things share: each body once, in the order in which it is first met."""

    around: Around
    lang: Language
    shared: list[Body] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def _share(self, url: str, word: str, body: Body) -> Body:
        """The reference to a shared entity."""
        key = f"{url} {json.dumps(body, allow_nan=False)}"
        if key not in self._ids:
            self._counts[word] += 1
            self._ids[key] = f"{word}{self._counts[word]}"
            self.shared.append(_request(self._ids[key], url, body))
        return {"@iot.id": f"${self._ids[key]}"}

    def thing(self, record: Record) -> Body:
        chosen = self.around.chosen
        kind = chosen.view.schemas.kinds[record.rid.kind]
        flat = {name: value(self.around, record) for name, value in layout_of(kind.name, self.around).items()}
        place, past = self._location(record), self._past(record)
        measures = object_list(record.data.get("measures"))
        streams = [self._datastream(record, item) for item in measures if isinstance(item.get("property"), str)]
        return {
            "name": record.rid.id,
            "description": kind.label_of(record.data, self.lang) or record.rid.id,
            "properties": {
                **{name: value for name, value in flat.items() if value is not None},
                "smartreg": dict(chosen.origin),
            },
            **({"Locations": [self._share("Locations", "location", place)]} if place else {}),
            **({"HistoricalLocations": past} if past else {}),
            **({"Datastreams": streams} if streams else {}),
        }

    def _past(self, record: Record) -> list[Body]:
        """Where a device that was moved has been, and since when, the present place last; nothing of one that never
        was, nor of supports that are gone or not for this audience."""
        locations = []
        for placement in placements_of(record):
            support = self.around.chosen.view.get(RecordId("support", placement.support)) if placement.support else None
            at = placement.location or (map_point(self.around.chosen.view, support) if support else None)
            if at is not None and placement.start is not None:
                locations.append((placement.start, self._place(support or record, support, at)))
        return [
            {"time": f"{day}T00:00:00Z", "Locations": [self._share("Locations", "location", place)]}
            for day, place in (locations if len(locations) > 1 else ())
        ]

    def _location(self, record: Record) -> Body | None:
        """Where a device is: named after its support where it has no place of its own."""
        at = map_point(self.around.chosen.view, record)
        support = None if record.data.get("location") else self.around.find(record, "support")
        return self._place(record, support, at) if at else None

    def _place(self, record: Record, support: Record | None, at: Point) -> Body:
        kinds = self.around.chosen.view.schemas.kinds
        label = kinds[support.rid.kind].label_of(support.data, self.lang) if support else ""
        name = support.rid.id if support else record.rid.id
        return {
            "name": name,
            "description": label or name,
            "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": list(at)},
        }

    def _datastream(self, record: Record, measure: Mapping[str, Any]) -> Body:
        key = str(measure["property"])
        schemas = self.around.chosen.view.schemas
        measured = schemas.properties.get(key)
        label = measured.label if measured else verbatim(key)
        unit = measure.get("unit") or schemas.usual_unit(key)
        flows = [self._flow(flow) for flow in self.around.flows.get(record.rid.id, ())]
        observed = {
            "name": key,
            "definition": (measured.definition if measured else "") or f"{OWN}{key}",
            "description": label.in_(self.lang),
        }
        return {
            "name": f"{record.rid.id} {key}",
            "description": f"{label.in_(self.lang)}, {record.rid.id}",
            "observationType": MEASUREMENT,
            "unitOfMeasurement": _unit(unit),
            **({"properties": {"flows": flows}} if flows else {}),
            "Sensor": self._share("Sensors", "sensor", self._sensor(record)),
            "ObservedProperty": self._share("ObservedProperties", "property", observed),
        }

    def _sensor(self, record: Record) -> Body:
        """The model of a device; where none is known, one of its own."""
        names = _model(record)
        page, name = self._pages.get(names, ""), " ".join(names) or record.rid.id
        model = name if names else Message("unknown model").in_(self.lang)
        return {
            "name": name,
            "description": model,
            "encodingType": "application/pdf" if page.lower().endswith(".pdf") else "text/html",
            "metadata": page or escape(f"{model}{_UNDOCUMENTED.in_(self.lang)}"),
        }

    @cached_property
    def _pages(self) -> Mapping[tuple[str, ...], str]:
        """The documentation of each model: what any of its devices says."""
        kinds = self.around.chosen.view.schemas.kinds
        page_of: dict[tuple[str, ...], str] = {}
        for record in self.around.all_of(THING):
            page = values(kinds[record.rid.kind], record, "sensorthings").get("Sensor.metadata")
            if isinstance(page, str) and page and _model(record):
                page_of.setdefault(_model(record), page)
        return page_of

    def _flow(self, flow: Record) -> Body:
        """The properties of a Datastream that describe its flow."""
        kind = self.around.chosen.view.schemas.kinds[flow.rid.kind]
        properties = {
            item.column or name: value
            for name, item, value in map_fields(kind, flow, "sensorthings")
            if name == "Datastream.properties"
        }
        return {"id": flow.rid.id, **properties}


def _model(record: Record) -> tuple[str, ...]:
    """Manufacturer and model, if known."""
    return tuple(text for text in (text_of(record, "manufacturer"), text_of(record, "model")) if text)


def _unit(code: Any) -> Mapping[str, str | None]:
    """A UCUM code as a unit; three nulls where there is no unit, as the standard has it."""
    if not isinstance(code, str):
        return {"name": None, "symbol": None, "definition": None}
    return {"name": code, "symbol": code, "definition": f"ucum:{quote(code, safe=_IN_PATH)}"}


def _origin(document: Any) -> Json:
    bodies = [item["body"] for item in document["requests"] if item["url"] == "Things"]
    origin: Json = bodies[0]["properties"]["smartreg"]
    return origin


FORMAT = Format(
    "sensorthings",
    export,
    ".json",
    single=True,
    columns=False,
    recognizes=lambda _file, content: content.startswith(b'{"requests": ['),
    origin=partial(origin_in_standard, _origin),
    json=True,
)
