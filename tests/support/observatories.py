"""Three registries that publish, and a fourth that has their whole releases: a métropole whose devices hang on its own
supports and on those of the département, the département, and a métropole with a schema of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from days import go_to
from publishing import NOW, Publisher, empty_publisher, git

from smartreg.edit import WriteOptions
from smartreg.features.federation.sources import kept_releases, update
from smartreg.features.observatory.build import build_tables
from smartreg.workspace.workspace import open_workspace

AMP, CD13, MMM = (
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
)
DEVICE = 'id: {id}\ntype: {type}\nowner: {owner}\nuse_cases: [noise]\nstatus: {status}\nsupport: "{support}"\n'
SUPPORT = 'id: {id}\ntype: street_light\nowner: {owner}\ninsee_code: "13047"\nstatus: in_service\n' + (
    "location: {{lon: 4.98, lat: 43.51}}\n"
)
OF_AMP = {
    "parties/amp": 'id: amp\nname: Métropole AMP\ncategory: metropole\nsiren: "200054807"\n',
    "parties/istres": 'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n',
    "supports/ep-1": SUPPORT.format(id="ep-1", owner="istres"),
    "networks/lora": "id: lora\nname: LoRa\ntechnology: lorawan\noperator: amp\naccess: shared\nstatus: in_service\n",
    "use-cases/noise": "id: noise\ntitle: Noise\nowner: amp\ndomain: noise\nstatus: pilot\n",
    "equipment/n-1": DEVICE.format(id="n-1", type="sensor", owner="amp", status="active", support="ep-1")
    + 'network: lora\ninstalled_on: "2024-03-01"\n',
    "equipment/n-2": DEVICE.format(id="n-2", type="sensor", owner="istres", status="faulty", support="ep-1")
    + 'network: lora\ninstalled_on: "2014-03-01"\n',
    "equipment/n-3": DEVICE.format(id="n-3", type="sensor", owner="amp", status="removed", support="ep-1")
    + 'installed_on: "2019-03-01"\nremoved_on: "2024-03-01"\n',
    "equipment/n-4": DEVICE.format(id="n-4", type="gateway", owner="amp", status="active", support="cd13:ep-7")
    + 'installed_on: "2025-01-01"\n',
    "flows/noise": "id: noise\ntitle: Noise\nproducer: amp\nequipment: [n-1]\naccess: public\nstatus: active\n"
    "personal_data: {contains: false}\ntheme: ENVI\nlicence: etalab-2.0\n",
    "conventions/istres": "id: istres\ntitle: Convention with Istres\nparties: [amp, istres]\n"
    'families: [installation]\nstatus: signed\nsigned_on: "2023-12-01"\neffective_from: "2023-12-01"\n'
    'effective_until: "2027-06-30"\n',
}
OF_CD13 = {
    "parties/cd13": 'id: cd13\nname: CD 13\ncategory: public\nsiren: "221300015"\n',
    "parties/amp": 'id: amp\nname: Aix-Marseille-Provence\ncategory: metropole\nsiren: "200054807"\n',
    **{f"supports/ep-{n}": SUPPORT.format(id=f"ep-{n}", owner="cd13") for n in (7, 8)},
}
OWN_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Gerät",
    "x-kind": {"name": "equipment", "noun": "equipment", "folder": "equipment", "label": ["id"]},
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "title": "Id", "pattern": "^[a-z][a-z0-9-]*$"},
        "art": {"type": "string", "title": "Art"},
        "zustand": {"type": "string", "title": "Zustand", "x-map": {"ngsi-ld": "deviceState"}},
        "seit": {"type": "string", "format": "date", "title": "Seit", "x-map": {"ngsi-ld": "dateInstalled"}},
        "visibility": {"enum": ["public", "partners", "internal"], "title": "Visibility", "default": "public"},
    },
    "unevaluatedProperties": False,
}
OF_MMM = {
    "equipment/g-1": 'id: g-1\nart: sensor\nzustand: active\nseit: "2024-05-01"\n',
    "equipment/g-2": "id: g-2\nart: camera\nzustand: active\n",
}
MAP = '[sources.mmm.map.equipment]\ntype = "art"\n'


@dataclass(frozen=True)
class Observatory:
    """The registry with the sources at `root`, and who publishes, by alias."""

    root: Path
    publishers: Mapping[str, Publisher]

    def commits(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, "utf-8")
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "-m", "Change")


def registry_that_publishes(
    folder: Path, id: str, name: str, records: Mapping[str, str], files: Mapping[str, str] | None = None, more: str = ""
) -> Publisher:
    """A registry with a remote, a key, its sources updated, and its first release."""
    publisher = empty_publisher(folder)
    texts = {f"registry/{place}.yaml": text for place, text in records.items()}
    publisher.commits({"smartreg.toml": f'id = "{id}"\nname = "{name}"\n{more}', **(files or {}), **texts})
    if "[sources." in more:
        updates(publisher.root)
    publisher.git("push", "--quiet", "-u", "origin", "main")
    publisher.publishes()
    return publisher


def updates(root: Path, *aliases: str) -> None:
    _, after = update(open_workspace(root), aliases, WriteOptions(date(2026, 12, 1)), NOW)
    assert not [state.refused for state in after if state.refused]


def source(alias: str, id: str, publisher: Publisher) -> str:
    key = (publisher.key.file.parent / f"{publisher.key.file.name}.pub").read_text("utf-8").strip()
    return f'[sources.{alias}]\nid = "{id}"\nurl = "../../{publisher.folder.parent.name}/public"\nkeys = ["{key}"]\n'


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Observatory:
    """An observatory of three registries, with its tables; read-only, and the same for all modules of tests."""
    return _made(tmp_path_factory.getbasetemp() / "three-registries")


@cache
def _made(folder: Path) -> Observatory:
    with pytest.MonkeyPatch.context() as patch:
        go_to(NOW, patch)
        observatory = make_observatory(folder)
    build_tables(kept_releases(open_workspace(observatory.root)), observatory.root / "tables")
    return observatory


@pytest.fixture
def observatory(tmp_path: Path, made: Observatory) -> Observatory:
    """A copy of it that a test may change; who publishes is not copied."""
    shutil.copytree(made.root, tmp_path / "observatory")
    return Observatory(tmp_path / "observatory", {})


def make_observatory(folder: Path) -> Observatory:
    """All of it, with the releases in the store."""
    cd13 = registry_that_publishes(folder / "cd13", CD13, "CD 13", OF_CD13)
    amp = registry_that_publishes(folder / "amp", AMP, "AMP", OF_AMP, more=source("cd13", CD13, cd13))
    schema = {"schemas/equipment.schema.json": json.dumps(OWN_SCHEMA)}
    mmm = registry_that_publishes(folder / "mmm", MMM, "Montpellier", OF_MMM, schema)
    publishers = {"amp": amp, "cd13": cd13, "mmm": mmm}
    root = folder / "observatory/registry"
    root.mkdir(parents=True)
    git(root, "init", "--quiet", "-b", "main")
    for name, value in {"user.name": "A", "user.email": "a@example.org"}.items():
        git(root, "config", name, value)
    ids = {"amp": AMP, "cd13": CD13, "mmm": MMM}
    sources = "".join(source(alias, ids[alias], publisher) for alias, publisher in publishers.items())
    observatory = Observatory(root, publishers)
    observatory.commits("smartreg.toml", f'name = "Observatory"\n[observatory]\nwhole_releases = true\n{sources}{MAP}')
    updates(root)
    return observatory
