"""A registry with a history of one year, from which every figure of the bilan can be computed by hand."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, TypeAlias

from smartreg.yamlio import dump

SETTINGS = """\
name = "Bilan"
metropole = "metropole"
third_party_categories = ["private"]

[territory]
communes = ["13047", "13001"]

[programme]
from = 2024-01-01
until = 2025-12-31
budget_initial_eur_ttc = 500
budget_total_eur_ttc = 1000
"""
Records: TypeAlias = dict[str, dict[str, Any]]

PARTIES: Records = {
    "metropole": {"name": "Métropole", "category": "metropole", "siren": "200054807"},
    "istres": {"name": "Ville d'Istres", "category": "commune", "siren": "211300470", "insee_code": "13047"},
    "bureau": {
        "name": "Bureau d'études",
        "category": "private",
        "data_charter": {"signed_on": "2024-03-01"},
    },
    "labo": {"name": "Labo", "category": "private"},
}
HERE = {"lon": 4.98747, "lat": 43.51345}
SUPPORTS: Records = {
    "pole": {"type": "mast", "owner": "istres", "insee_code": "13047", "location": HERE, "status": "in_service"},
}
NETWORKS: Records = {
    "lora": {
        "name": "LoRa",
        "technology": "lorawan",
        "operator": "metropole",
        "access": "shared",
        "shared_with": ["istres"],
        "status": "in_service",
        "lorawan": {"region": "EU863-870"},
    },
}
USE_CASES: Records = {
    "noise": {
        "title": "Bruit",
        "owner": "metropole",
        "domain": "noise",
        "status": "pilot",
        "indicators": [{"name": "Capteurs", "baseline": 2, "value": 5, "target": 8, "measured_on": "2024-12-01"}],
        "assessments": [
            {"date": "2024-06-30", "rating": 3, "recommendation": "continue", "summary": "Utile"},
            {"date": "2024-12-15", "rating": 4, "recommendation": "scale", "summary": "Très utile"},
            {"date": "2025-06-30", "rating": 1, "recommendation": "stop", "summary": "À venir"},
        ],
    },
    "waste": {"title": "Déchets", "owner": "istres", "domain": "waste", "status": "idea"},
}
DELIBERATIONS: Records = {
    "acte": {"number": "IVIS-009-13539/23/BM", "body": "metropole", "date": "2023-11-01", "subject": "Convention"},
}
CONVENTIONS: Records = {
    "accord": {
        "title": "Accord",
        "parties": ["metropole", "istres"],
        "families": ["installation", "connectivity", "data"],
        "status": "signed",
        "deliberations": ["acte"],
        "signed_on": "2023-12-01",
        "effective_until": "2025-03-01",
        "third_parties": [{"party": "bureau", "interface_clause_on": "2024-04-01"}],
    },
    "ancienne": {
        "title": "Ancienne",
        "parties": ["metropole", "istres"],
        "families": ["data"],
        "status": "signed",
        "signed_on": "2020-01-01",
        "effective_until": "2022-12-31",
    },
}
FLOWS: Records = {
    "levels": {
        "title": "Niveaux",
        "producer": "metropole",
        "consumers": ["istres", "bureau", "labo"],
        "equipment": ["a", "b"],
        "access": "restricted",
        "personal_data": {"involved": True, "controller": "metropole", "dpia": {"status": "done"}},
        "status": "active",
        "use_cases": ["noise"],
        "quality": {"completeness": 0.95},
    },
    "open": {
        "title": "Ouvert",
        "producer": "istres",
        "consumers": ["istres"],
        "equipment": ["b"],
        "access": "public",
        "licence": "etalab-2.0",
        "personal_data": {"involved": False},
        "status": "active",
    },
}


def _device(**fields: Any) -> dict[str, Any]:
    usual = {"type": "sensor", "owner": "metropole", "use_cases": ["noise"], "support": "pole", "network": "lora"}
    return {**usual, "manufacturer": "Sonde", "model": "S1", **fields}


A = _device(use_cases=["noise", "waste"], cost_eur=300)
B = _device(owner="istres", installed_on="2023-12-01", cost_eur=200.5, measures=[{"property": "noiseLevel"}])
C = _device(installed_on="2023-06-01", cost_eur=400, model="S0")
D = _device(status="active", installed_on="2024-10-10", replaces="c", measures=[{"property": "noiseLevel"}])
FAULT = {"date": "2024-07-01", "kind": "fault", "note": "Choc"}
REPAIR = {"date": "2024-07-31", "kind": "repair"}
# Day → what the commit of that day says of which equipment.
YEAR: dict[str, Records] = {
    "2024-01-10": {"a": {**A, "status": "planned"}, "b": {**B, "status": "active"}, "c": {**C, "status": "active"}},
    "2024-02-09": {"a": {**A, "status": "installed", "installed_on": "2024-02-05"}},
    "2024-02-19": {"a": {**A, "status": "active", "installed_on": "2024-02-05"}},
    "2024-07-01": {"b": {**B, "status": "faulty", "events": [FAULT]}},
    "2024-07-31": {"b": {**B, "status": "active", "events": [FAULT, REPAIR]}},
    "2024-10-01": {"c": {**C, "status": "decommissioned", "decommissioned_on": "2024-09-20"}},
    "2024-12-31": {
        "c": {**C, "status": "removed", "decommissioned_on": "2024-09-20", "removed_on": "2024-10-10"},
        "d": {**D, "cost_eur": 100},
    },
}


KINDS: dict[str, Records] = {
    "parties": PARTIES,
    "supports/13047": SUPPORTS,
    "networks": NETWORKS,
    "use-cases": USE_CASES,
    "deliberations": DELIBERATIONS,
    "conventions": CONVENTIONS,
    "flows": FLOWS,
}
# By file, as the year ends.
AT_THE_END: Records = {
    f"registry/{folder}/{id}.yaml": {"id": id, **data}
    for folder, records in (*KINDS.items(), *(("equipment", devices) for devices in YEAR.values()))
    for id, data in records.items()
}


def make_past(root: Path) -> Path:
    """The registry with its year of commits, in a new folder."""
    root.mkdir()
    _git(root, "2024-01-10", "init", "--quiet", "--initial-branch=main")
    (root / "smartreg.toml").write_text(SETTINGS, encoding="utf-8")
    for folder, records in KINDS.items():
        write(root, folder, records)
    for day, devices in YEAR.items():
        write(root, "equipment", devices)
        commit(root, day)
    return root


def write(root: Path, folder: str, records: Records) -> None:
    for id, data in records.items():
        path = root / "registry" / folder / f"{id}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dump({"id": id, **data}))


def commit(root: Path, day: str, message: str | None = None) -> None:
    _git(root, day, "add", "--all")
    _git(root, day, "commit", "--quiet", f"--message={message or day}")


def _git(root: Path, day: str, *words: str) -> None:
    at = f"{day}T12:00:00+01:00"
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
           for key, value in (("NAME", "Registre"), ("EMAIL", "registre@example.org"), ("DATE", at))}  # fmt: skip
    subprocess.run(["git", *words], cwd=root, check=True, env={**os.environ, **who})
