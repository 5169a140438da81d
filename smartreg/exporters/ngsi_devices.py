"""Equipment in the Smart Data Models: Device and DeviceModel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from smartreg.core.values import Record, RecordId
from smartreg.domain.placements import Placement, earlier_placements, recorded_owners
from smartreg.exporters.chosen import Around, measured_keys, text_of, value_of
from smartreg.exporters.mapped_fields import map_fields, values
from smartreg.exporters.ngsi_forms import Entity, attribute, entity, geometry, moment, plain, relation, urn
from smartreg.exporters.ngsi_supports import asset
from smartreg.registry import map_point

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
    """A device. `controlledProperty` is present even if it measures nothing: the model requires it."""
    kind, chosen = around.chosen.view.schemas.kinds[record.rid.kind], around.chosen
    owner = around.find(record, "owner")
    provider = around.find(record, "operator") or owner
    support, model = around.find(record, "support"), model_of(record)
    direct = {
        name: attribute(field, value)
        for name, field, value in map_fields(kind, record, "ngsi-ld")
        if name not in _CONDITIONAL
    }
    attributes: dict[str, Any] = {
        "deviceCategory": plain(category(record)),
        "controlledProperty": {"type": "Property", "value": map_measures(around, record)},
        "supportedProtocol": plain(_protocols(around, record)),
        "owner": plain([urn("Organization", owner.rid.id)] if owner else None),
        "provider": plain(urn("Organization", provider.rid.id) if provider else None),
        "controlledAsset": relation([asset(around, support)] if support else None),
        "refDeviceModel": relation(urn("DeviceModel", *model) if model else None),
        "location": geometry(map_point(chosen.view, record)),
        **direct,
        "dateCreated": moment(chosen.created(record)),
        "dateModified": moment(chosen.modified(record)),
    }
    return entity(
        "Device", urn("Device", record.rid.id), attributes, {**_unmodelled(around, [record]), **_past(around, record)}
    )


def _past(around: Around, record: Record) -> dict[str, Any]:
    """The earlier places and owners of a device, in attributes of ours: the model has only the present."""
    places = [_placement(around, earlier) for earlier in earlier_placements(record)]
    owners = [
        {"owner": urn("Organization", earlier.owner), "until": str(earlier.until)}
        for earlier in tuple(recorded_owners(record))[:-1]
        if around.chosen.view.get(RecordId("party", earlier.owner))
    ]
    return {
        "placed_on": moment(value_of(record, "placed_on")),
        "placements": plain([place for place in places if place]),
        "previous_owners": plain(owners),
    }


def _placement(around: Around, placement: Placement) -> dict[str, Any] | None:
    """An earlier placement: the entity of its support, or its point, first and last day; None where neither is
    visible."""
    support = around.chosen.view.get(RecordId("support", placement.support)) if placement.support else None
    if support is None and placement.location is None:
        return None
    return {
        **({"support": asset(around, support)} if support else {}),
        **({"location": {"type": "Point", "coordinates": list(placement.location)}} if placement.location else {}),
        "from": str(placement.start),
        "until": str(placement.until),
    }


def models(around: Around, records: Sequence[Record]) -> Iterator[Entity]:
    """The models of devices, one per manufacturer and model, sorted; of the requested devices."""
    by_model: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        model = model_of(record)
        if model is not None:
            by_model.setdefault(model, []).append(record)
    for model, devices in sorted(by_model.items()):
        kinds = around.chosen.view.schemas.kinds
        pages = (values(kinds[item.rid.kind], item, "ngsi-ld").get("documentation") for item in devices)
        attributes = {
            "category": plain(_each(category(item) for item in devices)),
            "controlledProperty": {"type": "Property", "value": _each(map_measures(around, item) for item in devices)},
            "manufacturerName": plain(model[0]),
            "brandName": plain(model[0]),  # the registry has no brand besides the manufacturer
            "modelName": plain(model[1]),
            "documentation": plain(next((page for page in pages if page), None)),
        }
        yield entity("DeviceModel", urn("DeviceModel", *model), attributes, _unmodelled(around, devices))


def model_of(record: Record) -> tuple[str, str] | None:
    """Manufacturer and model, where both are known: the entity demands both."""
    manufacturer, model = text_of(record, "manufacturer"), text_of(record, "model")
    return (manufacturer, model) if manufacturer and model else None


def category(record: Record) -> list[str]:
    """The categories of a device in the model."""
    categories = CATEGORIES.get(str(value_of(record, "type")))
    return [categories] if categories else []


def map_measures(around: Around, record: Record) -> list[str]:
    """The measured properties in the words of the models, which enumerate them; the vocabulary says which word is which
    property's."""
    properties = around.chosen.view.schemas.properties
    words = (properties[key].sdm for key in measured_keys(record) if key in properties)
    return list(dict.fromkeys(word for word in words if word))


def _unmodelled(around: Around, records: Sequence[Record]) -> dict[str, Any]:
    """The keys of what these devices measure and the models have no word for, in an attribute of ours."""
    properties = around.chosen.view.schemas.properties
    keys = (key for record in records for key in measured_keys(record))
    return {
        "observedProperty": plain(
            list(dict.fromkeys(key for key in keys if key not in properties or not properties[key].sdm))
        )
    }


def _protocols(around: Around, record: Record) -> list[str]:
    """The network's technology, and the protocols of its flows."""
    technology = _TECHNOLOGIES.get(str(value_of(around.find(record, "network"), "technology")))
    flows = around.flows.get(record.rid.id, ())
    protocols = [technology, *(_PROTOCOLS.get(str(value_of(flow, "protocol"))) for flow in flows)]
    return list(dict.fromkeys(word for word in protocols if word))


def _each(lists: Iterator[list[str]]) -> list[str]:
    return list(dict.fromkeys(word for words in lists for word in words))
