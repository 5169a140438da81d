"""Equipment in the Smart Data Models: Device and DeviceModel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from smartreg.core.values import Record, RecordId
from smartreg.domain.placements import Placement, earlier_placements, owners_of
from smartreg.exporters.around import Around, items_of, text_of, value_of
from smartreg.exporters.features import point
from smartreg.exporters.mapped import map_fields, values
from smartreg.exporters.ngsi_forms import Entity, attribute, entity, geometry, moment, plain, relation, urn
from smartreg.exporters.ngsi_places import asset

CATEGORIES: Mapping[str, str] = {
    "sensor": "sensor",
    "meter": "meter",
    "actuator": "actuator",
    "gateway": "network",
    "repeater": "network",
    "camera": "multimedia",
    "display": "multimedia",
    "controller": "actuator",
}
_TECHNOLOGIES = {"lorawan": "lora", "sigfox": "sigfox", "nb_iot": "nb-iot", "lte_m": "lte-m"}
_PROTOCOLS = {"mqtt": "mqtt", "coap": "coap", "lwm2m": "lwm2m", "websocket": "websocket", "https": "http"}
# What one field alone does not say; and what the model says of all devices of a kind.
_CONDITIONAL = {
    "id",
    "deviceCategory",
    "owner",
    "provider",
    "controlledAsset",
    "supportedProtocol",
    "location",
    "manufacturerName",
    "modelName",
    "documentation",
}


def device(around: Around, record: Record) -> Entity:
    """A device. `controlledProperty` is there even where it measures nothing: the model demands it."""
    kind, chosen = around.chosen.view.schemas.kinds[record.rid.kind], around.chosen
    owner = around.find(record, "owner")
    provider = around.find(record, "operator") or owner
    support, model = around.find(record, "support"), model_of(record)
    direct = {
        name: attribute(field, value)
        for name, field, value in map_fields(kind, record, "ngsi-ld")
        if name not in _CONDITIONAL
    }
    found: dict[str, Any] = {
        "deviceCategory": plain(category(record)),
        "controlledProperty": {"type": "Property", "value": map_measures(around, record)},
        "supportedProtocol": plain(_protocols(around, record)),
        "owner": plain([urn("Organization", owner.rid.id)] if owner else None),
        "provider": plain(urn("Organization", provider.rid.id) if provider else None),
        "controlledAsset": relation([asset(around, support)] if support else None),
        "refDeviceModel": relation(urn("DeviceModel", *model) if model else None),
        "location": geometry(point(chosen.view, record)),
        **direct,
        "dateCreated": moment(chosen.created(record)),
        "dateModified": moment(chosen.modified(record)),
    }
    return entity("Device", urn("Device", record.rid.id), found, _past(around, record))


def _past(around: Around, record: Record) -> dict[str, Any]:
    """Where a device was before and whose, in attributes of ours: the model knows the present alone."""
    places = [_placement(around, one) for one in earlier_placements(record)]
    owners = [
        {"owner": urn("Organization", one.owner), "until": str(one.until)}
        for one in owners_of(record)[:-1]
        if around.chosen.view.get(RecordId("party", one.owner))
    ]
    return {
        "placed_on": moment(value_of(record, "placed_on")),
        "placements": plain([place for place in places if place]),
        "previous_owners": plain(owners),
    }


def _placement(around: Around, one: Placement) -> dict[str, Any] | None:
    """An earlier placement: the entity of its support, or its point, first and last day; None where neither is
    visible."""
    support = around.chosen.view.get(RecordId("support", one.support)) if one.support else None
    if support is None and one.location is None:
        return None
    return {
        **({"support": asset(around, support)} if support else {}),
        **({"location": {"type": "Point", "coordinates": list(one.location)}} if one.location else {}),
        "from": str(one.start),
        "until": str(one.until),
    }


def models(around: Around, records: Sequence[Record]) -> Iterator[Entity]:
    """The models of devices, one per manufacturer and model, sorted; of the requested devices."""
    known: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        model = model_of(record)
        if model is not None:
            known.setdefault(model, []).append(record)
    for model, devices in sorted(known.items()):
        kinds = around.chosen.view.schemas.kinds
        pages = (values(kinds[item.rid.kind], item, "ngsi-ld").get("documentation") for item in devices)
        found = {
            "category": plain(_each(category(item) for item in devices)),
            "controlledProperty": {"type": "Property", "value": _each(map_measures(around, item) for item in devices)},
            "manufacturerName": plain(model[0]),
            "brandName": plain(model[0]),  # the registry has no brand besides the manufacturer
            "modelName": plain(model[1]),
            "documentation": plain(next((page for page in pages if page), None)),
        }
        yield entity("DeviceModel", urn("DeviceModel", *model), found)


def model_of(record: Record) -> tuple[str, str] | None:
    """Manufacturer and model, where both are known: the entity demands both."""
    manufacturer, model = text_of(record, "manufacturer"), text_of(record, "model")
    return (manufacturer, model) if manufacturer and model else None


def category(record: Record) -> list[str]:
    """The categories of a device in the model."""
    found = CATEGORIES.get(str(value_of(record, "type")))
    return [found] if found else []


def map_measures(around: Around, record: Record) -> list[str]:
    """What a device measures in the words of the models; a property that they have no word for by its own key."""
    known = around.chosen.view.schemas.properties
    items = (item.get("property") for item in items_of(record, "measures") if isinstance(item, Mapping))
    keys = (key for key in items if isinstance(key, str))
    return list(dict.fromkeys((known[key].sdm if key in known else "") or key for key in keys))


def _protocols(around: Around, record: Record) -> list[str]:
    """The network's technology, and the protocols of its flows."""
    technology = _TECHNOLOGIES.get(str(value_of(around.find(record, "network"), "technology")))
    flows = around.flows.get(record.rid.id, ())
    found = [technology, *(_PROTOCOLS.get(str(value_of(flow, "protocol"))) for flow in flows)]
    return list(dict.fromkeys(word for word in found if word))


def _each(lists: Iterator[list[str]]) -> list[str]:
    return list(dict.fromkeys(word for words in lists for word in words))
