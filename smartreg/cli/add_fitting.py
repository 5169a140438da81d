"""Which optional fields are worth a question for a new record: what fits its type and its network."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from smartreg.commands.add import unique_fields
from smartreg.core.values import Json, RecordId
from smartreg.registry import Registry
from smartreg.schema import ITEM, Field, Kind

NETWORK, TYPE, MEASURES, CAPTURES = "network", "type", "measures", "captures"
MEASURING = ("sensor", "meter")
GATEWAY, CAMERA = "gateway", "camera"
CELLULAR = ("nb_iot", "lte_m", "cellular")
LOCAL = ("wifi", "fibre", "ethernet")
# identifier: the technologies of the network on which a device has it
TECHNOLOGIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"dev_eui": ("lorawan",), "gateway_eui": ("lorawan",), "imei": CELLULAR, "mac_address": LOCAL}
)


def networks(registry: Registry, kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The network of a device, when it was not given and there are networks to choose from."""
    field = kind.by_path.get((NETWORK,))
    if field is None or NETWORK in data or not any(registry.ids(ref) for ref in field.refs):
        return []
    return [field]


def identifiers(registry: Registry, kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The fields by which records are told apart, when none of them is known yet; of the identifiers of devices only
    those that devices of this type have on such a network."""
    names = unique_fields(registry, kind)
    if any(name in data for name in names):
        return []
    technology = _technology(registry, data)
    gateway = data.get(TYPE) == GATEWAY
    unfit = {"dev_eui"} if gateway else {"gateway_eui"}
    fit = [
        name for name in names if name not in TECHNOLOGIES or (name not in unfit and technology in TECHNOLOGIES[name])
    ]
    return [kind.by_path[(name,)] for name in fit]


def _technology(registry: Registry, data: Mapping[str, Json]) -> Json:
    network = registry.get(RecordId(NETWORK, str(data.get(NETWORK, ""))))
    return network.data.get("technology") if network else None


def measures(kind: Kind, data: Mapping[str, Json]) -> bool:
    """Whether to ask what the record measures: a sensor or a meter that has not said so."""
    known = (MEASURES, ITEM, "property") in kind.by_path
    return known and MEASURES not in data and data.get(TYPE) in MEASURING


def captures(kind: Kind, data: Mapping[str, Json]) -> bool:
    """Whether to ask what the device could capture about people: a camera that has not said so."""
    return (CAPTURES,) in kind.by_path and CAPTURES not in data and data.get(TYPE) == CAMERA
