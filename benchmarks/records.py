"""The data of a generated registry: all eight kinds, valid, with references that resolve, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from chance import Chance, luhn_digit
from framework import CELLULAR, METROPOLE, NOTE, Data, Item, framework, lorawan_of, name_of, party_of
from towns import SERVICES, TOWNS, Service, Town

_FIRST, _LAST = date(2024, 1, 8), date(2025, 9, 30)
# No state that a rule would report as too old one day (planned, decommissioned): results must not depend on the clock.
_STATES = (("active", 0.85), ("installed", 0.05), ("faulty", 0.04), ("removed", 0.04), ("cancelled", 0.02))
_LOAD_KG, _DEVICES = 15, 2


class Flow(NamedTuple):
    """What the equipment of one flow has in common."""

    id: str
    town: Town
    service: Service
    owner: str
    lorawan: bool


@dataclass(frozen=True)
class Shares:
    """The numbers of records of the kinds that grow with the registry; the others depend on the towns only."""

    supports: int
    equipment: int
    flows: int


def shares(records: int) -> Shares:
    """Flows are a tenth of what the fixed kinds leave; supports and equipment share the rest equally."""
    fixed = len(list(framework()))
    left = records - fixed
    flows = left // 10
    if flows < len(TOWNS):
        raise SystemExit(f"at least {fixed + 10 * len(TOWNS)} records are needed")
    supports = (left - flows) // 2
    return Shares(supports, left - flows - supports, flows)


def registry(records: int, seed: int) -> Iterator[Item]:
    """Exactly `records` records; the same numbers give the same records in the same order."""
    chance, sizes = Chance(seed), shares(records)
    yield from framework()
    places: dict[str, list[str]] = {town.insee_code: [] for town in TOWNS}
    for number in range(sizes.supports):
        town = TOWNS[number] if number < len(TOWNS) else _town(chance)
        data = support(chance, town, number)
        places[town.insee_code].append(str(data["id"]))
        yield "support", data
    flows = [_flow(chance, number) for number in range(sizes.flows)]
    feeds: list[list[str]] = [[] for _ in flows]
    hosts = {code: _cycle(ids) for code, ids in places.items()}
    for number in range(sizes.equipment):
        flow = flows[number % len(flows)]
        host = next(hosts[flow.town.insee_code])
        if number >= 2 * len(flows) and number % 50 == 0:
            yield "equipment", gateway(chance, flow, number, host)
            continue
        state = (
            "active" if number < len(flows) else chance.pick_weighted(_STATES)
        )  # at least one device per flow is active
        data = sensor(chance, flow, number, host, state)
        feeds[number % len(flows)].append(str(data["id"]))
        yield "equipment", data
    for flow, devices in zip(flows, feeds, strict=True):
        yield "flow", _flow_data(chance, flow, devices)


def _cycle(ids: list[str]) -> Iterator[str]:
    """Cycle through the supports of a town that carry equipment: nine out of ten."""
    used = [id for index, id in enumerate(ids) if index % 10 != 9]
    while True:
        yield from used


def _town(chance: Chance) -> Town:
    """A town; larger ones are more likely, because the table is sorted by population."""
    return TOWNS[min(chance.below(len(TOWNS)), chance.below(len(TOWNS)))]


def _flow(chance: Chance, number: int) -> Flow:
    """The first flows serve each town and each service once, so that none is unused."""
    town = TOWNS[number] if number < len(TOWNS) else _town(chance)
    service = SERVICES[number % len(SERVICES)] if number < len(TOWNS) else chance.pick(SERVICES)
    owner = METROPOLE if chance.happens(0.6) else party_of(town)
    lorawan = chance.happens(0.8) or number < len(TOWNS)
    return Flow(f"flux-{party_of(town)}-{service.id}-{number:05d}", town, service, owner, lorawan)


def support(chance: Chance, town: Town, number: int) -> Data:
    """A support within about one kilometre of the centre of its town."""
    form = chance.pick_weighted((("street_light", 0.8), ("mast", 0.06), ("building", 0.08), ("traffic_light", 0.06)))
    owner = METROPOLE if chance.happens(0.15) else party_of(town)
    return {
        "id": f"{party_of(town)}-ep-{number:06d}",
        "type": form,
        "owner": owner,
        "insee_code": town.insee_code,
        "location": {
            "lon": chance.between(town.lon - 0.012, town.lon + 0.012, 6),
            "lat": chance.between(town.lat - 0.009, town.lat + 0.009, 6),
            "accuracy_class": chance.pick("ABC"),
        },
        "status": "in_service",
        "local_ref": f"EP-{number:06d}",
        "address": f"{1 + chance.below(180)} {chance.pick(_STREETS)}",
        "height_m": chance.pick((4, 6, 8, 8.5, 10, 12)),
        "material": chance.pick(("steel", "aluminium", "concrete", "cast_iron")),
        "condition": chance.pick(("new", "good", "good", "fair")),
        "capacity": {
            "max_load_kg": _LOAD_KG,
            "max_devices": _DEVICES,
            "checked_on": str(chance.day(date(2023, 1, 2), date(2023, 12, 29))),
        },
        "power": {"availability": "permanent", "max_w": 60},
        "restrictions": chance.pick(_RESTRICTIONS),
        "notes": NOTE,
    }


_STREETS = ("rue de la République", "avenue de la Gare", "boulevard de la Mer", "place du Marché", "chemin des Pins")
_RESTRICTIONS = (
    "Pas de perçage : pose par cerclage seulement, à plus de trois mètres du sol.",
    "Intervention de jour seulement, avec une nacelle et un arrêté de circulation.",
    "Périmètre d'un monument historique : accord de l'architecte des bâtiments de France avant la pose.",
)
_MAKERS = (("Capteurs du Midi", "CM-200"), ("Mesures et Réseaux", "MR-12 LR"), ("Sondes Réunies", "SR Nano 4"))


def gateway(chance: Chance, flow: Flow, number: int, host: str) -> Data:
    """A LoRaWAN gateway of the Métropole in the town of a flow; it measures nothing."""
    return {
        "id": f"{party_of(flow.town)}-gateway-{number:06d}",
        "type": "gateway",
        "owner": METROPOLE,
        "use_cases": [flow.service.id],
        "status": "active",
        "support": host,
        "network": lorawan_of(flow.town),
        "installed_on": str(chance.day(_FIRST, _LAST)),
        "manufacturer": "Mesures et Réseaux",
        "model": "MR-G8",
        "serial_number": f"SN-{number:07d}",
        "gateway_eui": f"B827EBFFFE{number:06X}",
        "height_m": 5,
        "power": {"source": "mains", "consumption_w": 8},
        "weight_kg": 3.2,
        "convention": f"convention-{party_of(flow.town)}",
        "notes": NOTE,
    }


def sensor(chance: Chance, flow: Flow, number: int, host: str, state: str) -> Data:
    """A device of a flow, on a support of its town, in any state except "decommissioned"."""
    maker, model = chance.pick(_MAKERS)
    installed = chance.day(_FIRST, _LAST)
    return {
        "id": f"{party_of(flow.town)}-{flow.service.id}-{number:06d}",
        "type": "sensor",
        "owner": flow.owner,
        "use_cases": [flow.service.id],
        "status": state,
        "support": host,
        "network": lorawan_of(flow.town) if flow.lorawan else CELLULAR,
        **_dates(state, installed),
        "maintainer": METROPOLE,
        "manufacturer": maker,
        "model": model,
        "serial_number": f"SN-{number:07d}",
        **(_lora_ids(number) if flow.lorawan else _imei(number)),
        "measures": [{"property": name, "unit": unit} for name, unit in flow.service.measures],
        "height_m": chance.pick((3, 3.5, 4)),
        "power": {"source": "battery"},
        "weight_kg": chance.between(0.2, 2.5, 1),
        "calibration": {"last_on": str(installed - timedelta(days=20)), "period_months": 60},
        "cost_eur": chance.between(90, 900, 2),
        "procurement_ref": f"2023-M-{chance.below(40):04d}",
        **({"convention": f"convention-{party_of(flow.town)}"} if flow.lorawan else {}),
        "notes": NOTE,
    }


def _dates(state: str, installed: date) -> Data:
    """The dates that a state needs, and no others."""
    known: Data = {}
    if state != "cancelled":
        known["installed_on"] = str(installed)
    if state == "removed":
        known["decommissioned_on"] = str(installed + timedelta(days=30))
        known["removed_on"] = str(installed + timedelta(days=45))
    return known


def _lora_ids(number: int) -> Data:
    return {"dev_eui": f"70B3D57ED{number:07X}", "join_eui": "70B3D57ED0000001", "lorawan_class": "A"}


def _imei(number: int) -> Data:
    digits = f"3567890{number:07d}"
    return {"imei": digits + luhn_digit(digits)}


def _flow_data(chance: Chance, flow: Flow, devices: list[str]) -> Data:
    public = chance.happens(0.5)
    consumer = party_of(flow.town) if flow.owner == METROPOLE else METROPOLE
    opened = {"licence": "etalab-2.0", "access_url": f"https://data.example.org/{flow.id}"} if public else {}
    return {
        "id": flow.id,
        "title": f"{flow.service.title}, {name_of(flow.town)}",
        "producer": flow.owner,
        "consumers": [consumer],
        "equipment": list(devices),
        "access": "public" if public else "restricted",
        "personal_data": {"involved": False},
        "status": "active",
        "platform": {"name": "Plateforme de données", "operator": METROPOLE},
        "network": lorawan_of(flow.town) if flow.lorawan else CELLULAR,
        "protocol": "mqtt",
        "format": "json",
        "frequency": chance.pick(("PT10M", "PT15M", "PT1H", "P1D")),
        **opened,
        "theme": flow.service.theme,
        "use_cases": [flow.service.id],
        "quality": {"completeness": 0.95, "max_latency": "PT1H"},
        "convention": f"convention-{party_of(flow.town)}",
        "started_on": "2024-01-15",
        "notes": NOTE,
    }
