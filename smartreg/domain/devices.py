"""The fields that a device has by its type and network: identifiers, measures, what it captures about people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from smartreg.core.values import Json, RecordId
from smartreg.domain.texts import texts_ending
from smartreg.registry import Registry, identifiers
from smartreg.schema import ITEM, Field, Kind

NETWORK, TYPE, MEASURES, CAPTURES = "network", "type", "measures", "captures"
MEASURING = ("sensor", "meter")
SERIAL_NUMBER, MANUFACTURER = "serial_number", "manufacturer"
GATEWAY, CAMERA = "gateway", "camera"
CELLULAR = ("nb_iot", "lte_m", "cellular")
LOCAL = ("wifi", "fibre", "ethernet")
# identifier: the technologies of the network on which a device has it
TECHNOLOGIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"dev_eui": ("lorawan",), "gateway_eui": ("lorawan",), "imei": CELLULAR, "mac_address": LOCAL}
)
REPLACES = "replaces"  # the reference by which a record names the one whose place it took
EUIS = texts_ending("_eui")
"""The 64-bit identifiers of LoRaWAN (IEEE EUI-64)."""
NEEDED = ("dev_eui", "gateway_eui")  # by rule NET403, of a device that is there


def missing_network(registry: Registry, kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The network of a device, if it was not given and there are networks to choose from."""
    field = kind.by_path.get((NETWORK,))
    if field is None or NETWORK in data or not any(registry.ids(ref) for ref in field.refs):
        return []
    return [field]


def missing_identifiers(registry: Registry, kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The fields that identify a record, if it has none of them yet: of the identifiers of devices those that devices
    of this type have on such a network. The one that its network needs is among them in any case, and comes first."""
    names = identifiers(kind, registry.frame.indexed)
    is_identified = any(name in data for name in names)
    network = registry.get(RecordId(NETWORK, str(data.get(NETWORK, ""))))
    technology = network.data.get("technology") if network else None
    unfit = "dev_eui" if data.get(TYPE) == GATEWAY else "gateway_eui"
    fit = [name for name in names if name not in TECHNOLOGIES or (name != unfit and technology in TECHNOLOGIES[name])]
    first = sorted(fit, key=lambda name: name not in NEEDED)
    return [kind.by_path[(name,)] for name in first if name not in data and (not is_identified or name in NEEDED)]


def missing_manufacturer(kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """Who made a device with a serial number, if that was not given: the number tells it apart only among theirs."""
    is_asked = (MANUFACTURER,) in kind.by_path and SERIAL_NUMBER in data and MANUFACTURER not in data
    return [kind.by_path[(MANUFACTURER,)]] if is_asked else []


def lacks_measures(kind: Kind, data: Mapping[str, Json]) -> bool:
    """True of a sensor or meter without measures."""
    has_measures = (MEASURES, ITEM, "property") in kind.by_path
    return has_measures and MEASURES not in data and data.get(TYPE) in MEASURING


def lacks_captures(kind: Kind, data: Mapping[str, Json]) -> bool:
    """True of a camera that does not say what it could capture about people."""
    return (CAPTURES,) in kind.by_path and CAPTURES not in data and data.get(TYPE) == CAMERA
