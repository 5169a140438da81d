"""A small registry under one convention, committed, for the tests of its life and of what it covers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from conftest import Git

from smartreg.edit import WriteOptions
from smartreg.workspace.workspace import Workspace, open_workspace

ON = date(2026, 1, 15)
OPTIONS = WriteOptions(on=ON)
CONVENTION = "registry/conventions/c.yaml"
FILES = {
    "smartreg.toml": 'name = "Istres"\nmetropole = "amp"\n',
    "registry/parties/amp.yaml": 'id: amp\nname: Métropole\ncategory: metropole\nsiren: "200054807"\n',
    "registry/parties/istres.yaml": (
        'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n'
    ),
    "registry/parties/bureau.yaml": "id: bureau\nname: Bureau\ncategory: private\n",
    "registry/deliberations/d.yaml": (
        'id: d\nnumber: IVIS-009-13539/23/BM\nbody: amp\ndate: "2023-03-16"\nsubject: Convention\ncites: [older]\n'
    ),
    "registry/deliberations/older.yaml": (
        'id: older\nnumber: IVIS-002-08327/20/CM\nbody: amp\ndate: "2020-07-31"\nsubject: Programme\n'
    ),
    CONVENTION: (
        "id: c\ntitle: Convention\nparties: [amp, istres]   # both\nfamilies:\n  - installation\n  - connectivity\n"
        '  - data\nstatus: signed\ndeliberations: [d]\nsigned_on: "2023-12-01"\neffective_until: "2026-12-31"\n'
        "removal_days: 30\n"
    ),
    "registry/use-cases/noise.yaml": "id: noise\ntitle: Noise\nowner: amp\ndomain: noise\nstatus: pilot\n",
    "registry/supports/13047/pole.yaml": (
        'id: pole\ntype: street_light\nowner: istres\ninsee_code: "13047"\nlocation: {lon: 4.98747, lat: 43.51345}\n'
        "status: in_service\n"
    ),
    "registry/networks/lora.yaml": (
        "id: lora\nname: LoRa\ntechnology: lorawan\noperator: amp\naccess: shared\nshared_with: [istres]\n"
        "status: in_service\nlorawan: {region: EU863-870}\n"
    ),
    "registry/equipment/hosted.yaml": (
        "id: hosted\ntype: sensor\nowner: amp\nuse_cases: [noise]\nstatus: active\nsupport: pole\nnetwork: lora\n"
        'installed_on: "2024-03-11"\ndev_eui: "70B3D57ED0061234"\n'
    ),
    "registry/equipment/guest.yaml": (
        "id: guest\ntype: sensor\nowner: istres\nmaintainer: bureau\nuse_cases: [noise]\nstatus: active\n"
        'support: pole\nnetwork: lora\ninstalled_on: "2024-05-02"\ndev_eui: "70B3D57ED0061235"\nprocurement_ref: M-1\n'
    ),
    "registry/flows/levels.yaml": (
        "id: levels\ntitle: Levels\nproducer: amp\nconsumers: [istres]\nequipment: [hosted]\naccess: restricted\n"
        "personal_data: {involved: false}\nstatus: active\n"
    ),
}


def place(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def under_convention(root: Path, git: Git) -> Workspace:
    """The registry above in a repository, committed."""
    for path, text in FILES.items():
        place(root, path, text)
    git("add", "-A", cwd=root)
    git("commit", "-qm", "by hand", cwd=root)
    return open_workspace(root)
