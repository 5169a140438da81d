"""Six years of one convention, as the program writes it, each commit on its day: the examples of docs/time.md."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace as with_values
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest
from conventions import place

from smartreg.commands.amend import Amendment, amend
from smartreg.commands.terminate import Ending, terminate
from smartreg.core.values import Json
from smartreg.edit import WriteOptions
from smartreg.features.lifecycle.move import move, transfer
from smartreg.features.lifecycle.replace import replace
from smartreg.features.lifecycle.retire import retire
from smartreg.workspace.acts import Acts
from smartreg.workspace.add import add
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import Workspace, open_workspace

Step: TypeAlias = Callable[[Workspace, WriteOptions], object]
BERRE = "etang-de-berre"
FRAME = {
    "smartreg.toml": 'name = "Étang de Berre"\nmetropole = "amp"\n',
    "registry/parties/amp.yaml": 'id: amp\nname: Métropole\ncategory: metropole\nsiren: "200054807"\n',
    "registry/parties/istres.yaml": (
        'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n'
    ),
    "registry/parties/martigues.yaml": (
        'id: martigues\nname: Martigues\ncategory: commune\nsiren: "211300561"\ninsee_code: "13056"\n'
    ),
    "registry/deliberations/amp-2018.yaml": (
        'id: amp-2018\nnumber: 2018-7\nbody: amp\ndate: "2018-09-13"\nsubject: Pilote à Martigues\n'
    ),
    "registry/deliberations/martigues-2018.yaml": (
        'id: martigues-2018\nnumber: 2018-52\nbody: martigues\ndate: "2018-09-21"\nsubject: Pilote à Martigues\n'
    ),
    "registry/conventions/pilote.yaml": (
        "id: pilote\ntitle: Pilote à Martigues\nparties: [amp, martigues]\nfamilies: [installation]\nstatus: signed\n"
        'deliberations: [amp-2018, martigues-2018]\nsigned_on: "2018-10-01"\neffective_until: "2019-12-31"\n'
    ),
    "registry/use-cases/noise.yaml": "id: noise\ntitle: Bruit\nowner: amp\ndomain: noise\nstatus: production\n",
    **{
        f"registry/supports/{code}/{id}.yaml": (
            f'id: {id}\ntype: street_light\nowner: {owner}\ninsee_code: "{code}"\nstatus: in_service\n'
            f"location: {{lon: {lon}, lat: {lat}}}\n"
        )
        for id, owner, code, lon, lat in (
            ("pole-1", "istres", "13047", 4.98747, 43.51345),
            ("pole-2", "istres", "13047", 4.98912, 43.51421),
            ("mast-1", "istres", "13047", 4.99104, 43.51507),
            ("quay-1", "martigues", "13056", 5.04747, 43.40545),
        )
    },
    "registry/networks/lora.yaml": (
        "id: lora\nname: LoRa\ntechnology: lorawan\noperator: amp\naccess: shared\nshared_with: [istres, martigues]\n"
        "status: in_service\nlorawan: {region: EU863-870}\n"
    ),
    "registry/equipment/quay.yaml": (
        "id: quay\ntype: sensor\nowner: amp\nuse_cases: [noise]\nstatus: active\nsupport: quay-1\nnetwork: lora\n"
        'installed_on: "2018-11-05"\ndev_eui: "70B3D57ED0061200"\n'
    ),
}


def adds(kind: str, id: str, **values: Json) -> Step:
    return lambda work, options: add(work, work.current.schemas.kinds[kind], values, id=id, options=options)


def sensor(id: str, owner: str, support: str, since: str, dev_eui: str) -> Step:
    said = {"type": "sensor", "use_cases": ["noise"], "status": "active", "network": "lora"}
    return adds("equipment", id, **said, owner=owner, support=support, installed_on=since, dev_eui=dev_eui)


def sets(record: str, *words: str) -> Step:
    return lambda work, options: set_fields(work, record, words, (), options)


def corrects(record: str, *words: str, why: str) -> Step:
    return lambda work, options: set_fields(work, record, words, (), with_values(options, message=why), correct=True)


def moves(device: str, support: str, day: str, why: str) -> Step:
    return lambda work, options: move(work, device, support, None, on=on(day), options=with_values(options, reason=why))


def ends(record: str, day: str) -> Step:
    return lambda work, options: retire(work, record, on=on(day), options=options)


def decides(body: str, number: str, day: str, subject: str) -> Step:
    return adds("deliberation", f"{body}-{number}", number=number, body=body, date=day, subject=subject)


def amends(*words: str, acts: tuple[str, ...], signed: str, effective: str | None = None) -> Step:
    asked = Amendment(Acts(acts), on(signed), effective_from=on(effective) if effective else None)
    return lambda work, options: amend(work, BERRE, asked, words, (), options)


def on(day: str) -> date:
    return date.fromisoformat(day)


LIFE: tuple[tuple[str, Step], ...] = (
    ("2019-02-20", decides("amp", "2019-3", "2019-02-14", "Convention de l'étang de Berre")),
    ("2019-02-20", decides("istres", "2019-11", "2019-02-18", "Convention de l'étang de Berre")),
    (
        "2019-02-20",
        adds(
            "convention",
            BERRE,
            title="Étang de Berre",
            parties=["amp", "istres"],
            families=["installation", "connectivity"],
            status="adopted",
            deliberations=["amp-2019-3", "istres-2019-11"],
            effective_until="2021-12-31",
            renewal={"tacit": True, "period": "P1Y", "notice": "P3M", "at_most": 3},
            removal_days=60,
        ),
    ),
    ("2019-03-04", sets(BERRE, "status=signed", "signed_on=2019-03-01")),
    ("2019-04-15", sensor("noise-1", "amp", "pole-1", "2019-04-12", "70B3D57ED0061201")),
    ("2019-06-03", sensor("noise-2", "amp", "mast-1", "2019-06-03", "70B3D57ED0061202")),
    ("2019-09-10", sensor("istres-1", "istres", "pole-2", "2019-09-09", "70B3D57ED0061203")),
    ("2020-06-15", decides("amp", "2020-8", "2020-05-28", "Avenant 1")),
    ("2020-06-15", decides("istres", "2020-19", "2020-06-02", "Avenant 1")),
    ("2020-06-15", decides("martigues", "2020-33", "2020-06-05", "Adhésion")),
    (
        "2020-06-15",
        amends(
            "parties+=martigues",
            acts=("amp-2020-8", "istres-2020-19", "martigues-2020-33"),
            signed="2020-06-10",
            effective="2020-07-01",
        ),
    ),
    ("2020-10-05", moves("noise-1", "pole-2", "2020-09-21", "travaux")),
    ("2021-02-01", lambda work, options: transfer(work, "support/mast-1", "amp", on=on("2021-01-01"), options=options)),
    ("2021-05-03", decides("amp", "2021-5", "2021-04-08", "Avenant 2")),
    ("2021-05-03", decides("istres", "2021-14", "2021-04-12", "Avenant 2")),
    ("2021-05-03", decides("martigues", "2021-21", "2021-04-15", "Avenant 2")),
    (
        "2021-05-03",
        amends("families+=data", acts=("amp-2021-5", "istres-2021-14", "martigues-2021-21"), signed="2021-04-26"),
    ),
    (
        "2021-05-10",
        adds(
            "flow",
            "levels",
            title="Niveaux",
            producer="amp",
            consumers=["istres"],
            equipment=["noise-1"],
            use_cases=["noise"],
            access="restricted",
            personal_data={"involved": False},
            status="active",
            started_on="2021-05-10",
        ),
    ),
    (
        "2021-09-06",
        lambda work, options: replace(
            work, "noise-1", None, ["dev_eui=70B3D57ED0061204"], on=on("2021-09-06"), options=options
        ),
    ),
    ("2022-02-14", corrects("noise-2", "installed_on=2019-06-05", why="date du procès-verbal")),
    ("2023-06-19", decides("amp", "2023-9", "2023-05-25", "Résiliation")),
    ("2023-06-19", decides("istres", "2023-17", "2023-05-30", "Résiliation")),
    ("2023-06-19", decides("martigues", "2023-25", "2023-06-01", "Résiliation")),
    (
        "2023-06-19",
        lambda work, options: terminate(
            work,
            BERRE,
            Ending(on("2023-10-01"), on("2023-06-12")),
            Acts(("amp-2023-9", "istres-2023-17", "martigues-2023-25")),
            options,
        ),
    ),
    ("2023-09-30", sets("flow/levels", "status=ended", "ended_on=2023-09-30")),
    ("2023-09-30", ends("istres-1", "2023-09-29")),
    ("2023-11-06", ends("noise-3", "2023-10-20")),
    ("2023-11-06", ends("quay", "2023-11-02")),
    ("2024-12-16", ends("noise-2", "2024-12-10")),
)


def live(root: Path) -> Path:
    """The registry with its six years of commits, in a new folder."""
    with pytest.MonkeyPatch.context() as patch:
        recorded_on(patch, "2019-01-07")
        for path, text in FRAME.items():
            place(root, path, text)
        for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "Begin")):
            subprocess.run(["git", *words], cwd=root, check=True)
        for day, step in LIFE:
            recorded_on(patch, day)
            step(open_workspace(root), WriteOptions(on(day)))
    return root


def recorded_on(patch: pytest.MonkeyPatch, day: str) -> None:
    """Let Git date what is committed next, in the name of the registry's service."""
    for role in ("AUTHOR", "COMMITTER"):
        patch.setenv(f"GIT_{role}_NAME", "Service registre")
        patch.setenv(f"GIT_{role}_EMAIL", "registre@example.org")
        patch.setenv(f"GIT_{role}_DATE", f"{day}T12:00:00+01:00")
