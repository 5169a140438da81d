"""Supports in the Smart Data Models: Streetlight and Building; Support, a type of ours, for what they have no type for
(no model describes a pole), and for what lacks something that the model demands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smartreg.core.values import Record
from smartreg.domain.fields import code_of
from smartreg.domain.municipalities import municipality
from smartreg.exporters.chosen import Around, text_of, value_of
from smartreg.exporters.mapped_fields import map_fields
from smartreg.exporters.ngsi_forms import Entity, attribute, entity, geometry, moment, plain, relation, urn
from smartreg.registry import map_point

_STREET_LIGHT, _BUILDING, _IN_SERVICE, _POOR = "street_light", "building", "in_service", "poor"
_COMMON = ("owner", "location", "address")
_OF_THE_MODEL = ("columnMadeOf",)  # an attribute of StreetlightModel, which the registry does not know


def asset(around: Around, record: Record) -> str:
    """The identifier of a support, of whatever type it is."""
    return urn(_type(around, record), record.rid.id)


def support(around: Around, record: Record) -> Entity:
    """A support as an entity of the type that fits it."""
    model, chosen = _type(around, record), around.chosen
    owner = around.find(record, "owner")
    common: dict[str, Any] = {
        "owner": plain([urn("Organization", owner.rid.id)] if owner else None),
        "location": geometry(map_point(chosen.view, record)),
        "address": plain(_address(around, record)),
        "dateCreated": moment(chosen.created(record)),
        "dateModified": moment(chosen.modified(record)),
    }
    if model == "Building":
        return entity(model, urn(model, record.rid.id), {"category": {"type": "Property", "value": []}, **common})
    fields = [
        (name, field, value)
        for name, field, value in map_fields(chosen.view.schemas.kinds[record.rid.kind], record, "ngsi-ld")
        if name not in ("id", "type", *_COMMON)
    ]
    if model == "Support":
        own = {field.column or name: attribute(field, value) for name, field, value in fields}
        own["support_type"] = plain(text_of(record, "type"))
        return entity(model, urn(model, record.rid.id), common, own)
    direct = {name: attribute(field, value) for name, field, value in fields if name not in _OF_THE_MODEL}
    devices = [urn("Device", item.rid.id) for item in around.on_support.get(record.rid.id, ())]
    attributes = {**common, **direct, "status": plain(_status(record)), "refDevice": relation(devices)}
    return entity(model, urn(model, record.rid.id), attributes)


def _type(around: Around, record: Record) -> str:
    word = text_of(record, "type")
    if word == _STREET_LIGHT and _status(record) and map_point(around.chosen.view, record):
        return "Streetlight"
    return "Building" if word == _BUILDING and _address(around, record) else "Support"


def _status(record: Record) -> str | None:
    """The state of a street light in the words of the model, which has none for what is planned, out of service or
    gone."""
    if value_of(record, "status") != _IN_SERVICE:
        return None
    return "columnIssue" if value_of(record, "condition") == _POOR else "ok"


def _address(around: Around, record: Record) -> Mapping[str, str] | None:
    """The address as the models have it; the commune is the locality."""
    view, code, street = around.chosen.view, code_of(record), text_of(record, "address")
    town = municipality(view, code) if code else None
    parts = {
        **({"streetAddress": street} if street else {}),
        **({"addressLocality": town.name, "addressCountry": view.country} if town else {}),
    }
    return parts or None
