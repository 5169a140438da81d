"""The records whose number does not depend on the size of the registry: parties, acts, networks, use cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chance import luhn_digit
from towns import EPCI, SERVICES, TOWNS, Service, Town

from smartreg.core.spelling import slug
from smartreg.core.values import Json
from smartreg.domain.codes import commune, epci, members

Data = dict[str, Json]
Item = tuple[str, Data]  # kind, data

OPERATOR = "operateur-cellulaire"
FRAMEWORK = "deliberation-cadre"
CELLULAR = "reseau-cellulaire"
NOTE = "Donnée fictive, faite pour mesurer les temps du programme."


def name_of(town: Town) -> str:
    found = commune(town.insee_code)
    assert found is not None
    return found.name


def party_of(town: Town) -> str:
    return slug(name_of(town))


def _epci_name() -> str:
    found = epci(EPCI)
    assert found is not None
    return found.name


METROPOLE = slug(_epci_name())


def framework() -> Iterator[Item]:
    """Every record of these kinds, each after the records that it refers to."""
    yield "party", {"id": METROPOLE, "name": _epci_name(), "category": "metropole", "siren": EPCI, **_mailboxes()}
    for place in members(EPCI):
        assert place.siren is not None
        siret = f"{place.siren}0001"
        yield (
            "party",
            {
                "id": slug(place.name),
                "name": place.name,
                "category": "commune",
                "siren": place.siren,
                "siret": siret + luhn_digit(siret),
                "insee_code": place.insee_code,
                **_mailboxes(),
            },
        )
    yield "party", {"id": OPERATOR, "name": "Opérateur cellulaire", "category": "private", "notes": NOTE}
    yield "deliberation", _deliberation(FRAMEWORK, METROPOLE, "BENCH-001-00001/23/BM", date(2023, 3, 16))
    for town in TOWNS:
        party = party_of(town)
        act = f"deliberation-{party}"
        yield "deliberation", {**_deliberation(act, party, f"2023-{party}", date(2023, 10, 2)), "cites": [FRAMEWORK]}
        yield "convention", _convention(party, name_of(town), act)
        yield "network", _network(party, town)
    yield "network", _cellular()
    for service in SERVICES:
        yield "use_case", _use_case(service)


def _mailboxes() -> Data:
    return {"contact_email": "numerique@example.org", "dpo_email": "dpo@example.org"}


def _deliberation(id: str, body: str, number: str, day: date) -> Data:
    return {
        "id": id,
        "number": number,
        "body": body,
        "date": str(day),
        "subject": "Approbation d'une convention de collaboration et de réciprocité sur les équipements connectés",
        "url": f"https://www.example.org/deliberations/{id}",
        "notes": NOTE,
    }


def _convention(party: str, name: str, act: str) -> Data:
    return {
        "id": f"convention-{party}",
        "title": f"Convention avec {name}",
        "parties": [METROPOLE, party],
        "families": ["installation", "connectivity", "data"],
        "status": "signed",
        "deliberations": [FRAMEWORK, act],
        "signed_on": "2023-12-01",
        "effective_from": "2023-12-01",
        "effective_until": "2030-12-31",
        "reciprocal": True,
        "consideration": "free",
        "free_of_charge_basis": "public_service_free_to_all",
        "removal_days": 90,
        "notice_days": 60,
        "annexes": [{"kind": "supports", "title": "Liste des supports"}, {"kind": "data_charter"}],
        "notes": NOTE,
    }


def _network(party: str, town: Town) -> Data:
    return {
        "id": lorawan_of(town),
        "name": f"Réseau LoRaWAN à {name_of(town)}",
        "technology": "lorawan",
        "operator": METROPOLE,
        "access": "shared",
        "status": "in_service",
        "shared_with": [party],
        "lorawan": {"region": "EU863-870"},
        "coverage_insee_codes": [town.insee_code],
        "started_on": "2023-12-15",
        "convention": f"convention-{party}",
        "notes": NOTE,
    }


def _cellular() -> Data:
    return {
        "id": CELLULAR,
        "name": "Réseau cellulaire",
        "technology": "nb_iot",
        "operator": OPERATOR,
        "access": "commercial",
        "status": "in_service",
        "started_on": "2022-01-01",
        "notes": NOTE,
    }


def _use_case(service: Service) -> Data:
    return {
        "id": service.id,
        "title": service.title,
        "owner": METROPOLE,
        "domain": service.domain,
        "status": "production",
        "department": "Direction de l'environnement",
        "objective": f"{service.title} : mesurer, comparer, agir, sur tout le territoire.",
        "started_on": "2023-12-01",
        "indicators": [
            {
                "name": "Points de mesure actifs",
                "unit": "{count}",
                "baseline": 0,
                "target": 500,
                "value": 310,
                "measured_on": "2025-06-30",
            }
        ],
        "assessments": [{"date": "2025-07-15", "rating": 4, "summary": "Utile.", "recommendation": "scale"}],
        "notes": NOTE,
    }


def lorawan_of(town: Town) -> str:
    """The id of the LoRaWAN network of a town."""
    return f"lorawan-{party_of(town)}"
