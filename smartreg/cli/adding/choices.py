"""What to offer for a new record: the commune of a name, fields that fit its type, supports by distance."""

from __future__ import annotations

import heapq
import math
import re
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
NEEDED = ("dev_eui", "gateway_eui")  # by rule NET403, of a device that is there
# How a schema maps the days from and until which a record holds.
START, END = ("dcat", "dcat:startDate"), ("dcat", "dcat:endDate")


def networks(registry: Registry, kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The network of a device, when it was not given and there are networks to choose from."""
    field = kind.by_path.get((NETWORK,))
    if field is None or NETWORK in data or not any(registry.ids(ref) for ref in field.refs):
        return []
    return [field]


def identifiers(registry: Registry, kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The fields that identify a record, if none of them is known yet: of the identifiers of devices those that
    devices of this type have on such a network. The one that its network needs is asked for in any case."""
    names = unique_fields(registry, kind)
    known = any(name in data for name in names)
    technology = _technology(registry, data)
    unfit = "dev_eui" if data.get(TYPE) == GATEWAY else "gateway_eui"
    fit = [name for name in names if name not in TECHNOLOGIES or (name != unfit and technology in TECHNOLOGIES[name])]
    return [kind.by_path[(name,)] for name in fit if name not in data and (not known or name in NEEDED)]


def _technology(registry: Registry, data: Mapping[str, Json]) -> Json:
    network = registry.get(RecordId(NETWORK, str(data.get(NETWORK, ""))))
    return network.data.get("technology") if network else None


def measures(kind: Kind, data: Mapping[str, Json]) -> bool:
    """Whether to ask what the record measures: a sensor or meter without measures."""
    known = (MEASURES, ITEM, "property") in kind.by_path
    return known and MEASURES not in data and data.get(TYPE) in MEASURING


def captures(kind: Kind, data: Mapping[str, Json]) -> bool:
    """Whether to ask what the device could capture about people: a camera without captures."""
    return (CAPTURES,) in kind.by_path and CAPTURES not in data and data.get(TYPE) == CAMERA


def term_days(kind: Kind, data: Mapping[str, Json]) -> list[Field]:
    """The days from and until which a record holds, as far as they are not known: the first one only of what is in
    service by a state that has no day of its own; not days on which a state of its life begins."""
    life = kind.lifecycle
    state = data.get(life.field) if life else None
    wanted = set() if life and state in life.ends else {END}
    if life is None or (state in life.in_service and state not in life.dates):
        wanted.add(START)
    begun = set(life.dates.values()) if life else set()
    mapped = [field for field in kind.fields if len(field.path) == 1 and wanted & set(field.maps.items())]
    return [field for field in mapped if field.path[0] not in {*begun, *data}]


Point = tuple[float, float]  # longitude, latitude, WGS 84
NEAREST = 9
_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?")
_PAIR = re.compile(rf"({_NUMBER.pattern})(\s*;\s*|\s*,\s+|\s+,?|,)({_NUMBER.pattern})")
_ONE_NUMBER = re.compile(r"[-+]?[0-9]+,[0-9]+")  # 43,5 may be a latitude alone
_FRANCE_LON, _FRANCE_LAT = (-5.5, 9.8), (41.2, 51.3)  # the mainland and Corsica


class Near(NamedTuple):
    """A record and its distance in metres."""

    metres: float
    record: Record


def carriers(kind: Kind) -> list[Field]:
    """The references by which a record of this kind may have a position."""
    fields = (kind.by_path.get((name,)) for name in kind.position)
    return [field for field in fields if field is not None and field.refs]


def carrier(kind: Kind) -> Field:
    """The reference by which a record of this kind has a position. UsageFault when it has none."""
    for field in carriers(kind):
        return field
    raise UsageFault(
        Words(
            f"a {kind.name} has no support: --near does not apply",
            f"le type « {kind.title.fr} » n'est porté par rien : --near est sans objet",
        )
    )


def point(text: str, option: str = "") -> Point:
    """`43.51345, 4.98747` (latitude first, as maps show it; decimal commas too where that can mean one thing only) →
    longitude, latitude. UsageFault when it is not that, or when it lies in France only the other way round. `option`:
    how a message names what was typed."""
    before = f"{option} " if option else ""
    found = _PAIR.fullmatch(text.strip())
    mixed = found and found[2] == "," and ("," in found[1]) != ("," in found[3])  # 43,5,4: where are the decimals?
    lat, lon = (float(part.replace(",", ".")) for part in found.group(1, 3)) if found and not mixed else (math.nan,) * 2
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or _ONE_NUMBER.fullmatch(text.strip()):
        raise UsageFault(
            Words(
                f'{before}"{text}" is not a latitude and a longitude',
                f"{before}« {text} » n'est pas une latitude et une longitude",
            ),
            Words("write them like 43.51345,4.98747", "écrivez-les comme 43.51345,4.98747"),
        )
    if _FRANCE_LON[0] <= lat <= _FRANCE_LON[1] and _FRANCE_LAT[0] <= lon <= _FRANCE_LAT[1]:
        raise UsageFault(
            Words(
                f'{before}"{text}": longitude and latitude look swapped',
                f"{before}« {text} » : lat et lon inversées ?",
            ),
            Words(f"latitude first: {before}{lon:g},{lat:g}", f"la latitude d'abord : {before}{lon:g},{lat:g}"),
        )
    return lon, lat


def point_pasted(text: str) -> Point | None:
    """Like `point`; None where a text is no pair of numbers."""
    return point(text) if _PAIR.fullmatch(text.strip()) and not _ONE_NUMBER.fullmatch(text.strip()) else None


def numbers_typed(text: str) -> list[str]:
    """The numbers of a position as typed."""
    return _NUMBER.findall(text)


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
