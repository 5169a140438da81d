"""Records of other registries that a registry names: found and judged like its own, but never its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from registries import INDEXED
from stored import checker, git_in

from smartreg.core.values import RecordId
from smartreg.domain.covers import covers_of
from smartreg.domain.successions import successions
from smartreg.domain.typed import read_value
from smartreg.edit import WriteOptions
from smartreg.features.lifecycle.retire import remove
from smartreg.registry import Registry, open_registry
from smartreg.tables import tables_of
from smartreg.tables.view import view
from smartreg.trees import MemoryTree
from smartreg.validation.check import Checker, Judged
from smartreg.workspace.workspace import Workspace, open_workspace

ON = date(2026, 12, 1)
ID = "11111111-2222-4333-8444-555555555555"
SETTINGS = f"""metropole = "amp"
[sources.cd13]
id = "{ID}"
url = "published"
keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL1bZqk3yHhyXl2Wl4yb1l3lC8n8mcPzQ4zQXkq0i7lq"]
"""
SENSOR = """id: noise-1
type: sensor
owner: amp
use_cases: [noise]
status: active
support: cd13:ep-1
network: cd13:lora
installed_on: "2024-03-11"
"""
OURS = {
    "smartreg.toml": SETTINGS,
    "registry/parties/amp.yaml": 'id: amp\nname: AMP\ncategory: metropole\nsiren: "200054807"\n',
    "registry/parties/dept.yaml": 'id: dept\nname: Département\ncategory: public\nsiren: "221300015"\n',
    "registry/equipment/noise-1.yaml": SENSOR,
    "registry/conventions/c.yaml": "id: c\nparties: [amp, dept]\nfamilies: [installation]\nstatus: signed\n"
    'signed_on: "2024-01-01"\neffective_until: "2030-12-31"\n',
}
PARTY = {"id": "cd13", "name": "CD 13", "category": "public", "siren": "221300015"}
OTHER = {"id": "sdis", "name": "SDIS 13", "category": "public", "siren": "281300012"}
POLE = {"id": "ep-1", "owner": "cd13", "type": "street_light", "status": "active", "insee_code": "13047"}
PLACE = {"location": {"lat": 43.51, "lon": 4.98}}
MAST = {"id": "ep-2", "owner": "sdis", "type": "mast", "status": "active"}
LORA = {"id": "lora", "operator": "cd13", "technology": "lorawan", "status": "in_service", "access": "shared"}
FILE = "foreign/cd13.jsonl"


def lines(*records: tuple[str, Mapping[str, Any]]) -> str:
    rows = [{"kind": kind, "id": data["id"], "data": data} for kind, data in records]
    return "".join(f"{json.dumps(row, sort_keys=True)}\n" for row in rows)


KEPT = lines(("network", LORA), ("party", PARTY), ("party", OTHER), ("support", {**POLE, **PLACE}), ("support", MAST))


def registry_of(changes: Mapping[str, str] | None = None, kept: str = KEPT) -> Registry:
    texts = {**OURS, FILE: kept, **(changes or {})}
    tree = MemoryTree({path: text.encode() for path, text in texts.items()}, folders=("foreign",))
    return open_registry(tree, None, INDEXED)


def codes(registry: Registry, *prefixes: str) -> list[str]:
    found = checker(registry, ON).check(registry).findings
    return sorted(finding.code for finding in found if finding.code.startswith(prefixes or ("",)))


# -- found, never a subject -----------------------------------------------------------------------------------


def test_get_finds_them_and_nothing_else_counts_them() -> None:
    registry = registry_of()
    pole = registry.get(RecordId("support", "cd13:ep-1"))
    assert pole is not None
    assert (pole.file, pole.data["type"]) == (FILE, "street_light")
    assert RecordId("support", "cd13:ep-1") not in registry
    assert list(registry.ids("support")) == []
    assert [*registry.of_kind("support")] == []
    assert list(registry.with_id("ep-1")) == []
    assert registry.get(RecordId("support", "ep-1")) is None
    assert "support" not in {
        finding.where.file.split("/")[0] for finding in checker(registry, ON).check(registry).findings
    }


def test_links_lead_to_them_and_from_them() -> None:
    for registry in (registry_of(), registry_of().load_all()):
        to_the_pole = [link.source.id for link in registry.links_to(RecordId("support", "cd13:ep-1"))]
        to_the_party = {link.source.id for link in registry.links_to(RecordId("party", "dept"))}
        assert to_the_pole == ["noise-1"]
        assert to_the_party == {"c", "cd13:ep-1", "cd13:lora"}


def test_an_owner_with_the_same_siren_is_our_party() -> None:
    registry = registry_of()
    pole, mast = (registry.get(RecordId("support", f"cd13:ep-{n}")) for n in (1, 2))
    assert pole is not None
    assert mast is not None
    assert (pole.data["owner"], mast.data["owner"]) == ("dept", "cd13:sdis")
    assert [holding.party for holding in successions(registry).holdings("cd13:cd13")] == ["dept"]
    assert successions(registry).kin(["dept"]) == {"dept", "cd13:cd13"}


def test_a_reference_to_what_is_not_kept_is_unknown() -> None:
    registry = registry_of(kept=lines(("support", POLE)))
    pole = registry.get(RecordId("support", "cd13:ep-1"))
    assert pole is not None
    assert "owner" not in pole.data


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "\n",
        "{}\n",
        "[]\n",
        "x\n",
        '{"kind": 1, "id": "a", "data": {}}\n',
        '{"kind": "support", "id": "a"}\n',
        "\udcff",
    ],
)
def test_what_cannot_be_read_is_no_record_and_a_finding(kept: str) -> None:
    texts = {**OURS, FILE: kept}
    tree = MemoryTree(
        {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}, folders=("foreign",)
    )
    registry = open_registry(tree, None, INDEXED)
    assert registry.get(RecordId("support", "cd13:ep-1")) is None
    assert codes(registry, "REF222", "REF224") == ["REF222", "REF222", "REF224"]


def test_odd_values_abroad_harm_nothing() -> None:
    odd = {
        "id": "ep-1",
        "owner": ["cd13"],
        "status": 7,
        "location": "here",
        "insee_code": None,
        "power": {"source": []},
    }
    assert "REF222" not in codes(registry_of(kept=lines(("support", odd), ("network", {"id": "lora", "operator": 1}))))


def test_without_sources_no_file_is_read() -> None:
    class Refusing(MemoryTree):
        def read(self, path: str, limit: int = 0) -> bytes:
            assert not path.startswith("foreign/")
            return super().read(path, limit or 1 << 20)

    files = {**OURS, "smartreg.toml": 'metropole = "amp"\n', FILE: KEPT}
    tree = Refusing({path: text.encode() for path, text in files.items()}, folders=("foreign",))
    registry = open_registry(tree, None, INDEXED)
    assert codes(registry, "REF22") == ["REF221", "REF221"]
    assert registry.get(RecordId("support", "cd13:ep-1")) is None


# -- judged ---------------------------------------------------------------------------------------------------


def test_rules_judge_equipment_by_a_support_and_a_network_abroad() -> None:
    assert codes(registry_of(), "REF209", "CON", "NET") == ["NET401", "NET403"]  # no convention, no DevEUI
    alone = lines(("network", {**LORA, "access": "own_use"}), ("party", PARTY))
    assert codes(registry_of(kept=alone), "NET402") == ["NET402"]
    others = lines(("network", {**LORA, "shared_with": ["sdis"]}), ("party", PARTY), ("party", OTHER))
    assert codes(registry_of(kept=others), "NET402") == ["NET402"]
    retired = lines(
        ("network", {**LORA, "status": "retired"}), ("party", PARTY), ("support", {**POLE, "status": "removed"})
    )
    assert codes(registry_of(kept=retired), "REF209") == ["REF209", "REF209"]


def test_what_a_release_does_not_state_leaves_rules_silent() -> None:
    bare = lines(("network", {"id": "lora"}), ("support", {"id": "ep-1"}))
    of_the_device_itself = {"LIF609", "REF201", "REF212", "REF214", "REF224", "SCH101"}
    assert set(codes(registry_of(kept=bare))) == of_the_device_itself


def test_a_convention_covers_an_installation_on_a_support_abroad_by_siren() -> None:
    registry = registry_of()
    device = registry.get(RecordId("equipment", "noise-1"))
    assert device is not None
    by_family = {cover.exchange.family: cover for cover in covers_of(registry, device, ON)}
    titles = by_family["installation"].titles
    assert [title.id for title in titles or ()] == ["c"]
    assert by_family["installation"].exchange.partners == ("dept",)


def test_a_convention_reaches_equipment_on_supports_abroad() -> None:
    """What a change of the convention affects is found through the owner of a support of another registry."""
    before = registry_of()
    ended = OURS["registry/conventions/c.yaml"].replace("2030", "2024")
    after = before.with_writes({"registry/conventions/c.yaml": ended.encode()})
    check = checker(before, ON)
    introduced = check.compare(before, after, [RecordId("convention", "c")]).introduced
    whole = {finding.key for finding in check.check(after).findings} - {
        finding.key for finding in check.check(before).findings
    }
    assert {finding.key for finding in introduced} == whole
    assert "CON303" in {finding.code for finding in introduced} or "CON301" in {finding.code for finding in introduced}


@pytest.mark.parametrize(
    "change",
    [
        {
            FILE: KEPT.replace(
                '"status": "active", "type": "street_light"', '"status": "removed", "type": "street_light"'
            )
        },
        {FILE: KEPT.replace("221300015", "221300023")},
        {FILE: lines(("network", LORA))},
        {FILE: KEPT.replace('"owner": "cd13"', '"owner": "sdis"')},
        {"registry/parties/dept.yaml": OURS["registry/parties/dept.yaml"].replace("221300015", "281300012")},
        {"registry/equipment/noise-1.yaml": SENSOR.replace("cd13:ep-1", "cd13:ep-2")},
    ],
)
def test_a_change_abroad_is_judged_as_by_a_full_run(change: Mapping[str, str], tmp_path: Path) -> None:
    root = tmp_path / "registry"
    for path, content in {**OURS, FILE: KEPT}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    git = git_in(root)
    git("init", "-q", "--initial-branch=main")
    git("add", "-A")
    git("commit", "-qm", "state")
    before = _findings(open_workspace(root))
    for path, content in change.items():
        (root / path).write_text(content)
    workspace = open_workspace(root)
    incremental, registry = _findings(workspace), open_workspace(root).current
    assert incremental == _keys(workspace.checker(registry, ON).check(registry))
    assert incremental != before
    earlier, later = registry_of(), registry_of(change)
    compared = checker(later, ON).compare(earlier, later, [RecordId("equipment", "noise-1"), RecordId("party", "dept")])
    assert {(finding.key, finding.message.in_("en")) for finding in compared.introduced} == incremental - before


def _findings(workspace: Workspace) -> set[tuple[object, str]]:
    registry = workspace.current
    check: Checker = workspace.checker(registry, ON)
    return _keys(check.check(registry, incremental=True))


def _keys(judged: Judged) -> set[tuple[object, str]]:
    return {(finding.key, finding.message.in_("en")) for finding in judged.findings}


# -- shown ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["internal", "partners", "public"])
def test_tables_have_the_registry_of_what_is_named_and_its_place(audience: str) -> None:
    seen = view(registry_of(), audience)
    tables = seen.tables
    (main, *_) = tables.layout.of_kind("equipment")
    (row,) = tables.rows(main)
    cells = dict(zip((column.name for column in main.table.columns), row, strict=True))
    assert cells["support_id"] == "cd13:ep-1"
    assert (cells["support_id_registry"], cells["network_registry"], cells["owner_id_registry"]) == (ID, ID, None)
    assert (cells["support_type"], cells["support_owner"]) == ("street_light", "Département")
    assert (cells["lon"], cells["lat"], cells["insee_code"], cells["commune"]) == (4.98, 43.51, "13047", "Istres")
    assert list(tables.rows(tables.layout.of_kind("support")[0])) == []


def test_an_audience_does_not_learn_of_a_hidden_party_from_a_support_abroad() -> None:
    hidden = OURS["registry/parties/dept.yaml"] + "visibility: internal\n"
    seen = view(registry_of({"registry/parties/dept.yaml": hidden}), "public")
    pole = seen.get(RecordId("support", "cd13:ep-1"))
    assert pole is not None
    assert pole.data["owner"] == "cd13:cd13"


def test_without_sources_tables_have_no_such_column() -> None:
    registry = registry_of({"smartreg.toml": 'metropole = "amp"\n'})
    columns = [column for shape in tables_of(registry).layout.of_kind("equipment") for column in shape.table.columns]
    assert not [column.name for column in columns if column.name.endswith("_registry")]
    (support,) = (column for column in columns if column.name == "support_id")
    assert support.field is not None
    assert support.field.schema["pattern"] == registry.schemas.kinds["equipment"].by_path["id",].schema["pattern"]


def test_a_reference_abroad_is_typed_where_the_schema_allows_it() -> None:
    registry = registry_of()
    equipment, convention = (registry.schemas.kinds[name] for name in ("equipment", "convention"))
    assert read_value(equipment, ("support",), "cd13:ep-1", registry) == "cd13:ep-1"
    with pytest.raises(Exception, match="no record is called"):
        read_value(convention, ("parties",), "cd13:cd13", registry)


def test_a_party_that_only_a_support_abroad_names_can_be_removed(tmp_path: Path) -> None:
    root, sdis = tmp_path / "registry", 'id: sdis\nname: SDIS 13\ncategory: public\nsiren: "281300012"\n'
    for path, content in {**OURS, FILE: KEPT, "registry/parties/sdis.yaml": sdis}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    git = git_in(root)
    git("init", "-q", "--initial-branch=main")
    git("config", "user.name", "Nina")
    git("config", "user.email", "nina@example.org")
    git("add", "-A")
    git("commit", "-qm", "state")
    workspace = open_workspace(root)
    assert [link.source.id for link in workspace.current.links_to(RecordId("party", "sdis"))] == ["cd13:ep-2"]
    remove(workspace, "party/sdis", options=WriteOptions(ON))
    mast = open_workspace(root).current.get(RecordId("support", "cd13:ep-2"))
    assert mast is not None
    assert mast.data["owner"] == "cd13:sdis"
