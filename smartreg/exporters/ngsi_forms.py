"""The forms of NGSI-LD (ETSI GS CIM 009, normalized): identifiers, attributes, contexts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from smartreg.core.escape import encodable
from smartreg.core.values import Json
from smartreg.exporters.mapped_fields import day
from smartreg.schema import Field

Entity: TypeAlias = dict[str, Any]

CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"
OWN = "urn:smartreg:"  # terms that the Smart Data Models have no word for
# The subject of the Smart Data Models that each type belongs to; the other types are ours.
_SUBJECTS = {
    "Device": "Device",
    "DeviceModel": "Device",
    "PrivacyObject": "Device",
    "Streetlight": "Streetlighting",
    "Building": "Building",
    "Organization": "Organization",
    "Dataset": "DCAT-AP",
    "Distribution": "DCAT-AP",
}


def urn(kind: str, *parts: str) -> str:
    """The identifier of an entity: percent-encoded, so that any text makes a URI, and no two texts the same one."""
    return ":".join(("urn:ngsi-ld", kind, *(quote(encodable(part), safe="") for part in parts)))


def entity(kind: str, id: str, attributes: Mapping[str, Any], own: Mapping[str, Any] | None = None) -> Entity:
    """An entity with its context; `own` are the attributes that bear names of ours. What is None is left out."""
    shown = {name: value for name, value in {**attributes, **(own or {})}.items() if value is not None}
    subject = _SUBJECTS.get(kind)
    context: list[Any] = [CORE]
    if subject is not None:
        context.append(f"https://raw.githubusercontent.com/smart-data-models/dataModel.{subject}/master/context.jsonld")
    ours = [name for name in (own or {}) if name in shown] + ([] if subject else [kind])
    if ours:
        context.append({name: f"{OWN}{name}" for name in ours})
    return {"id": id, "type": kind, **shown, "@context": context}


def plain(value: Any) -> dict[str, Any] | None:
    """A Property; None for an absent value: NGSI-LD has no null, and an empty list says no more."""
    return None if value is None or value == [] else {"type": "Property", "value": value}


def moment(value: Json) -> dict[str, Any] | None:
    """A Property with a day: its midnight in UTC."""
    iso = day(value)
    return iso and plain({"@type": "DateTime", "@value": f"{iso}T00:00:00Z"})  # type: ignore[return-value]


def attribute(field: Field, value: Json) -> dict[str, Any] | None:
    """A field that maps one to one."""
    return moment(value) if field.schema.get("format") == "date" else plain(value)


def relation(urns: str | list[str] | None) -> dict[str, Any] | None:
    """A Relationship with one entity, or with several."""
    return {"type": "Relationship", "object": urns} if urns else None


def geometry(point: tuple[float, float] | None) -> dict[str, Any] | None:
    """A GeoProperty: a GeoJSON point, longitude first."""
    return point and {"type": "GeoProperty", "value": {"type": "Point", "coordinates": list(point)}}
