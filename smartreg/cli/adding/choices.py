"""What a new record can be offered: the commune of a name, fields that fit its type, supports by distance."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from smartreg.commands.add import unique_fields
from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, Record, RecordId, Words
from smartreg.registry import Registry, distance_m, position
from smartreg.schema import ITEM, Field, Kind

FIELD = "insee_code"
OR_NAME = Words(" (or the name of the commune)", " (ou nom de la commune)")


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


Point = tuple[float, float]  # longitude, latitude, WGS 84
NEAREST = 9
_FRANCE_LON, _FRANCE_LAT = (-5.5, 9.8), (41.2, 51.3)  # the mainland and Corsica


class Near(NamedTuple):
    """A record and its distance in metres."""

    metres: float
    record: Record


def carrier(kind: Kind) -> Field:
    """The reference by which a record of this kind has a position. UsageFault when it has none."""
    for name in kind.position:
        field = kind.by_path.get((name,))
        if field is not None and field.refs:
            return field
    raise UsageFault(
        Words(
            f"a {kind.name} hangs on nothing: --near cannot help",
            f"le type « {kind.title.fr} » n'est porté par rien : --near est sans objet",
        )
    )


def point(text: str) -> Point:
    """`43.51345,4.98747` (latitude first, as maps show it) → longitude, latitude. UsageFault when it is not that, or
    when it lies in France only the other way round."""
    parts = [part.strip() for part in text.replace(";", ",").split(",")]
    try:
        lat, lon = map(float, parts)
    except ValueError:
        lat = lon = float("nan")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UsageFault(
            Words(f'--near "{text}" is not LAT,LON', f"--near « {text} » n'est pas LAT,LON"),
            Words("write it like 43.51345,4.98747", "écrivez-le comme 43.51345,4.98747"),
        )
    if _FRANCE_LON[0] <= lat <= _FRANCE_LON[1] and _FRANCE_LAT[0] <= lon <= _FRANCE_LAT[1]:
        raise UsageFault(
            Words(
                f'--near "{text}": longitude and latitude look swapped', f"--near « {text} » : lat et lon inversées ?"
            ),
            Words(f"latitude first: --near {lon:g},{lat:g}", f"la latitude d'abord : --near {lon:g},{lat:g}"),
        )
    return lon, lat


def nearest(registry: Registry, kinds: tuple[str, ...], where: Point) -> list[Near]:
    """The records nearest to a point, nearest first, at most nine."""
    found = (
        Near(distance_m(where, place), record)
        for kind in kinds
        if kind in registry.schemas.kinds
        for record in registry.of_kind(kind)
        if (place := position(registry, record)) is not None
    )
    return heapq.nsmallest(NEAREST, found, key=lambda near: (near.metres, near.record.rid))
