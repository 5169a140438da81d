"""The registry about which docs/questions.md asks: conventions that end in every way, periods, notices, annulled acts,
late and unlawful facts, each recorded on a day of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from convention_story import recorded_on
from conventions import place
from days import go_to
from program import start

PARTIES = ("metropole amp 200054807", "commune istres 211300470 13047", "commune martigues 211300561 13056")
DELIBERATIONS = (
    ("amp-1", "amp", "2023-03-16", 'transmitted_on: "2023-03-20"\npublished_on: "2023-03-22"\n'),
    ("istres-1", "istres", "2023-11-20", 'transmitted_on: "2023-11-28"\npublished_on: "2023-12-04"\n'),
    ("martigues-1", "martigues", "2023-11-22", 'annulment: {judged_on: "2025-06-12", court: TA Marseille}\n'),
    ("amp-2", "amp", "2024-02-01", ""),
)


def convention(id: str, more: str, *, partner: str = "istres", status: str = "signed", number: int = 1) -> str:
    return (
        f"id: {id}\ntitle: {id}\nparties: [amp, {partner}]\nfamilies: [installation]\n"
        f'status: {status}\ndeliberations: [amp-1, {partner}-1]\nsigned_on: "2023-12-20"\n{more}'
        f"scope: {{supports: [pole-{id}]}}\n"
    )


CONVENTIONS = {
    "signed": convention(
        "signed",
        "signatures:\n"
        '  - {party: istres, capacity: Maire, signed_on: "2023-12-03"}\n'
        '  - {party: amp, capacity: Vice-président, signed_on: "2023-12-20"}\n',
    ),
    "term": convention("term", 'effective_until: "2024-06-30"\nremoval_days: 30\n'),
    "ended": convention(
        "ended",
        "removal_days: 30\namendments:\n"
        '  - {number: "1", signed_on: "2024-05-02", effective_from: "2024-07-01", deliberations: [amp-1, istres-1], '
        'sets: {terminated_on: "2024-07-01"}}\n',
        status="terminated",
    ),
    "silent": convention("silent", 'effective_until: "2024-06-30"\n'),
    "notice": convention(
        "notice",
        "termination: {unilateral: true, notice: P6M}\namendments:\n"
        '  - {number: "1", signed_on: "2024-06-15", effective_from: "2024-12-16", '
        'notice: {by: istres, of: termination}, sets: {terminated_on: "2024-12-16"}}\n',
        status="terminated",
    ),
    "renewed": convention(
        "renewed",
        'effective_until: "2024-12-15"\nrenewal: {tacit: true, period: P1Y, notice: P6M, at_most: 3}\namendments:\n'
        '  - {number: "1", signed_on: "2024-06-15", notice: {by: istres, of: non_renewal}}\n',
    ),
    "late": convention(
        "late",
        'effective_until: "2024-12-15"\nrenewal: {tacit: true, period: P1Y, notice: P6M, at_most: 3}\namendments:\n'
        '  - {number: "1", signed_on: "2024-06-16", notice: {by: istres, of: non_renewal}}\n',
    ),
    "running": convention(
        "running", 'effective_until: "2024-06-30"\nrenewal: {tacit: true, period: P1Y, notice: P3M}\n'
    ),
    "interest": convention(
        "interest",
        "amendments:\n"
        '  - {number: "1", signed_on: "2024-05-02", effective_from: "2024-06-01", '
        'notice: {by: istres, of: general_interest}, sets: {terminated_on: "2024-06-01"}}\n',
        status="terminated",
    ),
    "unlawful": convention(
        "unlawful",
        "amendments:\n"
        '  - {number: "1", signed_on: "2024-05-02", effective_from: "2024-06-01", '
        'notice: {by: istres, of: termination}, sets: {terminated_on: "2024-06-01"}}\n',
        status="terminated",
    ),
    "void": convention("void", 'annulment: {judged_on: "2025-03-04", court: TA Marseille}\n'),
    "cut": convention(
        "cut", 'annulment: {judged_on: "2025-03-04", court: TA Marseille, from: "2025-07-01"}\nremoval_days: 30\n'
    ),
    "twice": convention(
        "twice",
        "amendments:\n"
        '  - {number: "2", signed_on: "2024-05-20", effective_from: "2024-06-01", deliberations: [amp-1, istres-1], '
        'sets: {effective_until: "2027-12-31"}}\n'
        '  - {number: "1", signed_on: "2024-05-02", effective_from: "2024-06-01", deliberations: [amp-1, istres-1], '
        'sets: {effective_until: "2025-12-31"}}\n'
        '  - {number: "3", signed_on: "2024-05-21", effective_from: "2024-06-01", deliberations: [amp-1, istres-1], '
        'sets: {removal_days: 10}, annulment: {judged_on: "2025-03-04", court: TA Marseille}}\n',
    ),
    "back": convention("back", 'effective_from: "2015-01-01"\n'),
    "rests": convention("rests", "", partner="martigues"),
    "sold": convention("sold", 'effective_until: "2027-12-31"\n'),
    "moved": convention("moved", 'effective_until: "2027-12-31"\n'),
    "month": convention("month", 'effective_until: "2025-02-28"\nrenewal: {tacit: true, period: P1Y, notice: P6M}\n'),
}


def files() -> dict[str, str]:
    found = {
        "smartreg.toml": 'name = "Questions"\nmetropole = "amp"\n',
        "registry/use-cases/noise.yaml": "id: noise\ntitle: Bruit\nowner: amp\ndomain: noise\nstatus: pilot\n",
        "registry/conventions/data.yaml": convention("data", "").replace("[installation]", "[data]"),
        "registry/flows/levels.yaml": (
            "id: levels\ntitle: Levels\nproducer: amp\nconsumers: [istres, martigues]\nequipment: [on-term]\n"
            'access: restricted\npersonal_data: {involved: false}\nstatus: active\nstarted_on: "2024-01-10"\n'
        ),
        "registry/networks/lora.yaml": (
            "id: lora\nname: LoRa\ntechnology: lorawan\noperator: amp\naccess: shared\nshared_with: [martigues]\n"
            "status: in_service\nlorawan: {region: EU863-870}\n"
        ),
    }
    for line in PARTIES:
        category, id, siren, *code = line.split()
        commune = f'insee_code: "{code[0]}"\n' if code else ""
        found[f"registry/parties/{id}.yaml"] = (
            f'id: {id}\nname: {id.title()}\ncategory: {category}\nsiren: "{siren}"\n{commune}'
        )
    for id, body, day, more in DELIBERATIONS:
        found[f"registry/deliberations/{id}.yaml"] = (
            f'id: {id}\nnumber: {id}\nbody: {body}\ndate: "{day}"\nsubject: Convention\n{more}'
        )
    for n, (id, text) in enumerate(CONVENTIONS.items()):
        found[f"registry/conventions/{id}.yaml"] = text
        owner, insee, lon, lat = (
            ("martigues", "13056", 5.05, 43.405) if id == "rests" else ("istres", "13047", 4.987, 43.513)
        )
        found[f"registry/supports/{insee}/pole-{id}.yaml"] = (
            f'id: pole-{id}\ntype: street_light\nowner: {owner}\ninsee_code: "{insee}"\nstatus: in_service\n'
            f"location: {{lon: {lon + n / 1000:.5f}, lat: {lat}}}\n"
        )
        found[f"registry/equipment/on-{id}.yaml"] = (
            f"id: on-{id}\ntype: sensor\nowner: amp\nuse_cases: [noise]\nstatus: active\nsupport: pole-{id}\n"
            f'network: lora\ninstalled_on: "2024-01-10"\ndev_eui: "70B3D57ED00612{n:02X}"\n'
        )
    return found


STEPS = (
    ("2024-03-04", "set on-signed use_cases=noise maintainer=istres --reason maintenance"),
    ("2024-03-18", "transfer pole-sold martigues --on 2024-03-15 --reason deed"),
    ("2024-04-08", "move on-moved pole-twice --on 2024-04-02 --reason works"),
    ("2024-07-10", "set flow/levels consumers-=istres --reason cut-off-on-2024-02-28"),
    ("2024-09-02", "set network/lora shared_with+=istres --reason agreed"),
    ("2024-11-04", "set network/lora operator=istres --reason operated"),
)


def live(root: Path) -> Path:
    """The registry with its commits, in a new folder; every fact is recorded as it was, lawful or not."""
    with pytest.MonkeyPatch.context() as patch:
        go_to("2026-12-01", patch)
        recorded_on(patch, "2024-01-15")
        for path, text in files().items():
            place(root, path, text)
        for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "Begin")):
            subprocess.run(["git", *words], cwd=root, check=True)
        for day, line in STEPS:
            recorded_on(patch, day)
            done = start(*line.split(), "-y", cwd=root)
            assert done.returncode == 0, (line, done.stderr)
    return root
