"""The schema files themselves: what they ask for, judged by two engines that must always agree.

The tables below are the tables of the design; the schemas must have exactly these properties and choices.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from smartreg.schema import bundled_files, read_schemas

FOLDER = Path(__file__).parents[2] / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS = ("party", "deliberation", "convention", "support", "equipment", "network", "flow", "use_case")
FILES = (*KINDS, "common", "meta")
ABSENT = object()

PROPERTIES = {
    "party": """id name category siren siret insee_code nonprofit contact_email dpo_email website data_charter
        data_charter.signed_on data_charter.document writers writers.keys writers.domains ended_on successors
        successors[].party successors[].from successors[].deliberation successors[].document successors[].sha256
        confirmed_on notes""",
    "deliberation": """id number body date transmitted_on published_on annulment annulment.judged_on annulment.court
        annulment.reference annulment.from subject matter matter.code matter.name cites amends url document
        document.path document.sha256
        confirmed_on notes""",
    "convention": """id title parties families status deliberations signed_on effective_from effective_until
        terminated_on reciprocal consideration free_of_charge_basis removal_days notice_days scope
        scope.insee_codes scope.supports scope.networks third_parties third_parties[].party
        third_parties[].interface_clause_on third_parties[].document annexes annexes[].id annexes[].kind
        annexes[].title annexes[].path annexes[].sha256 confirmed_on notes renewal renewal.tacit renewal.period
        renewal.notice renewal.at_most termination termination.unilateral termination.notice amendments
        amendments[].number amendments[].signed_on amendments[].effective_from amendments[].deliberations
        amendments[].annex amendments[].adds amendments[].adds.parties amendments[].adds.families
        amendments[].adds.scope.insee_codes amendments[].adds.scope.supports amendments[].adds.scope.networks
        amendments[].adds.third_parties amendments[].adds.third_parties[].party
        amendments[].adds.third_parties[].interface_clause_on amendments[].adds.third_parties[].document
        amendments[].removes amendments[].removes.parties amendments[].removes.families
        amendments[].removes.scope.insee_codes amendments[].removes.scope.supports amendments[].removes.scope.networks
        amendments[].removes.third_parties amendments[].sets amendments[].sets.effective_until
        amendments[].sets.terminated_on amendments[].sets.reciprocal amendments[].sets.consideration
        amendments[].sets.removal_days amendments[].sets.notice_days amendments[].sets.scope.insee_codes
        amendments[].sets.scope.supports amendments[].sets.scope.networks amendments[].sets.renewal
        amendments[].sets.renewal.tacit amendments[].sets.renewal.period amendments[].sets.renewal.notice
        amendments[].sets.renewal.at_most amendments[].sets.termination amendments[].sets.termination.unilateral
        amendments[].sets.termination.notice amendments[].unsets amendments[].notice amendments[].notice.by
        amendments[].notice.of amendments[].annulment amendments[].annulment.judged_on amendments[].annulment.court
        amendments[].annulment.reference annulment annulment.judged_on annulment.court annulment.reference
        annulment.from signatures signatures[].party signatures[].capacity signatures[].signed_on""",
    "support": """id type owner manager insee_code location location.lon location.lat location.accuracy_class
        status local_ref address height_m material condition capacity capacity.max_load_kg capacity.max_devices
        capacity.checked_on power power.availability power.max_w restrictions visibility previous_owners
        previous_owners[].owner previous_owners[].until confirmed_on attributes notes""",
    "equipment": """id type owner use_cases status support network installed_on installed_before placed_on
        decommissioned_on removed_on active_until operator maintainer manufacturer model serial_number dev_eui join_eui
        lorawan_class
        gateway_eui mac_address imei measures measures[].property measures[].unit captures location location.lon
        location.lat location.accuracy_class height_m mobile mobile.insee_codes power power.source
        power.consumption_w weight_kg convention replaces calibration calibration.last_on
        calibration.period_months documentation cost_eur procurement_ref visibility placements
        placements[].support placements[].location placements[].location.lon placements[].location.lat
        placements[].from placements[].until placements[].reason previous_owners previous_owners[].owner
        previous_owners[].until events events[].date events[].kind events[].note confirmed_on attributes notes""",
    "network": """id name technology operator access status owner shared_with lorawan lorawan.region
        lorawan.net_id coverage_insee_codes started_on ended_on convention confirmed_on notes""",
    "flow": """id title producer consumers equipment access personal_data personal_data.involved
        personal_data.controller personal_data.purpose personal_data.legal_basis personal_data.categories
        personal_data.retention personal_data.dpia personal_data.dpia.status personal_data.dpia.reference
        personal_data.dpia.done_on personal_data.notice_url personal_data.outside_eu status platform platform.name
        platform.operator network protocol format frequency licence access_url theme use_cases quality
        quality.completeness quality.max_latency convention started_on ended_on confirmed_on notes""",
    "use_case": """id title owner domain status department objective started_on ended_on indicators
        indicators[].name indicators[].unit indicators[].baseline indicators[].target indicators[].value
        indicators[].measured_on assessments assessments[].date assessments[].rating assessments[].summary
        assessments[].recommendation confirmed_on notes""",
}

REFERENCES = {
    "party": {"successors[].party": "party", "successors[].deliberation": "deliberation"},
    "deliberation": {"body": "party", "cites[]": "deliberation", "amends[]": "deliberation"},
    "convention": {
        "parties[]": "party", "deliberations[]": "deliberation", "scope.supports[]": "support",
        "scope.networks[]": "network", "third_parties[].party": "party",
        "amendments[].deliberations[]": "deliberation", "amendments[].adds.parties[]": "party",
        "amendments[].adds.scope.supports[]": "support", "amendments[].adds.scope.networks[]": "network",
        "amendments[].adds.third_parties[].party": "party", "amendments[].removes.parties[]": "party",
        "amendments[].removes.scope.supports[]": "support", "amendments[].removes.scope.networks[]": "network",
        "amendments[].removes.third_parties[]": "party", "amendments[].sets.scope.supports[]": "support",
        "amendments[].sets.scope.networks[]": "network", "amendments[].notice.by": "party",
        "signatures[].party": "party",
    },
    "support": {"owner": "party", "manager": "party", "previous_owners[].owner": "party"},
    "equipment": {
        "owner": "party", "use_cases[]": "use_case", "support": "support", "network": "network", "operator": "party",
        "maintainer": "party", "convention": "convention", "replaces": "equipment",
        "placements[].support": "support", "previous_owners[].owner": "party",
    },
    "network": {"operator": "party", "owner": "party", "shared_with[]": "party", "convention": "convention"},
    "flow": {
        "producer": "party", "consumers[]": "party", "equipment[]": "equipment", "personal_data.controller": "party",
        "platform.operator": "party", "network": "network", "use_cases[]": "use_case", "convention": "convention",
    },
    "use_case": {"owner": "party"},
}  # fmt: skip

CHOICES = {
    "party": {"category": "metropole commune public parapublic private"},
    "deliberation": {},
    "convention": {
        "families": "installation connectivity data",
        "status": "draft adopted signed terminated",
        "consideration": "free fee",
        "free_of_charge_basis": """public_service_free_to_all conservation_of_public_domain
            nonprofit_general_interest other""",
        "amendments[].adds.families": "installation connectivity data",
        "amendments[].removes.families": "installation connectivity data",
        "amendments[].sets.consideration": "free fee",
        "amendments[].unsets": """effective_until reciprocal consideration removal_days notice_days scope
            scope.insee_codes scope.supports scope.networks third_parties renewal termination""",
        "amendments[].notice.of": "non_renewal termination general_interest",
        "annexes[].kind": "supports equipment connectivity data data_charter interface_clause privacy amendment other",
    },
    "support": {
        "type": """street_light electricity_pole mast building facade traffic_light street_furniture cabinet bridge
            water_structure ground other""",
        "location.accuracy_class": "A B C",
        "status": "planned in_service out_of_service removed",
        "material": "steel aluminium wood concrete cast_iron composite other",
        "condition": "new good fair poor",
        "power.availability": "none permanent night_only solar",
        "visibility": "public partners internal",
    },
    "equipment": {
        "type": "sensor meter actuator gateway repeater camera display controller",
        "status": "planned installed active faulty decommissioned removed cancelled",
        "lorawan_class": "A B C",
        "captures": "image audio radio_identifiers plates",
        "location.accuracy_class": "A B C",
        "power.source": "battery mains solar poe none",
        "visibility": "public partners internal",
        "events[].kind": "installation fault repair maintenance calibration relocation vandalism removal",
    },
    "network": {
        "technology": "lorawan sigfox nb_iot lte_m cellular wifi fibre ethernet wmbus other",
        "access": "own_use shared commercial",
        "status": "planned in_service retired",
        "lorawan.region": "EU863-870 EU433 ISM2400",
    },
    "flow": {
        "access": "public restricted non_public",
        "personal_data.legal_basis": """consent contract legal_obligation vital_interests public_task
            legitimate_interests""",
        "personal_data.dpia.status": "done not_required pending",
        "status": "planned active suspended ended",
        "protocol": "mqtt https amqp coap lwm2m kafka sftp websocket other",
        "format": "json geojson ngsi_ld sensorthings senml csv cbor binary other",
        "licence": "etalab-2.0 ODbL-1.0 CC-BY-4.0 proprietary other",
        "theme": "AGRI ECON EDUC ENER ENVI GOVE HEAL INTR JUST REGI SOCI TECH TRAN",
    },
    "use_case": {
        "domain": "noise waste water mobility lighting air_quality energy buildings green_spaces risk heat other",
        "status": "idea pilot production stopped",
        "assessments[].recommendation": "stop adapt continue scale",
    },
}

VALID: dict[str, dict[str, Any]] = {
    "party": {"id": "ville-d-istres", "name": "Ville d'Istres", "category": "commune", "siren": "211300470",
              "insee_code": "13047"},
    "deliberation": {"id": "ivis-009-13539-23-bm", "number": "IVIS-009-13539/23/BM", "body": "amp-metropole",
                     "date": "2023-03-16", "subject": "Convention Smart Métropole"},
    "convention": {"id": "smart-metropole-istres", "title": "Convention",
                   "parties": ["amp-metropole", "ville-d-istres"], "families": ["installation", "data"],
                   "status": "signed", "deliberations": ["ivis-009-13539-23-bm"], "signed_on": "2023-12-01"},
    "support": {"id": "istres-ep-00412", "type": "street_light", "owner": "ville-d-istres", "insee_code": "13047",
                "location": {"lon": 4.98747, "lat": 43.51345}, "status": "in_service"},
    "equipment": {"id": "istres-noise-003", "type": "sensor", "owner": "amp-metropole",
                  "use_cases": ["noise-observatory"], "status": "active", "support": "istres-ep-00412",
                  "installed_on": "2024-03-11"},
    "network": {"id": "amp-lorawan", "name": "LoRaWAN", "technology": "lorawan", "operator": "amp-metropole",
                "access": "shared", "status": "in_service", "shared_with": ["ville-d-istres"],
                "lorawan": {"region": "EU863-870"}},
    "flow": {"id": "istres-noise-levels", "title": "Niveaux sonores – Istres", "producer": "amp-metropole",
             "consumers": [], "equipment": ["istres-noise-003"], "access": "public", "licence": "etalab-2.0",
             "personal_data": {"involved": False}, "status": "active"},
    "use_case": {"id": "noise-observatory", "title": "Observatoire du bruit", "owner": "amp-metropole",
                 "domain": "noise", "status": "pilot"},
}  # fmt: skip

REQUIRED = {
    "party": "id name category siren insee_code",
    "deliberation": "id number body date subject",
    "convention": "id title parties families status deliberations signed_on",
    "support": "id type owner insee_code location location.lon location.lat status",
    "equipment": "id type owner use_cases status support installed_on",
    "network": "id name technology operator access status shared_with lorawan lorawan.region",
    "flow": "id title producer consumers equipment access licence personal_data personal_data.involved status",
    "use_case": "id title owner domain status",
}

PRIVACY = {"involved": True, "controller": "amp-metropole", "purpose": "Comptage", "legal_basis": "public_task",
           "retention": "P30D", "dpia": {"status": "done"}}  # fmt: skip
OPTIONS_OF_ALL = """at color debug directory dry-run format from help json lang like message near no-commit no-input
    output quiet repeat set trailer verbose yes"""
OTHER_TYPE = {"string": 13047, "number": "4", "integer": "4", "boolean": "true", "array": "a", "object": []}
ACTS = (
    "renewal.",
    "termination.",
    "annulment.",
    *(f"amendments[].{part}" for part in ("adds.", "removes.", "sets.", "unsets", "notice.", "annulment.")),
)
"""What acts change has no columns: the versions that follow from it are a table of their own."""
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

# kind, changes to the valid record (dotted path → value), and whether the result is still valid
CASES: list[tuple[str, dict[str, Any], bool]] = [
    # presence that depends on a state
    ("party", {"category": "private", "siren": ABSENT, "insee_code": ABSENT}, True),
    ("party", {"category": "public", "insee_code": ABSENT}, True),
    ("party", {"category": "metropole", "siren": ABSENT, "insee_code": ABSENT}, False),
    ("party", {"category": "public", "siren": ABSENT, "insee_code": ABSENT}, False),
    ("party", {"category": "parapublic", "siren": ABSENT, "insee_code": ABSENT}, False),
    ("party", {"ended_on": "2027-01-01", "successors": [{"party": "istres-fos", "deliberation": "d"}]}, True),
    ("party", {"successors": [{"party": "a", "from": "2027-01-01", "document": "a.pdf", "sha256": HASH}]}, True),
    ("party", {"successors": [{"party": "istres-fos", "from": "2027-01-01"}]}, False),
    ("party", {"successors": [{"party": "istres-fos", "document": "a.pdf"}]}, False),
    ("party", {"successors": [{"deliberation": "d"}]}, False),
    ("convention", {"status": "draft", "deliberations": ABSENT, "signed_on": ABSENT}, True),
    ("convention", {"status": "adopted", "signed_on": ABSENT}, True),
    ("convention", {"status": "adopted", "signed_on": ABSENT, "deliberations": ABSENT}, False),
    ("convention", {"status": "adopted", "signed_on": ABSENT, "deliberations": []}, False),
    ("convention", {"status": "draft", "deliberations": []}, True),
    ("convention", {"status": "terminated"}, False),
    ("convention", {"status": "terminated", "terminated_on": "2025-01-31"}, True),
    ("convention", {"status": "terminated", "amendments": [{"signed_on": "2025-01-01"}]}, True),
    ("convention", {"amendments": [{"adds": {"parties": ["martigues"]}}]}, False),
    ("convention", {"amendments": [{"signed_on": "2025-01-01", "adds": {"scope": {"supports": ["pole"]}}}]}, False),
    ("convention", {"amendments": [{"signed_on": "2025-01-01", "sets": {}}]}, False),
    ("convention", {"renewal": {"tacit": True, "period": "one year"}}, False),
    ("convention", {"status": "terminated", "terminated_on": "2025-01-31", "signed_on": ABSENT}, False),
    ("convention", {"status": "terminated", "terminated_on": "2025-01-31", "deliberations": ABSENT}, False),
    ("equipment", {"status": "planned", "installed_on": ABSENT}, True),
    ("equipment", {"status": "cancelled", "installed_on": ABSENT}, True),
    ("equipment", {"status": "installed", "installed_on": ABSENT}, False),
    ("equipment", {"status": "faulty", "installed_on": ABSENT}, False),
    ("equipment", {"status": "decommissioned"}, False),
    ("equipment", {"status": "decommissioned", "decommissioned_on": "2025-01-31"}, True),
    ("equipment", {"status": "decommissioned", "decommissioned_on": "2025-01-31", "installed_on": ABSENT}, False),
    ("equipment", {"status": "removed", "decommissioned_on": "2025-01-31", "removed_on": "2025-02-01"}, True),
    ("equipment", {"status": "removed", "decommissioned_on": "2025-01-31"}, False),
    ("equipment", {"status": "removed", "removed_on": "2025-02-01"}, False),
    ("equipment", {"status": "removed", "decommissioned_on": "2025-01-31", "removed_on": "2025-02-01",
                   "installed_on": ABSENT}, False),
    ("equipment", {"support": ABSENT, "mobile": {"insee_codes": ["13047"]}}, True),
    ("equipment", {"support": ABSENT, "location": {"lon": 4.9874, "lat": 43.5134}}, True),
    ("equipment", {"support": ABSENT, "mobile": {}}, False),
    ("equipment", {"support": ABSENT, "mobile": {"insee_codes": []}}, False),
    ("network", {"access": "own_use", "shared_with": ABSENT}, True),
    ("network", {"access": "commercial", "shared_with": ABSENT}, True),
    ("network", {"shared_with": []}, False),
    ("network", {"technology": "sigfox", "lorawan": ABSENT}, True),
    ("network", {"lorawan": {"net_id": "000013"}}, False),
    ("flow", {"access": "restricted", "licence": ABSENT}, True),
    ("flow", {"access": "non_public", "licence": ABSENT}, True),
    ("flow", {"status": "ended"}, False),
    ("flow", {"status": "ended", "ended_on": "2025-01-31"}, True),
    ("flow", {"personal_data": PRIVACY}, True),
    *(("flow", {"personal_data": {k: v for k, v in PRIVACY.items() if k != name}}, False) for name in PRIVACY),
    ("flow", {"personal_data": {**PRIVACY, "dpia": {"reference": "AIPD 12"}}}, False),
    ("flow", {"personal_data": {"involved": False, "dpia": {"reference": "Comptage sur l'appareil"}}}, True),
    ("use_case", {"status": "stopped"}, False),
    ("use_case", {"status": "stopped", "ended_on": "2025-01-31"}, True),
    ("use_case", {"status": "idea"}, True),
    # identifiers: form, length, trailing line break, digits of other scripts
    ("party", {"id": "Ville"}, False),
    ("party", {"id": "ville-"}, False),
    ("party", {"id": "ville--istres"}, False),
    ("party", {"id": "ville_d_istres"}, False),
    ("party", {"id": "ville\n"}, False),
    ("party", {"id": ""}, False),
    ("party", {"id": "a" * 100}, True),
    ("party", {"id": "a" * 101}, False),
    ("party", {"name": ""}, False),
    ("party", {"name": "a" * 200}, True),
    ("party", {"name": "a" * 201}, False),
    ("party", {"name": "Ville\nd'Istres"}, False),
    ("party", {"name": "Ville\n"}, False),
    ("party", {"notes": "a\nb\n"}, True),
    ("party", {"notes": ""}, False),
    ("party", {"notes": "a" * 5001}, False),
    ("party", {"siren": "21130047"}, False),
    ("party", {"siren": "2113004700"}, False),
    ("party", {"siren": "211300470\n"}, False),
    ("party", {"siren": "٢١١٣٠٠٤٧٠"}, False),
    ("party", {"siren": 211300470}, False),
    ("party", {"siret": "21130047000013"}, True),
    ("party", {"siret": "2113004700001"}, False),
    ("party", {"siret": "21130047000013\n"}, False),
    ("party", {"insee_code": "2A004"}, True),
    ("party", {"insee_code": "20004"}, False),
    ("party", {"insee_code": "2C004"}, False),
    ("party", {"insee_code": "13047\n"}, False),
    ("party", {"insee_code": 13047}, False),
    ("party", {"contact_email": "numerique@example.org"}, True),
    ("party", {"contact_email": "numerique"}, False),
    ("party", {"contact_email": "numerique@example"}, False),
    ("party", {"contact_email": "numerique@example.org\n"}, False),
    ("party", {"dpo_email": "dpo @example.org"}, False),
    ("party", {"website": "https://www.example.org/a?b=c"}, True),
    ("party", {"website": "www.example.org"}, False),
    ("party", {"website": "javascript:alert(1)"}, False),
    ("party", {"website": "https://"}, False),
    ("party", {"website": "https://www.example.org\n"}, False),
    ("party", {"website": "https://www.example.org/a b"}, False),
    ("party", {"nonprofit": "oui"}, False),
    ("party", {"data_charter": {"signed_on": "2024-01-15", "document": "annexes/charte.pdf"}}, True),
    ("party", {"data_charter": {"document": "https://example.org/charte.pdf"}}, True),
    ("party", {"data_charter": {"document": "/etc/charte.pdf"}}, False),
    ("party", {"data_charter": {"document": "C:\\charte.pdf"}}, False),
    ("party", {"data_charter": {"document": "javascript:alert(1)"}}, False),
    ("party", {"data_charter": {"document": "annexes/charte.pdf\n"}}, False),
    ("party", {"data_charter": {"signed_on": "15/01/2024"}}, False),
    ("party", {"writers": {"keys": ["SHA256:VpAew07yfl/pnwH6Qjaw86WeJf3607inCQQurqnOs1M"]}}, True),
    ("party", {"writers": {"keys": ["0123456789ABCDEF0123456789ABCDEF01234567"]}}, True),
    ("party", {"writers": {"keys": ["0123456789abcdef0123456789abcdef01234567"]}}, False),
    ("party", {"writers": {"keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"]}}, False),
    ("party", {"writers": {"domains": ["ville.example.org"]}}, True),
    ("party", {"writers": {"domains": ["agent@ville.example.org"]}}, False),
    ("party", {"writers": {"domains": ["org"]}}, False),
    ("deliberation", {"date": "2024-02-29"}, True),
    ("deliberation", {"matter": {"code": "9.10", "name": "autres"}}, True),
    ("deliberation", {"matter": {"code": "8", "name": "autres"}}, False),
    ("deliberation", {"matter": {"code": "8.4"}}, False),
    ("deliberation", {"date": "2024-02-30"}, False),
    ("deliberation", {"date": "20240229"}, False),
    ("deliberation", {"date": "2024-W09-4"}, False),
    ("deliberation", {"date": "0000-01-01"}, False),
    ("deliberation", {"date": "2024-02-29\n"}, False),
    ("deliberation", {"date": "2024-02-29T00:00:00Z"}, False),
    ("deliberation", {"document": {"path": "annexes/a.pdf", "sha256": HASH}}, True),
    ("deliberation", {"document": {"sha256": HASH}}, False),
    ("deliberation", {"document": {"path": "a.pdf", "sha256": HASH.upper()}}, False),
    ("deliberation", {"document": {"path": "a.pdf", "sha256": HASH[1:]}}, False),
    ("deliberation", {"document": {"path": "a.pdf", "sha256": f"{HASH}\n"}}, False),
    ("deliberation", {"cites": ["a", "b"], "amends": []}, True),
    ("deliberation", {"cites": ["a", "a"]}, False),
    ("deliberation", {"amends": "a"}, False),
    ("equipment", {"dev_eui": "70B3D57ED0061234", "join_eui": "70B3D57ED0000001"}, True),
    ("equipment", {"gateway_eui": "B827EBFFFE00C0DE"}, True),
    ("equipment", {"dev_eui": "70b3d57ed0061234"}, False),
    ("equipment", {"dev_eui": "70B3D57ED006123"}, False),
    ("equipment", {"dev_eui": "70-B3-D5-7E-D0-06-12-34"}, False),
    ("equipment", {"dev_eui": "70B3D57ED0061234\n"}, False),
    ("equipment", {"join_eui": "70B3D57ED006123G"}, False),
    ("equipment", {"gateway_eui": "B827EBFFFE00C0D"}, False),
    ("equipment", {"mac_address": "11:22:33:44:55:00"}, True),
    ("equipment", {"mac_address": "11-22-33-44-55-00"}, False),
    ("equipment", {"mac_address": "11:22:33:44:55"}, False),
    ("equipment", {"mac_address": 8846009700}, False),
    ("equipment", {"mac_address": "11:22:33:44:55:00\n"}, False),
    ("equipment", {"imei": "490154203237518"}, True),
    ("equipment", {"imei": "49015420323751"}, False),
    ("equipment", {"imei": "490154203237518\n"}, False),
    ("network", {"lorawan": {"region": "EU863-870", "net_id": "000013"}}, True),
    ("network", {"lorawan": {"region": "EU863-870", "net_id": "00001"}}, False),
    ("network", {"lorawan": {"region": "EU863-870", "net_id": "000013\n"}}, False),
    ("network", {"lorawan": {"region": "US902-928"}}, False),
    # durations
    ("flow", {"frequency": "PT15M"}, True),
    ("flow", {"frequency": "P1Y2M3DT4H5M6S"}, True),
    ("flow", {"frequency": "P2W"}, True),
    ("flow", {"frequency": "15 min"}, False),
    ("flow", {"frequency": "P"}, False),
    ("flow", {"frequency": "PT"}, False),
    ("flow", {"frequency": "P1DT"}, False),
    ("flow", {"frequency": "-P1D"}, False),
    ("flow", {"frequency": "PT0.5S"}, False),
    ("flow", {"frequency": "P1Y1D"}, False),
    ("flow", {"frequency": "PT1H1S"}, False),
    ("flow", {"frequency": "P0D1W"}, False),
    ("flow", {"frequency": "PT15M\n"}, False),
    ("flow", {"frequency": 15}, False),
    ("flow", {"quality": {"max_latency": "30M"}}, False),
    ("flow", {"personal_data": {**PRIVACY, "retention": "30 days"}}, False),
    # bounds and sizes
    ("convention", {"parties": ["amp-metropole"]}, False),
    ("convention", {"parties": ["amp-metropole", "amp-metropole"]}, False),
    ("convention", {"deliberations": ["a", "a"]}, False),
    ("convention", {"scope": {"insee_codes": ["13047", "13047"]}}, False),
    ("convention", {"scope": {"supports": ["a", "a"]}}, False),
    ("convention", {"scope": {"networks": []}}, False),
    ("deliberation", {"amends": ["a", "a"]}, False),
    ("equipment", {"height_m": -1}, False),
    ("equipment", {"mobile": {"insee_codes": ["13047", "13047"]}}, False),
    ("network", {"shared_with": ["a", "a"]}, False),
    ("network", {"coverage_insee_codes": []}, False),
    ("flow", {"equipment": ["a", "a"]}, False),
    ("flow", {"use_cases": ["a", "a"]}, False),
    ("flow", {"personal_data": {"involved": False, "categories": ["a", "a"]}}, False),
    ("convention", {"families": []}, False),
    ("convention", {"families": ["data", "data"]}, False),
    ("convention", {"removal_days": 0, "notice_days": 0}, True),
    ("convention", {"removal_days": -1}, False),
    ("convention", {"removal_days": 1.5}, False),
    ("convention", {"notice_days": -1}, False),
    ("convention", {"scope": {"insee_codes": ["13047"], "supports": ["a"], "networks": ["b"]}}, True),
    ("convention", {"scope": {"insee_codes": []}}, False),
    ("convention", {"scope": {"insee_codes": ["1304"]}}, False),
    ("convention", {"scope": {"supports": []}}, False),
    ("convention", {"scope": {"networks": ["b", "b"]}}, False),
    ("convention", {"third_parties": [{"party": "a", "interface_clause_on": "2024-02-01", "document": "a.pdf"}]}, True),
    ("convention", {"third_parties": [{"interface_clause_on": "2024-02-01"}]}, False),
    ("convention", {"annexes": [{"kind": "data", "title": "A", "path": "a.pdf", "sha256": HASH}]}, True),
    ("convention", {"annexes": [{"path": "a.pdf"}]}, False),
    ("convention", {"annexes": [{"kind": "data", "sha256": "abc"}]}, False),
    ("convention", {"status": "expired"}, False),
    ("support", {"location": [4.98747, 43.51345]}, False),
    ("support", {"location": {"lon": "4.98747", "lat": 43.51345}}, False),
    ("support", {"height_m": 0}, True),
    ("support", {"height_m": 200}, True),
    ("support", {"height_m": -0.1}, False),
    ("support", {"height_m": 200.1}, False),
    ("support", {"capacity": {"max_load_kg": 0.1, "max_devices": 1, "checked_on": "2024-01-10"}}, True),
    ("support", {"capacity": {"max_load_kg": 0}}, False),
    ("support", {"capacity": {"max_devices": 0}}, False),
    ("support", {"capacity": {"max_devices": 1.5}}, False),
    ("support", {"power": {"availability": "solar", "max_w": 0}}, True),
    ("support", {"power": {"max_w": -1}}, False),
    ("equipment", {"use_cases": []}, False),
    ("equipment", {"use_cases": ["a", "a"]}, False),
    ("equipment", {"captures": []}, True),
    ("equipment", {"captures": ["image", "image"]}, False),
    ("equipment", {"measures": [{"property": "noiseLevel", "unit": "dB[SPL]"}]}, True),
    ("equipment", {"measures": [{"unit": "dB[SPL]"}]}, False),
    ("equipment", {"location": {"lon": 4.9874}}, False),
    ("equipment", {"height_m": 201}, False),
    ("equipment", {"power": {"source": "mains", "consumption_w": 0}}, True),
    ("equipment", {"power": {"consumption_w": -1}}, False),
    ("equipment", {"weight_kg": 0}, False),
    ("equipment", {"calibration": {"last_on": "2024-03-01", "period_months": 1}}, True),
    ("equipment", {"calibration": {"period_months": 0}}, False),
    ("equipment", {"cost_eur": 0}, True),
    ("equipment", {"cost_eur": -1}, False),
    ("equipment", {"documentation": "ftp://example.org/a"}, False),
    ("equipment", {"events": [{"date": "2024-03-11", "kind": "fault", "note": "Panne"}]}, True),
    ("equipment", {"events": [{"kind": "fault"}]}, False),
    ("equipment", {"events": [{"date": "2024-03-11"}]}, False),
    ("equipment", {"placements": [{"support": "a", "from": "2024-03-11", "until": "2025-05-11"}]}, True),
    ("equipment", {"placements": [{"from": "2024-03-11", "until": "2025-05-11", "reason": "Travaux"}]}, False),
    ("equipment", {"placements": [{"support": "a", "from": "2024-03-11"}]}, False),
    ("equipment", {"previous_owners": [{"owner": "a", "until": "2025-05-11"}]}, True),
    ("equipment", {"previous_owners": [{"owner": "a"}]}, False),
    ("network", {"coverage_insee_codes": ["13047", "13047"]}, False),
    ("network", {"coverage_insee_codes": ["Istres"]}, False),
    ("flow", {"equipment": []}, False),
    ("flow", {"consumers": ["a", "a"]}, False),
    ("flow", {"personal_data": {"involved": "no"}}, False),
    ("flow", {"quality": {"completeness": 0}}, True),
    ("flow", {"quality": {"completeness": 1}}, True),
    ("flow", {"quality": {"completeness": 1.01}}, False),
    ("flow", {"quality": {"completeness": -0.01}}, False),
    ("use_case", {"indicators": [{"name": "P", "unit": "{count}", "baseline": 0, "target": -1, "value": 2.5}]}, True),
    ("use_case", {"indicators": [{"value": 3}]}, False),
    ("use_case", {"assessments": [{"date": "2025-06-30", "rating": 1}, {"date": "2025-07-30", "rating": 5}]}, True),
    ("use_case", {"assessments": [{"date": "2025-06-30", "rating": 0}]}, False),
    ("use_case", {"assessments": [{"date": "2025-06-30", "rating": 6}]}, False),
    ("use_case", {"assessments": [{"date": "2025-06-30", "rating": 3.5}]}, False),
    ("use_case", {"assessments": [{"rating": 3}]}, False),
]  # fmt: skip


@cache
def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def schema(name: str) -> dict[str, Any]:
    return document(f"{name}.schema.json")


def alone(node: dict[str, Any]) -> dict[str, Any]:
    """The schema with the shared definitions inside, so that both engines read one self-contained text."""
    text = json.dumps({**node, "$defs": schema("common")["$defs"]})
    whole: dict[str, Any] = json.loads(text.replace("common.schema.json#", "#"))
    return whole


@cache
def engines(name: str) -> tuple[Any, Any]:
    whole = alone(schema(name))
    slow = jsonschema.Draft202012Validator
    fast = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return slow(whole, format_checker=slow.FORMAT_CHECKER), fast


def verdict_on(name: str, record: Any) -> bool:
    """The verdict on which both engines agree."""
    python, rust = (bool(engine.is_valid(record)) for engine in engines(name))
    assert python == rust, f"jsonschema says {python}, jsonschema-rs says {rust}"
    return python


def with_changes(record: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy of the record with the values at dotted paths replaced, or taken away when ABSENT."""
    new = copy.deepcopy(record)
    for path, value in changes.items():
        *parents, last = path.split(".")
        target = new
        for parent in parents:
            target = target[parent]
        if value is ABSENT:
            del target[last]
        else:
            target[last] = value
    return new


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """A property with its reference followed; its siblings win."""
    if "$ref" not in node:
        return node
    target = schema("common")["$defs"][node["$ref"].removeprefix("common.schema.json#/$defs/")]
    return {**target, **node}


def properties(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property at any depth: dotted path (`[]` for list items) and definition."""
    for name, raw in node.get("properties", {}).items():
        found = resolve(raw)
        path = f"{prefix}{name}"
        yield path, found
        yield from properties(found, f"{path}.")
        yield from properties(found.get("items", {}), f"{path}[].")


def holds_properties(node: dict[str, Any]) -> bool:
    """Whether it is an object or a list of objects."""
    return "properties" in node or "properties" in node.get("items", {})


def choices(node: dict[str, Any]) -> list[str]:
    """What a property, or each item of a list, may be."""
    found: list[str] = node.get("enum") or node.get("items", {}).get("enum", [])
    return found


def every_node(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    yield pointer, node
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield from every_node(value, f"{pointer}/{key}")


def describe(changes: dict[str, Any]) -> str:
    text = " ".join(f"{k}={'absent' if v is ABSENT else json.dumps(v, ensure_ascii=False)}" for k, v in changes.items())
    return text if len(text) < 90 else f"{text[:89]}…"


def test_our_schemas_pass_what_the_schemas_of_others_must_pass() -> None:
    """The text of one differs, so that all are checked: a fault is reported with its place, as for a registry."""
    texts = dict(bundled_files())
    texts["party.schema.json"] += b"\n"
    assert set(KINDS) <= read_schemas(texts).kinds.keys()


def test_the_folder_holds_these_files_and_no_others() -> None:
    expected = {f"{name}.schema.json" for name in FILES} | {f"{name}.fr.json" for name in KINDS}
    found = {path.name for path in FOLDER.iterdir()}
    assert found == expected | {"observed-properties.json"}, "a new kind: CONTRIBUTING.md says what it needs here"


@pytest.mark.parametrize("name", FILES)
def test_schema_is_valid_draft_2020_12_and_holds_only_what_the_meta_schema_allows(name: str) -> None:
    assert schema(name)["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert jsonschema_rs.meta.is_valid(schema(name))
    assert verdict_on("meta", schema(name))


@pytest.mark.parametrize(
    "wrong",
    [
        {"x-colour": "red"},
        {"properties": {"a": {"x-colour": "red"}}},
        {"allOf": [{"if": {"requires": ["a"]}}]},
        {"properties": {"a": {"x-ref": []}}},
        {"properties": {"a": {"items": {"x-ref": 3}}}},
        {"properties": {"a": {"x-option": True}}},
        {"properties": {"a": {"x-option": "Serial"}}},
        {"properties": {"a": {"x-column": {"name": "a"}}}},
        {"properties": {"a": {"x-column": {"name": "a", "fr": "Intitulé"}}}},
        {"properties": {"a": {"x-unit": 1}}},
        {"properties": {"a": {"enum": ["x"], "x-labels": {}}}},
        {"properties": {"a": {"enum": ["x"], "x-labels": {"x": 1}}}},
        {"properties": {"a": {"x-map": {"inspire": "a"}}}},
        {"x-kind": {"colour": "red"}},
        {"x-kind": {"path": "{name}.yaml"}},
        {"x-lifecycle": {"field": "status"}},
        {"x-lifecycle": {"field": "status", "transitions": {"planned": "active"}}},
        {"$defs": {"a": {"$ref": "https://example.org/a.schema.json"}}},
        {"$defs": {"a": {"$ref": "/etc/a.schema.json"}}},
        {"$dynamicRef": "#a"},
        {"items": {"pattern": "(?=a)b"}},
        {"items": {"pattern": "(a)\\1"}},
        {"patternProperties": {"(?!a)": {}}},
        {"items": {"multipleOf": 0.01}},
        {"properties": {"on": {"type": "boolean"}}},
    ],
    ids=describe,
)
def test_meta_schema_refuses(wrong: dict[str, Any]) -> None:
    assert not verdict_on("meta", wrong)


@pytest.mark.parametrize("name", KINDS)
def test_properties_and_choices_are_those_of_the_design(name: str) -> None:
    found = dict(properties(schema(name)))
    assert sorted(found) == sorted(PROPERTIES[name].split())
    assert {path: choices(node) for path, node in found.items() if choices(node)} == {
        path: words.split() for path, words in CHOICES[name].items()
    }


@pytest.mark.parametrize("name", KINDS)
def test_references_name_kinds_that_exist(name: str) -> None:
    found = {}
    for path, node in properties(schema(name)):
        if "x-ref" in node:
            found[path] = node["x-ref"]
        if "x-ref" in node.get("items", {}):
            found[f"{path}[]"] = node["items"]["x-ref"]
    assert found == REFERENCES[name]
    assert set(found.values()) <= set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_every_property_has_a_title_and_valid_examples(name: str) -> None:
    for path, node in properties(schema(name)):
        assert node["title"], path
        assert node["description"].endswith("."), path
        assert node.get("$comment", "").startswith("Source: "), f"{path} names no source"
        if not holds_properties(node):
            assert node["examples"], path
        engine = jsonschema_rs.Draft202012Validator(alone(node), validate_formats=True)
        assert [value for value in node.get("examples", []) if not engine.is_valid(value)] == [], path


@pytest.mark.parametrize("name", [*KINDS, "common"])
def test_objects_are_closed_references_local_and_patterns_mean_one_thing(name: str) -> None:
    for pointer, node in every_node(schema(name)):
        if not isinstance(node, dict):
            continue
        assert "$id" not in node, pointer
        if node.get("type") == "object":
            texts = node.get("additionalProperties", {}).get("type") == "string"  # of any name
            assert texts or node.get("unevaluatedProperties") is False, f"{pointer} lets unknown fields in"
        if isinstance(node.get("$ref"), str):
            assert node["$ref"].startswith("common.schema.json#/$defs/"), pointer
        pattern = node.get("pattern")
        if isinstance(pattern, str):
            assert not any(f"\\{letter}" in pattern for letter in "dDwWsSbBAzZ"), f"{pointer} depends on the engine"


@pytest.mark.parametrize("name", KINDS)
def test_no_pattern_lets_a_final_line_break_pass(name: str) -> None:
    """Python's `$` also matches before a final line break."""
    for path, node in properties(schema(name)):
        if "pattern" in node:
            engine = jsonschema.Draft202012Validator(alone(node))
            assert engine.is_valid(node["examples"][0]), path
            assert not engine.is_valid(node["examples"][0] + "\n"), path


@pytest.mark.parametrize("name", KINDS)
def test_valid_record(name: str) -> None:
    assert verdict_on(name, VALID[name])


@pytest.mark.parametrize("name", KINDS)
def test_record_made_of_all_examples_is_valid(name: str) -> None:
    """Everything given at once; `mobile` and `location` may be used with `support`."""

    def example(node: dict[str, Any]) -> Any:
        node = resolve(node)
        if "properties" in node:
            return {key: example(part) for key, part in node["properties"].items()}
        if "properties" in node.get("items", {}):
            return [example(node["items"])]
        return node["examples"][0]

    assert verdict_on(name, example(schema(name)))


@pytest.mark.parametrize(("name", "path"), [(name, path) for name in KINDS for path in REQUIRED[name].split()])
def test_required_field(name: str, path: str) -> None:
    assert not verdict_on(name, with_changes(VALID[name], {path: ABSENT}))


@pytest.mark.parametrize(
    ("name", "changes", "valid"), CASES, ids=[f"{name}: {describe(changes)}" for name, changes, _ in CASES]
)
def test_case(name: str, changes: dict[str, Any], valid: bool) -> None:
    assert verdict_on(name, with_changes(VALID[name], changes)) is valid


def whole_of(name: str) -> dict[str, Any]:
    """A valid record of the kind in which every object is present."""
    extra: dict[str, dict[str, Any]] = {
        "party": {"data_charter": {}, "writers": {}, "successors": [{"party": "a", "deliberation": "b"}]},
        "deliberation": {
            "document": {"path": "a.pdf"},
            "matter": {"code": "8.4", "name": "autres"},
            "annulment": {"judged_on": "2026-02-12", "court": "TA"},
        },
        "convention": {
            "annulment": {"judged_on": "2026-02-12", "court": "TA"},
            "signatures": [{"party": "a"}],
            "scope": {},
            "third_parties": [{"party": "a"}],
            "annexes": [{"kind": "data"}],
            "renewal": {"tacit": True, "period": "P1Y"},
            "termination": {},
            "amendments": [
                {
                    "signed_on": "2026-06-01",
                    "adds": {"third_parties": [{"party": "b"}]},
                    "removes": {"parties": ["c"]},
                    "sets": {"renewal": {"tacit": True, "period": "P1Y"}, "termination": {}},
                    "notice": {"by": "a", "of": "non_renewal"},
                    "annulment": {"judged_on": "2026-02-12", "court": "TA"},
                }
            ],
        },
        "support": {"capacity": {}, "power": {}, "previous_owners": [{"owner": "a", "until": "2024-03-11"}]},
        "equipment": {
            "location": {"lon": 4.9874, "lat": 43.5134},
            "mobile": {"insee_codes": ["13047"]},
            "power": {},
            "calibration": {},
            "measures": [{"property": "noiseLevel"}],
            "placements": [{"location": {"lon": 4.9, "lat": 43.5}, "from": "2024-03-11", "until": "2025-05-11"}],
            "previous_owners": [{"owner": "a", "until": "2025-05-11"}],
            "events": [{"date": "2024-03-11", "kind": "fault"}],
        },
        "flow": {"platform": {}, "quality": {}, "personal_data": {"involved": False, "dpia": {}}},
        "use_case": {"indicators": [{"name": "Points"}], "assessments": [{"date": "2025-06-30"}]},
    }
    return {**VALID[name], **extra.get(name, {})}


@pytest.mark.parametrize("name", KINDS)
def test_unknown_field_is_refused_at_every_level(name: str) -> None:
    assert verdict_on(name, whole_of(name))
    objects = [pointer for pointer, node in every_node(whole_of(name)) if isinstance(node, dict)]
    expected = 1 + sum(holds_properties(node) for _, node in properties(schema(name)))
    assert len(objects) == expected, f"whole_of gives every object that a {name} may have"
    for pointer in objects:
        record = copy.deepcopy(whole_of(name))
        target: Any = record
        for key in pointer.split("/")[1:]:
            target = target[int(key) if isinstance(target, list) else key]
        target["ownr"] = "ville-d-istres"
        assert not verdict_on(name, record), pointer


@pytest.mark.parametrize("name", KINDS)
def test_every_value_of_another_type_is_refused(name: str) -> None:
    """No property takes null, and no text takes a number: YAML readers make numbers of unquoted identifiers."""
    for path, node in properties(schema(name)):
        engine = jsonschema_rs.Draft202012Validator(alone(node))
        wrong = OTHER_TYPE[node["type"]]
        assert not engine.is_valid(wrong), path
        assert not engine.is_valid(None), path


@pytest.mark.parametrize("name", KINDS)
def test_french_overlay_names_exactly_the_properties_and_values(name: str) -> None:
    overlay = document(f"{name}.fr.json")
    found = dict(properties(schema(name)))
    assert set(overlay) == {"title", "plural", "description", "noun", "properties"}
    assert all(overlay[key] for key in ("title", "plural", "description", "noun"))
    assert list(overlay["properties"]) == list(found), "the same properties in the same order"
    for path, words in overlay["properties"].items():
        expected = {"title", "description", "values"} if choices(found[path]) else {"title", "description"}
        assert set(words) == expected, path
        assert words["title"], path
        assert words["description"].endswith((".", "?")), path
        assert list(words.get("values", {})) == choices(found[path]), path
        assert all(words.get("values", {}).values()), path


@pytest.mark.parametrize("name", KINDS)
def test_labels_are_of_values_that_are_no_english_words(name: str) -> None:
    for path, node in properties(schema(name)):
        labels = node.get("x-labels") or node.get("items", {}).get("x-labels", {})
        assert labels.keys() <= set(choices(node)), path
        assert not {value for value, label in labels.items() if value.replace("_", " ") == label}, path


@pytest.mark.parametrize("name", KINDS)
def test_columns_and_options_are_distinct(name: str) -> None:
    found = list(properties(schema(name)))
    assert [path for path, node in found if "x-column" not in node] == [], "what holds values has x-column: false"
    columns = [node["x-column"] for _, node in found]
    named = [column for column in columns if column]
    assert len({column["name"] for column in named}) == len(named)
    assert len({column["fr"] for column in named}) == len(named)
    for (path, node), column in zip(found, columns, strict=True):
        if path.startswith(ACTS):
            continue
        assert holds_properties(node) is (column is False), f"{path}: values have a column, what holds them has none"

    options = [node.get("x-option", path.replace(".", "-").replace("_", "-")) for path, node in found]
    given = [option for option in options if option is not False]
    assert len(set(given)) == len(given)
    assert not set(given) & set(OPTIONS_OF_ALL.split()), "these mean something else for every command"


def test_kinds_have_distinct_names_nouns_folders_and_orders() -> None:
    about = {name: schema(name)["x-kind"] for name in KINDS}
    assert {name: (kind["name"], kind["folder"]) for name, kind in about.items()} == {
        "party": ("party", "parties"),
        "deliberation": ("deliberation", "deliberations"),
        "convention": ("convention", "conventions"),
        "support": ("support", "supports"),
        "equipment": ("equipment", "equipment"),
        "network": ("network", "networks"),
        "flow": ("flow", "flows"),
        "use_case": ("use_case", "use-cases"),
    }
    nouns = [noun for kind in about.values() for noun in (kind["noun"], *kind.get("presets", {}))]
    assert len(set(nouns)) == len(nouns)
    assert sorted(KINDS, key=lambda name: int(about[name]["order"])) == list(KINDS)
    for name, kind in about.items():
        top = schema(name)["properties"]
        assert set(kind["label"]) | set(kind.get("position", [])) <= set(top), name


def test_equipment_has_a_preset_for_each_type() -> None:
    presets = schema("equipment")["x-kind"]["presets"]
    assert presets == {word: {"type": word} for word in CHOICES["equipment"]["type"].split()}


TRANSITIONS = {
    "convention": "draft>adopted adopted>signed signed>terminated",
    "support": """planned>in_service planned>removed in_service>out_of_service in_service>removed
        out_of_service>in_service out_of_service>removed""",
    "equipment": """planned>installed planned>active planned>cancelled installed>active installed>faulty
        installed>decommissioned active>faulty active>decommissioned faulty>active faulty>decommissioned
        decommissioned>removed""",
    "network": "planned>in_service in_service>retired",
    "flow": "planned>active active>suspended active>ended suspended>active suspended>ended",
    "use_case": "idea>pilot idea>stopped pilot>production pilot>stopped production>stopped",
}


@pytest.mark.parametrize("name", KINDS)
def test_life_cycle_is_that_of_the_design_and_speaks_of_states_that_exist(name: str) -> None:
    life = schema(name).get("x-lifecycle")
    assert (life is not None) is (name in TRANSITIONS)
    if life is None:
        return
    top = schema(name)["properties"]
    states = set(top[life["field"]]["enum"])
    arrows = {f"{before}>{after}" for before, afters in life["transitions"].items() for after in afters}
    assert arrows == set(TRANSITIONS[name].split())
    assert set(life["transitions"]) | {arrow.partition(">")[2] for arrow in arrows} == states
    assert set(life["ends"]) == states - set(life["transitions"]), "an end is a state that nothing follows"
    assert set(life["in_service"]) <= states - set(life["ends"])
    assert set(life["dates"]) <= states
    assert {resolve(top[field])["format"] for field in life["dates"].values()} <= {"date"}


def test_every_shared_definition_is_used() -> None:
    text = "".join((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8") for name in (*KINDS, "common"))
    unused = [name for name in schema("common")["$defs"] if f'#/$defs/{name}"' not in text]
    assert unused == []


OBSERVED = """airTemperature relativeHumidity atmosphericPressure no2 o3 pm10 pm25 so2 no co co2 noiseLevel fillingLevel
    waterLevel waterFlow waterConsumption ph turbidity conductivity precipitation windSpeed windDirection soilMoisture
    illuminance solarRadiation vehicleCount bikeCount pedestrianCount occupancy motion electricityConsumption power
    batteryLevel"""
UNITS = """Cel % hPa ug/m3 mg/m3 [ppm] dB[SPL] m m3/h m3 [pH] {NTU} [NTU] uS/cm mm m/s deg lx W/m2 {count} {vehicles}/h
    1 kW.h W"""


def test_observed_properties_are_complete_and_their_units_are_ucum() -> None:
    entries: list[dict[str, Any]] = json.loads((FOLDER / "observed-properties.json").read_text(encoding="utf-8"))
    keys = [entry["key"] for entry in entries]
    assert keys == OBSERVED.split()
    for entry in entries:
        assert list(entry) == ["key", "sdm", "ucum", "definition", "label"]
        assert entry["sdm"], entry["key"]
        assert entry["ucum"], entry["key"]
        assert set(entry["label"]) == {"en", "fr"}
        assert entry["definition"] == "" or entry["definition"].startswith("http://dd.eionet.europa.eu/")
    assert {unit for entry in entries for unit in entry["ucum"]} == set(UNITS.split())
