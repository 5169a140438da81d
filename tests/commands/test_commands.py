"""The writing commands, each in a real Git repository: what is written, what is refused, what stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from conftest import Git

from smartreg.cli.run import run
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.values import REGISTRY_ID, Json, Record, RecordId, value_at
from smartreg.edit import Outcome, RefusedWrite, WriteOptions
from smartreg.features.lifecycle.rename import rename
from smartreg.features.lifecycle.retire import remove, retire
from smartreg.features.setup.init import init
from smartreg.schema.settings_file import read_config
from smartreg.workspace.add import add, assign, like, new_id
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import Workspace, open_workspace, record_of

ON = date(2026, 1, 15)
OPTIONS = WriteOptions(on=ON)
DRY = replace(OPTIONS, dry_run=True)

FILES = {
    "smartreg.toml": 'name = "Istres"\nmetropole = "amp"\n',
    "registry/parties/amp.yaml": 'id: amp\nname: Métropole AMP\ncategory: metropole\nsiren: "200054807"\n',
    "registry/parties/istres.yaml": (
        'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n'
    ),
    "registry/use-cases/noise.yaml": (
        "id: noise\ntitle: Noise\nowner: istres\ndomain: environment\nstatus: production\n"
    ),
    "registry/supports/13047/istres-ep-00412.yaml": (
        "# yaml-language-server: $schema=../../../schemas/support.schema.json\n"
        'id: istres-ep-00412\ntype: street_light\nowner: istres\ninsee_code: "13047"\n'
        "location: {lon: 4.98, lat: 43.51}\nstatus: in_service\n"
    ),
    "registry/equipment/istres-noise-002.yaml": (
        "# kept\nid: istres-noise-002\ntype: sensor\nowner: istres # the city\nuse_cases: [noise]\n"
        "status: active   # since spring\nsupport: istres-ep-00412\ninstalled_on: 2024-03-11\n"
        "measures:\n  - property: sound_level\n    unit: dB\n  - property: temperature\n    unit: Cel\n"
    ),
    "registry/equipment/istres-noise-009.yaml": (
        "id: istres-noise-009\ntype: sensor\nowner: istres\nuse_cases: [noise]\nstatus: planned\n"
        "support: istres-ep-00412\n"
    ),
}
SENSOR: dict[str, Json] = {"type": "sensor", "owner": "istres", "use_cases": ["noise"], "support": "istres-ep-00412"}
ACTIVE = "registry/equipment/istres-noise-002.yaml"
PLANNED = "registry/equipment/istres-noise-009.yaml"
POLE = "registry/supports/13047/istres-ep-00412.yaml"


def place(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def commit(root: Path, git: Git) -> None:
    git("add", "-A", cwd=root)
    git("commit", "-qm", "by hand", cwd=root)


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A small registry, committed."""
    for path, text in FILES.items():
        place(git_repo, path, text)
    commit(git_repo, git)
    return git_repo


@pytest.fixture
def work(root: Path) -> Workspace:
    return open_workspace(root)


def add_record(
    work: Workspace,
    noun: str,
    values: dict[str, Json],
    id: str | None = None,
    options: WriteOptions = OPTIONS,
) -> Outcome:
    return add(work, work.current.schemas.kind(noun), values, id=id, options=options)


def change_record(work: Workspace, record: str, *words: str, unset: Sequence[str] = (), dry: bool = False) -> Outcome:
    return set_fields(work, record, words, unset, DRY if dry else OPTIONS)


def state(root: Path, git: Git) -> tuple[str, str]:
    """HEAD and everything that differs from it."""
    return git("rev-parse", "HEAD", cwd=root), git("status", "--porcelain", "-uall", cwd=root)


def diff_of(root: Path, git: Git) -> list[str]:
    """The changed lines of the last commit."""
    lines = git("show", "--format=", "-U0", "--no-renames", cwd=root).splitlines()
    return [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]


def paths_of(root: Path, git: Git) -> list[str]:
    return git("show", "--format=", "--name-status", "--no-renames", cwd=root).splitlines()


# -- add -------------------------------------------------------------------------------------------------------


def test_add_writes_one_file_in_one_commit(work: Workspace, root: Path, git: Git) -> None:
    outcome = add_record(work, "equipment", SENSOR)
    assert outcome.commit == git("rev-parse", "HEAD").strip()
    assert paths_of(root, git) == ["A\tregistry/equipment/istres-noise-010.yaml"]  # the series goes on
    assert (root / "registry/equipment/istres-noise-010.yaml").read_text() == (
        "# yaml-language-server: $schema=../../schemas/equipment.schema.json\n"
        "id: istres-noise-010\ntype: sensor\nowner: istres\nuse_cases:\n- noise\nstatus: planned\n"
        "support: istres-ep-00412\n"
    ).replace("\n- noise", "\n  - noise")
    assert git("log", "-1", "--format=%s%n%(trailers:key=Smartreg-Op,key=Smartreg-Record,unfold)").splitlines()[:3] == [
        "Add equipment/istres-noise-010",
        "Smartreg-Op: add",
        "Smartreg-Record: equipment/istres-noise-010",
    ]
    assert git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("noun", "values", "id"),
    [
        ("party", {"name": "Saint-Estève-Janson", "category": "commune"}, "saint-esteve-janson"),
        ("party", {"name": "Istres", "category": "private"}, "istres-2"),  # taken
        ("party", {"name": "株式会社", "category": "private"}, "party-001"),  # nothing that can be kept
        ("equipment", {**SENSOR, "use_cases": ["parking"]}, "sensor-001"),  # no neighbour
        ("equipment", {**SENSOR, "type": "gateway"}, "gateway-001"),  # none of its type
        ("equipment", {}, "equipment-001"),
    ],
)
def test_ids_are_made_from_the_name_or_the_series(work: Workspace, noun: str, values: dict[str, Json], id: str) -> None:
    assert new_id(work.current, work.current.schemas.kind(noun), values) == id


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        ({}, "planned"),
        ({"installed_on": "2024-03-11"}, "installed"),
        ({"installed_on": "2024-03-11", "decommissioned_on": "2025-01-01"}, "decommissioned"),
        (
            {"removed_on": "2025-02-01", "decommissioned_on": "2025-01-01", "installed_on": "2024-03-11"},
            "removed",
        ),
        ({"installed_on": "2024-03-11", "status": "active"}, "active"),
    ],
)
def test_the_last_date_implies_the_status(work: Workspace, dates: dict[str, Json], status: str) -> None:
    outcome = add_record(work, "equipment", {**SENSOR, **dates})
    (change,) = outcome.changes
    assert change.after
    assert change.after.data["status"] == status


def test_what_a_new_record_takes_from_another_is_a_copy(work: Workspace) -> None:
    registry = work.current
    kind, model = registry.schemas.kind("equipment"), record_of(registry, "istres-noise-002")
    data = like(kind, registry, model)
    assign(registry, kind, data, ["measures[0].unit=dB[SPL]", "use_cases[1]=traffic"])

    assert (data["use_cases"], model.data["use_cases"]) == (["noise", "traffic"], ["noise"])
    assert [value_at(found, ("measures", 0, "unit")) for found in (data, model.data)] == ["dB[SPL]", "dB"]


def test_random_ids_of_two_computers_do_not_meet(work: Workspace, root: Path, git: Git) -> None:
    """They go on with the series of a number, and of random characters; names stay names."""
    kinds = work.current.schemas.kinds
    place(root, "smartreg.toml", 'new_ids = "random"\n')
    place(root, "registry/equipment/istres-air-4kx7d9.yaml", FILES[PLANNED].replace("noise-009", "air-4kx7d9"))
    registry = open_workspace(root).current
    made = [new_id(registry, kinds["equipment"], SENSOR, "istres-noise-009") for _ in range(50)]

    assert len(set(made)) == 50
    assert all(re.fullmatch(r"istres-noise-[0-9][0-9a-hjkmnp-tv-z]{5}", id) for id in made), made
    following = new_id(registry, kinds["equipment"], SENSOR, "istres-air-4kx7d9")
    assert re.fullmatch(r"istres-air-[0-9][0-9a-z]{5}", following)
    assert new_id(registry, kinds["use_case"], {"title": "Air quality"}) == "air-quality"
    assert re.fullmatch(r"noise-[0-9][0-9a-z]{5}", new_id(registry, kinds["use_case"], {"title": "Noise"}))


def test_without_the_setting_ids_are_numbered_as_before(work: Workspace) -> None:
    kind = work.current.schemas.kinds["equipment"]

    assert new_id(work.current, kind, SENSOR, "istres-ep-000412") == "istres-ep-000001"
    assert new_id(work.current, kind, SENSOR, "istres-noise-009") == "istres-noise-010"


def test_a_policy_that_does_not_exist_is_named(root: Path) -> None:
    place(root, "smartreg.toml", 'new_ids = "radom"\n')
    with pytest.raises(UsageFault, match="new_ids: must be one of number, random"):
        read_config((root / "smartreg.toml").read_bytes())


@pytest.mark.parametrize("kind_name", ["party", "support", "equipment", "network"])
def test_what_a_new_record_takes_from_another_is_not_its_own(work: Workspace, kind_name: str) -> None:
    """Neither its place, nor its identifiers, nor a date."""
    registry = work.current
    kind = registry.schemas.kind(kind_name)
    own = {
        "location": {"lon": 4.9, "lat": 43.5},
        "support": "istres-ep-00412",
        "insee_code": "13047",
        "address": "12 boulevard Paul Painlevé",
        "local_ref": "EP-412",
        "serial_number": "SN-1",
        "dev_eui": "70B3D57ED0061234",
        "siren": "211300470",
        "siret": "21130047000016",
        "installed_on": "2024-03-11",
        "started_on": "2024-03-11",
        "replaces": "istres-noise-001",
    }
    data = {name: value for name, value in own.items() if (name,) in kind.by_path}
    record = Record(RecordId(kind_name, "x"), "", {"id": "x", "owner": "istres", **data})

    assert data
    assert like(kind, registry, record) == {"owner": "istres"}


def test_a_support_goes_into_the_folder_of_its_commune(work: Workspace, root: Path) -> None:
    pole = {"type": "mast", "owner": "istres", "insee_code": "13103", "location": {"lon": 5.1, "lat": 43.6}}
    add_record(work, "support", {**pole, "status": "in_service"}, id="salon-1")
    text = (root / "registry/supports/13103/salon-1.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=../../../schemas/support.schema.json\n")
    assert 'insee_code: "13103"\n' in text


@pytest.mark.promise("R11")
@pytest.mark.parametrize(
    ("values", "id"),
    [
        ({"insee_code": "../../.."}, "x"),
        ({"insee_code": "13047"}, "../x"),
        ({"insee_code": "13047"}, ".x"),
        ({"insee_code": "13047"}, "a/b"),
        ({}, "x"),
    ],
)
def test_no_value_leads_out_of_the_folder(
    work: Workspace, root: Path, git: Git, values: dict[str, Json], id: str
) -> None:
    before = state(root, git)
    with pytest.raises(UsageFault):
        add_record(work, "support", {"type": "mast", **values}, id=id)
    assert state(root, git) == before


def test_an_empty_id_is_refused(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    with pytest.raises(UsageFault):
        add_record(work, "equipment", SENSOR, id="")
    assert state(root, git) == before


def test_a_taken_id_is_refused(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    with pytest.raises(UsageFault) as refused:
        add_record(work, "equipment", SENSOR, id="istres-noise-002")
    assert "exists already" in refused.value.message.in_("en")
    assert state(root, git) == before


def test_new_errors_block_and_nothing_is_written(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    with pytest.raises(RefusedWrite) as refused:
        add_record(work, "equipment", {**SENSOR, "owner": "nobody", "status": "actve"})
    assert {finding.code for finding in refused.value.outcome.introduced} >= {"REF201", "SCH103"}
    assert state(root, git) == before


def test_a_position_counts_as_it_was_typed(
    work: Workspace, root: Path, git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    """Zeros at the end, too, which a number does not keep."""
    words = ["--type", "mast", "--owner", "istres", "--insee-code", "13047", "--status", "planned", "-y"]
    for lon, lat, coarse in (("4.98700", "43.51300", False), ("4.987", "43.513", True)):
        assert run(["-C", str(root), "add-support", *words, "--location-lon", lon, "--location-lat", lat]) == 0
        assert ("GEO710" in capsys.readouterr().err) is coarse
    for lon, coarse in (("4.98600", False), ("4.985", True)):
        done = change_record(open_workspace(root), "istres-ep-00412", f"location.lon={lon}")
        assert ("GEO710" in [finding.code for finding in done.introduced]) is coarse


def test_a_number_or_mailbox_of_a_person_comes_in_with_a_reason_alone(
    work: Workspace, root: Path, git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    """Existing ones block no other change."""
    before = state(root, git)
    with pytest.raises(RefusedWrite) as refused:
        change_record(work, "istres-noise-002", "notes=Ring 06 12 34 56 78")
    [only] = refused.value.outcome.introduced
    assert (only.code, only.severity) == ("REC121", "error")
    assert only.hint is not None
    assert only.hint.in_("en").startswith("take the number out")
    assert only.hint.in_("en").endswith("--allow REC121 -m REASON")
    words = ["istres-noise-002", "notes=Ring 04 42 00 00 00", "-y", "--allow", "REC121"]
    for more in ([], ["-m", "switchboard", "--no-commit"], ["-m", "x", "--allow", "REC107"]):
        assert run(["-C", str(root), "set", *words, *more]) == 2
    assert state(root, git) == before
    assert run(["-C", str(root), "set", *words, "-m", "switchboard"]) == 0
    message = git("log", "-1", "--format=%B", cwd=root)
    assert "Smartreg-Allows: REC121\nSmartreg-Reason: switchboard\n" in message
    assert change_record(open_workspace(root), "istres-noise-002", "height_m=5").commit
    capsys.readouterr()


def test_errors_that_were_there_do_not_block(root: Path, git: Git) -> None:
    place(root, "registry/equipment/broken.yaml", "id: [\n")
    place(root, "registry/equipment/wrong.yaml", "id: wrong\nowner: nobody\n")
    place(root, "registry/equipment/notes.txt", "?")
    commit(root, git)
    assert add_record(open_workspace(root), "equipment", SENSOR).commit


def test_a_dry_run_shows_what_is_then_committed_and_writes_nothing(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    shown = add_record(work, "equipment", SENSOR, options=DRY)
    assert state(root, git) == before
    assert (shown.commit, shown.written) == (None, False)
    done = add_record(open_workspace(root), "equipment", SENSOR)
    assert done.changes == shown.changes
    assert done.edit == shown.edit
    for path, text in shown.edit.writes.items():
        assert git("show", f"HEAD:{path}").encode() == text


def test_without_a_commit_the_file_is_there_and_not_staged(work: Workspace, root: Path, git: Git) -> None:
    outcome = add_record(work, "equipment", SENSOR, options=replace(OPTIONS, commit=False))
    assert (outcome.commit, outcome.written) == (None, True)
    assert git("status", "--porcelain", "-uall") == "?? registry/equipment/istres-noise-010.yaml\n"


@pytest.mark.promise("R2")
def test_foreign_work_keeps_its_bytes_and_its_state(work: Workspace, root: Path, git: Git) -> None:
    place(root, "registry/parties/staged.yaml", "id: staged\n")
    git("add", "registry/parties/staged.yaml")
    place(root, "registry/parties/amp.yaml", FILES["registry/parties/amp.yaml"] + "notes: mine\n")
    before = git("status", "--porcelain", "-uall")
    assert add_record(open_workspace(root), "equipment", SENSOR).commit
    assert paths_of(root, git) == ["A\tregistry/equipment/istres-noise-010.yaml"]
    assert git("status", "--porcelain", "-uall") == before


def test_without_an_identity_nothing_is_written(work: Workspace, root: Path, git: Git) -> None:
    git("config", "--unset", "user.email")
    before = state(root, git)
    with pytest.raises(StateFault) as refused:
        add_record(work, "equipment", SENSOR)
    assert refused.value.exit_code == 3
    assert "identity" in refused.value.message.in_("en")
    assert state(root, git) == before


def test_the_convention_of_a_record_is_named_in_the_commit(work: Workspace, git: Git) -> None:
    values = {"title": "Poles", "parties": ["amp", "istres"], "families": ["installation"], "status": "draft"}
    add_record(work, "convention", values, id="poles")
    assert git("log", "-1", "--format=%(trailers:key=Smartreg-Convention,valueonly)").strip() == "poles"
    workspace = open_workspace(work.root)
    change_record(workspace, "istres-noise-009", "convention=poles")
    assert git("log", "-1", "--format=%(trailers:key=Smartreg-Convention,valueonly)").strip() == "poles"


# -- set -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "unset", "lines"),
    [
        (["status=faulty"], [], ["-status: active   # since spring", "+status: faulty   # since spring"]),
        (["measures[0].unit=Cel"], [], ["-    unit: dB", "+    unit: Cel"]),
        (["model=X1"], [], ["+model: X1"]),
        (["height_m=4.5"], [], ["+height_m: 4.5"]),
        ([], ["measures[1]"], ["-  - property: temperature", "-    unit: Cel"]),
        ([], ["measures"], [f"-{line}" for line in FILES[ACTIVE].splitlines()[-5:]]),
        (["status=faulty"], ["measures[1]", "measures[0]"], None),
    ],
)
def test_set_changes_the_lines_of_the_field_and_no_other(
    work: Workspace, root: Path, git: Git, words: list[str], unset: list[str], lines: list[str] | None
) -> None:
    outcome = change_record(work, "istres-noise-002", *words, unset=unset)
    assert outcome.commit
    assert paths_of(root, git) == [f"M\t{ACTIVE}"]
    if lines is not None:
        assert diff_of(root, git) == lines


def test_names_of_records_work_like_their_ids(work: Workspace, root: Path, git: Git) -> None:
    place(root, "registry/parties/isle.yaml", 'id: isle\nname: ISTRÈS\ncategory: private\nsiren: "552100554"\n')
    place(root, POLE, FILES[POLE] + "address: 12 boulevard Paul Painlevé\n")
    commit(root, git)
    change_record(open_workspace(root), "12 BOULEVARD PAUL PAINLEVE", "gestionnaire=metropole amp", "notes=x")
    assert diff_of(root, git) == ["+manager: amp", "+notes: x"]
    change_record(open_workspace(root), "istres-noise-009", "use_cases+=NOISE", "maintainer=Istres")  # letter by letter
    assert diff_of(root, git) == ["+maintainer: istres"]
    (change,) = change_record(open_workspace(root), "istres-ep-00412", "code insee=MIRAMAS", dry=True).changes
    assert change.after
    assert change.after.data["insee_code"] == "13063"
    for words, said, hint in (
        (["owner=ISTRES"], 'owner: "ISTRES" is the name of several records: isle, istres', "write the id"),
        (["owner=Metropole PMA"], 'owner: no record is called "Metropole PMA"', 'did you mean "Métropole AMP"?'),
    ):
        with pytest.raises(UsageFault) as refused:
            change_record(open_workspace(root), "istres-noise-009", *words)
        assert refused.value.message.in_("en") == said
        assert refused.value.hint
        assert hint in refused.value.hint.in_("en")
    with pytest.raises(UsageFault, match='"Istrès" names 2 records: party/isle, party/istres'):
        change_record(open_workspace(root), "Istrès", "notes=x")


def test_set_nested_makes_the_way(work: Workspace, root: Path, git: Git) -> None:
    change_record(work, "istres-noise-009", "location.lon=4.98", "location.lat=43.51")
    assert diff_of(root, git) == ["+location:", "+  lon: 4.98", "+  lat: 43.51"]


def test_list_items_are_set_by_index_and_the_next_index_appends(work: Workspace, root: Path, git: Git) -> None:
    place(root, "registry/use-cases/air.yaml", FILES["registry/use-cases/noise.yaml"].replace("noise", "air"))
    commit(root, git)
    change_record(open_workspace(root), "istres-noise-009", "use_cases[1]=air")
    assert diff_of(root, git) == ["-use_cases: [noise]", "+use_cases: [noise, air]"]
    change_record(open_workspace(root), "istres-noise-009", "use_cases=air")
    assert diff_of(root, git) == ["-use_cases: [noise, air]", "+use_cases: [air]"]


def test_items_come_into_a_list_and_leave_it(work: Workspace, root: Path, git: Git) -> None:
    place(root, "registry/use-cases/air.yaml", FILES["registry/use-cases/noise.yaml"].replace("noise", "air"))
    commit(root, git)
    change_record(open_workspace(root), "istres-noise-009", "use_cases+=air", "use_cases+=noise")
    assert diff_of(root, git) == ["-use_cases: [noise]", "+use_cases: [noise, air]"]
    change_record(open_workspace(root), "istres-noise-009", "use_cases-=noise", "notes=x")
    assert diff_of(root, git) == ["-use_cases: [noise, air]", "+use_cases: [air]", "+notes: x"]
    change_record(open_workspace(root), "istres", "writers.domains+=istres.example.org,ville.example.org")
    assert diff_of(root, git)[0] == "+writers:"
    change_record(open_workspace(root), "istres", "writers.domains-=istres.example.org,ville.example.org")
    assert diff_of(root, git)[0] == "-writers:"
    change_record(open_workspace(root), "istres-noise-002", 'measures+={"property": "temperature", "unit": "Cel"}')


def test_unset_of_several_items_counts_them_before_any_is_removed(work: Workspace, root: Path) -> None:
    outcome = change_record(work, "istres-noise-002", unset=["measures[0]", "measures[1]"])
    (change,) = outcome.changes
    assert change.after
    assert "measures" not in change.after.data


def test_unset_in_several_records_leaves_out_those_that_lack_the_field(work: Workspace) -> None:
    change_record(work, "istres-noise-009", "notes=by hand")
    work = open_workspace(work.root)
    with pytest.raises(UsageFault, match="has no cost_eur"):
        set_fields(work, "istres-noise-002", (), ["cost_eur"], OPTIONS, further=["istres-noise-009"])

    outcome = set_fields(work, "istres-noise-002", (), ["notes"], OPTIONS, further=["istres-noise-009"])
    assert [rid.id for rid in outcome.edit.records] == ["istres-noise-009"]


def test_an_unknown_field_that_is_there_can_be_unset(root: Path, git: Git) -> None:
    place(root, PLANNED, FILES[PLANNED] + "colour: red\n")
    commit(root, git)
    change_record(open_workspace(root), "istres-noise-009", unset=["colour"])
    assert diff_of(root, git) == ["-colour: red"]


@pytest.mark.parametrize(
    ("words", "unset", "message", "hint"),
    [
        (["statu=faulty"], [], 'equipment has no field "statu"', 'did you mean "status"?'),
        (["measures[0].unt=dB"], [], 'equipment has no field "measures[].unt"', 'did you mean "measures[].unit"?'),
        (["status"], [], "not of the form FIELD=VALUE", ""),
        (["height_m=high"], [], 'height_m: "high" is not a number', ""),
        (["id=other"], [], "the id cannot be set", "smartreg rename equipment/istres-noise-002 NEW-ID"),
        ([], ["id"], "the id cannot be set", ""),
        ([], ["modl"], 'equipment has no field "modl"', 'did you mean "model"?'),
        ([], ["model"], "equipment/istres-noise-002 has no model", ""),
        ([], ["measures[7]"], "has no measures[7]", ""),
        (["measures[7].unit=dB"], [], "measures[7].unit cannot be set", ""),
        (["status=faulty", "status=active"], [], "status is changed twice", ""),
        (["status+=faulty"], [], "status is not a list", "status=VALUE sets it"),
        (["use_cases-=air"], [], 'has no "air"', "--unset use_cases[0]"),
        (["use_cases+="], [], "no item is given for use_cases", ""),
        (["use_casse+=air"], [], 'has no field "use_casse"', 'did you mean "use_cases"?'),
        (["measures[0].unit=dB"], ["measures"], "measures[0].unit is changed twice", ""),
    ],
)
def test_a_wrong_set_says_what_is_wrong_and_writes_nothing(
    work: Workspace, root: Path, git: Git, words: list[str], unset: list[str], message: str, hint: str
) -> None:
    before = state(root, git)
    with pytest.raises(UsageFault) as refused:
        change_record(work, "istres-noise-002", *words, unset=unset)
    assert message in refused.value.message.in_("en")
    assert hint in (refused.value.hint.in_("en") if refused.value.hint else "")
    assert state(root, git) == before


def test_a_value_that_the_schema_refuses_is_refused(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    with pytest.raises(RefusedWrite):
        change_record(work, "istres-noise-002", "status=actve")
    assert state(root, git) == before


def test_nothing_to_change_makes_no_commit(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    outcome = change_record(work, "istres-noise-002", "status=active", "measures[1].unit=Cel")
    assert (outcome.commit, outcome.edit.writes, outcome.changes) == (None, {}, ())
    assert state(root, git) == before


def test_a_key_in_a_value_does_not_reach_the_commit_message(work: Workspace, root: Path, git: Git) -> None:
    change_record(work, "istres-noise-002", "notes=8A1F27D5C3B94E60A7D2F1E8954C3B7D is the build")
    assert "8A1F27D5C3" not in git("log", "-1", "--format=%B")


def test_an_id_that_two_files_claim_is_no_name_and_their_paths_are(root: Path, git: Git) -> None:
    place(root, "registry/equipment/x/istres-noise-009.yaml", FILES[PLANNED])
    commit(root, git)
    work = open_workspace(root)
    with pytest.raises(UsageFault) as refused:
        change_record(work, "istres-noise-009", "model=X1")
    assert "registry/equipment/x/istres-noise-009.yaml" in (refused.value.hint.in_("en") if refused.value.hint else "")
    change_record(work, "registry/equipment/x/istres-noise-009.yaml", "model=X1")
    assert paths_of(root, git) == ["M\tregistry/equipment/x/istres-noise-009.yaml"]
    remove(open_workspace(root), "registry/equipment/x/istres-noise-009.yaml", OPTIONS)
    assert paths_of(root, git) == ["D\tregistry/equipment/x/istres-noise-009.yaml"]


def test_a_support_moves_with_its_commune(work: Workspace, root: Path, git: Git) -> None:
    target = "registry/supports/13103/istres-ep-00412.yaml"
    shown = change_record(work, "istres-ep-00412", "insee_code=13103", dry=True)
    assert [change.kind for change in shown.changes] == ["changed"]
    change_record(work, "istres-ep-00412", "insee_code=13103")
    assert paths_of(root, git) == [f"D\t{POLE}", f"A\t{target}"]
    assert (root / target).read_text() == FILES[POLE].replace("13047", "13103")
    assert git("log", "--follow", "--format=%s", "--", target).splitlines()[-1] == "by hand"
    assert git("status", "--porcelain") == ""


def test_a_support_in_a_folder_of_its_own_goes_where_its_commune_says(root: Path, git: Git) -> None:
    (root / POLE).rename(root / "registry/supports/istres-ep-00412.yaml")
    commit(root, git)
    change_record(open_workspace(root), "istres-ep-00412", "height_m=8")
    assert paths_of(root, git) == ["M\tregistry/supports/istres-ep-00412.yaml"]  # not asked to move
    change_record(open_workspace(root), "istres-ep-00412", "insee_code=13103")
    assert paths_of(root, git)[0] == "A\tregistry/supports/13103/istres-ep-00412.yaml"


# -- retire ----------------------------------------------------------------------------------------------------


def test_retire_sets_the_dates_on_the_way(work: Workspace, root: Path, git: Git) -> None:
    retire(work, "istres-noise-002", on=date(2025, 12, 1), options=OPTIONS)
    assert diff_of(root, git) == [
        "-status: active   # since spring",
        "+status: removed   # since spring",
        '+decommissioned_on: "2025-12-01"',
        '+removed_on: "2025-12-01"',
    ]
    with pytest.raises(Refused) as refused:
        retire(open_workspace(root), "istres-noise-002", on=ON, options=OPTIONS)
    assert refused.value.exit_code == 1
    assert "is removed already" in refused.value.message.in_("en")


def test_a_date_that_is_there_stays(root: Path, git: Git) -> None:
    change_record(open_workspace(root), "istres-noise-002", "status=decommissioned", "decommissioned_on=2025-06-01")
    retire(open_workspace(root), "istres-noise-002", on=date(2025, 12, 1), options=OPTIONS)
    assert 'decommissioned_on: "2025-06-01"\n' in (root / ACTIVE).read_text()


def test_what_was_only_planned_is_cancelled_without_a_date(work: Workspace, root: Path, git: Git) -> None:
    retire(work, "istres-noise-009", on=ON, options=OPTIONS)
    assert diff_of(root, git) == ["-status: planned", "+status: cancelled"]


def test_a_status_without_a_way_out_is_refused(root: Path, git: Git) -> None:
    place(root, PLANNED, FILES[PLANNED].replace("status: planned", "status: [planned]"))
    commit(root, git)
    before = state(root, git)
    with pytest.raises(Refused) as refused:
        retire(open_workspace(root), "istres-noise-009", on=ON, options=OPTIONS)
    assert "cannot become" in refused.value.message.in_("en")
    assert state(root, git) == before


def test_a_kind_without_a_life_cycle_is_not_retired(work: Workspace) -> None:
    with pytest.raises(UsageFault) as refused:
        retire(work, "party/istres", on=ON, options=OPTIONS)
    assert "no life cycle" in refused.value.message.in_("en")


def test_the_heir_says_whom_it_replaces_in_the_same_commit(work: Workspace, root: Path, git: Git) -> None:
    outcome = retire(work, "istres-noise-002", on=ON, replaced_by="istres-noise-009", options=OPTIONS)
    assert paths_of(root, git) == [f"M\t{ACTIVE}", f"M\t{PLANNED}"]
    assert "replaces: istres-noise-002\n" in (root / PLANNED).read_text()
    assert [str(rid) for rid in outcome.edit.records] == ["equipment/istres-noise-002", "equipment/istres-noise-009"]


@pytest.mark.parametrize(
    ("heir", "message"),
    [
        ("istres-noise-002", "cannot replace itself"),
        ("istres-noise-00", 'no record "equipment/istres-noise-00"'),
        ("party/istres", "is not of kind equipment"),
        ("istres-noise-009", "replaces istres-noise-001 already"),
    ],
)
def test_an_impossible_heir_is_refused(root: Path, git: Git, heir: str, message: str) -> None:
    place(root, PLANNED, FILES[PLANNED] + "replaces: istres-noise-001\n")
    commit(root, git)
    before = state(root, git)
    with pytest.raises(UsageFault) as refused:
        retire(open_workspace(root), "istres-noise-002", on=ON, replaced_by=heir, options=OPTIONS)
    assert message in refused.value.message.in_("en")
    assert state(root, git) == before


# -- rename ----------------------------------------------------------------------------------------------------


def test_rename_rewrites_every_reference_in_one_commit(work: Workspace, root: Path, git: Git) -> None:
    rename(work, "party/istres", "ville-istres", OPTIONS)
    assert paths_of(root, git) == [
        f"M\t{ACTIVE}",
        f"M\t{PLANNED}",
        "D\tregistry/parties/istres.yaml",
        "A\tregistry/parties/ville-istres.yaml",
        f"M\t{POLE}",
        "M\tregistry/use-cases/noise.yaml",
    ]
    assert "owner: ville-istres # the city\n" in (root / ACTIVE).read_text()
    assert (root / "registry/parties/ville-istres.yaml").read_text().startswith("id: ville-istres\n")
    assert "References rewritten in 4 records." in git("log", "-1", "--format=%b")
    assert not list(open_workspace(root).current.links_to_id("istres"))


def test_the_settings_name_the_metropole_by_its_new_id(work: Workspace, root: Path, git: Git) -> None:
    rename(work, "amp", "metropole-amp", OPTIONS)
    assert (root / "smartreg.toml").read_text() == 'name = "Istres"\nmetropole = "metropole-amp"\n'
    assert open_workspace(root).current.config.metropole == "metropole-amp"


def test_a_reference_to_itself_is_rewritten(root: Path, git: Git) -> None:
    place(root, PLANNED, FILES[PLANNED] + "replaces: istres-noise-009\n")
    commit(root, git)
    rename(open_workspace(root), "istres-noise-009", "istres-noise-010", OPTIONS)
    text = (root / "registry/equipment/istres-noise-010.yaml").read_text()
    assert "id: istres-noise-010\n" in text
    assert "replaces: istres-noise-010\n" in text


def test_a_reference_that_another_kind_satisfies_too_stays(git_repo: Path, git: Git) -> None:
    link = {"x-ref": ["pole", "box"], "type": "string"}
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "hung": link}}
    for kind in ("pole", "box", "lamp"):
        place(git_repo, f"schemas/{kind}.schema.json", json.dumps(schema))
    place(git_repo, "smartreg.toml", 'name = "x"\n')
    for path, text in {"pole/a": "id: a\n", "box/a": "id: a\n", "pole/b": "id: b\n"}.items():
        place(git_repo, f"registry/{path}.yaml", text)
    place(git_repo, "registry/lamp/both.yaml", "id: both\nhung: a\n")
    place(git_repo, "registry/lamp/one.yaml", "id: one\nhung: b\n")
    commit(git_repo, git)
    rename(open_workspace(git_repo), "pole/a", "c", OPTIONS)
    assert (git_repo / "registry/lamp/both.yaml").read_text() == "id: both\nhung: a\n"
    rename(open_workspace(git_repo), "pole/b", "d", OPTIONS)
    assert (git_repo / "registry/lamp/one.yaml").read_text() == "id: one\nhung: d\n"


@pytest.mark.parametrize(
    ("record", "new_id", "message"),
    [
        ("istres-noise-009", "istres-noise-002", "exists already"),
        ("istres-noise-009", "istres-noise-009", "exists already"),
        ("istres-noise-009", "../x", "cannot be in a path"),
        ("istres-noise-09", "x", "no record"),
    ],
)
def test_a_wrong_rename_writes_nothing(
    work: Workspace, root: Path, git: Git, record: str, new_id: str, message: str
) -> None:
    before = state(root, git)
    with pytest.raises(UsageFault) as refused:
        rename(work, record, new_id, OPTIONS)
    assert message in refused.value.message.in_("en")
    assert state(root, git) == before


def test_what_is_in_service_is_neither_renamed_nor_removed(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    with pytest.raises(Refused, match="was active: a record that was in service cannot be renamed"):
        rename(work, "istres-noise-002", "istres-noise-003", OPTIONS)
    with pytest.raises(Refused, match="was active: a record that was in service cannot be removed"):
        remove(work, "istres-noise-002", OPTIONS)
    assert state(root, git) == before


def test_what_one_commit_added_can_be_undone_instead(work: Workspace, root: Path, git: Git) -> None:
    """The commit is named where it added this record alone, no other changed it, and nothing names it: that
    would be refused."""

    def hint(record: str) -> str:
        with pytest.raises(Refused) as refused:
            rename(open_workspace(root), record, "another", OPTIONS)
        return refused.value.hint.in_("en") if refused.value.hint else ""

    add_record(work, "equipment", {**SENSOR, "status": "faulty", "installed_on": "2024-01-01"}, id="new")
    oid = git("rev-parse", "--short", "HEAD", cwd=root).strip()
    assert f"smartreg undo {oid}" in hint("new")
    change_record(open_workspace(root), "new", "notes=Changed")
    assert "undo" not in hint("new")
    assert "undo" not in hint("istres-noise-002")  # its commit added others too
    add_record(
        open_workspace(root), "equipment", {**SENSOR, "status": "faulty", "installed_on": "2024-01-01"}, id="named"
    )
    assert "undo" in hint("named")
    change_record(open_workspace(root), "istres-noise-009", "replaces=named")
    assert "undo" not in hint("named")


def test_what_was_in_service_once_is_neither_renamed_nor_removed(root: Path, git: Git) -> None:
    """Also when the file has moved to another folder since, and when the commit was made by hand."""
    place(root, PLANNED, FILES[PLANNED].replace("planned", "faulty\ninstalled_on: 2024-01-01"))
    commit(root, git)
    (root / PLANNED).unlink()
    place(root, "registry/equipment/old/istres-noise-009.yaml", FILES[PLANNED])
    commit(root, git)
    with pytest.raises(Refused, match="was faulty"):
        rename(open_workspace(root), "istres-noise-009", "istres-noise-010", OPTIONS)
    with pytest.raises(Refused, match="was faulty"):
        remove(open_workspace(root), "istres-noise-009", OPTIONS)


# -- remove ----------------------------------------------------------------------------------------------------


def test_remove_deletes_the_file_in_one_commit(work: Workspace, root: Path, git: Git) -> None:
    outcome = remove(work, "istres-noise-009", OPTIONS)
    assert [change.kind for change in outcome.changes] == ["removed"]
    assert paths_of(root, git) == [f"D\t{PLANNED}"]


def test_what_is_named_is_not_removed_and_who_names_it_is_listed(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    with pytest.raises(Refused) as refused:
        remove(work, "use_case/noise", OPTIONS)
    assert refused.value.message.in_("en").splitlines() == [
        "use_case/noise is named in 2 places:",
        "  equipment/istres-noise-002 (use_cases[0])",
        "  equipment/istres-noise-009 (use_cases[0])",
    ]
    with pytest.raises(Refused) as refused:
        remove(work, "amp", OPTIONS)
    assert refused.value.message.in_("en").splitlines() == [
        "party/amp is named in 1 place:",
        "  smartreg.toml (metropole)",
    ]
    assert state(root, git) == before


# -- init ------------------------------------------------------------------------------------------------------


SOURCE = f"git+https://example.org/smartreg.git@{'5f' * 20}"


def create(folder: Path, epci: str | None = None, ci: tuple[str, ...] = (), options: WriteOptions = OPTIONS) -> int:
    source = SOURCE if ci else None
    return init(folder, epci_siren=epci, name=None, ci=ci, options=options, source=source).parties


@pytest.fixture
def identity(home: Path) -> Path:
    (home / ".gitconfig").write_text("[user]\n\tname = Service registre\n\temail = registre@example.org\n")
    return home


def test_init_makes_the_92_communes_of_the_metropole(tmp_path: Path, identity: Path, git: Git) -> None:
    folder = tmp_path / "amp"
    assert create(folder, "200054807", ("github",)) == 93
    parties = {path.stem: path.read_text() for path in (folder / "registry/parties").glob("*.yaml")}
    assert len(parties) == 93
    codes = [line for text in parties.values() for line in text.splitlines() if line.startswith("insee_code: ")]
    assert {'insee_code: "83120"', 'insee_code: "84089"', 'insee_code: "13055"'} <= set(codes)
    assert len(set(codes)) == 92
    work = open_workspace(folder)
    assert work.current.config.metropole == "metropole-d-aix-marseille-provence"
    findings = work.checker(work.current, ON).check(work.current).findings
    assert [finding for finding in findings if finding.severity == "error"] == []
    assert git("status", "--porcelain", cwd=folder) == ""
    assert git("rev-list", "--count", "HEAD", cwd=folder).strip() == "1"
    assert (folder / ".github/workflows/registry.yml").exists()


def test_each_new_registry_has_an_id_of_its_own(tmp_path: Path, identity: Path) -> None:
    ids = []
    for name in ("one", "two"):
        create(tmp_path / name, "243400017")
        ids.append(read_config((tmp_path / name / "smartreg.toml").read_bytes()).id)
    assert all(REGISTRY_ID.fullmatch(id) for id in ids)
    assert ids[0] != ids[1]


def test_init_of_montpellier(tmp_path: Path, identity: Path) -> None:
    assert create(tmp_path / "m3m", "243400017") == 32
    assert (
        "category: metropole\n"
        in (tmp_path / "m3m/registry/parties/montpellier-mediterranee-metropole.yaml").read_text()
    )


def test_an_empty_registry_is_sound_and_takes_a_first_record(tmp_path: Path, identity: Path, git: Git) -> None:
    assert create(tmp_path / "new") == 0
    work = open_workspace(tmp_path / "new")
    assert work.checker(work.current, ON).check(work.current).findings == []
    add_record(work, "party", {"name": "Istres", "category": "private"})
    assert git("log", "--format=%s", cwd=tmp_path / "new").splitlines() == ["Add party/istres", "Create a registry"]


def test_files_that_are_there_stay_and_are_not_committed(git_repo: Path, git: Git) -> None:
    place(git_repo, "README.md", "ours\n")
    place(git_repo, ".gitattributes", "*.png binary")
    place(git_repo, ".editorconfig", "root = true\n")
    commit(git_repo, git)
    place(git_repo, "draft.txt", "not committed\n")
    create(git_repo)
    attributes = (git_repo / ".gitattributes").read_text().splitlines()
    assert attributes[:2] == ["*.png binary", "registry/**/*.yaml text eol=lf diff=smartreg merge=smartreg"]
    assert (git_repo / ".editorconfig").read_text() == "root = true\n"
    assert (git_repo / "README.md").read_text() == "ours\n"
    assert git("status", "--porcelain") == "?? draft.txt\n"


GITHUB_FORMS = {".github/ISSUE_TEMPLATE/correction.yml", ".github/pull_request_template.md"}
GITLAB_FORMS = {".gitlab/issue_templates/Correction.md", ".gitlab/merge_request_templates/Default.md"}


@pytest.mark.parametrize(
    ("ci", "forms"),
    [
        ((), GITHUB_FORMS),
        (("github",), GITHUB_FORMS),
        (("gitlab",), GITLAB_FORMS),
        (("github", "gitlab"), GITHUB_FORMS | GITLAB_FORMS),
        (("none",), set()),
    ],
)
@pytest.mark.parametrize("lang", ["en", "fr", "it"])
def test_a_registry_welcomes_people_in_a_browser(
    tmp_path: Path, identity: Path, git: Git, ci: tuple[str, ...], forms: set[str], lang: str
) -> None:
    folder = tmp_path / "new"
    source = SOURCE if {*ci} - {"none"} else None
    init(folder, epci_siren=None, name="Istres | <b>", ci=ci, options=OPTIONS, source=source, lang=lang)

    files = set(git("show", "--format=", "--name-only", cwd=folder).split())
    assert files & (GITHUB_FORMS | GITLAB_FORMS) == forms
    assert "README.md" in files
    readme = (folder / "README.md").read_text("utf-8")
    assert readme.startswith("# `Istres | <b>`\n")
    assert "@" not in readme
    assert ("| [registry/supports](registry/supports) | Supports |" in readme, "## Corriger" in readme) == (
        True,
        lang == "fr",
    )
    for form in forms:
        text = (folder / form).read_text("utf-8")
        assert ("téléphone" in text) is (lang == "fr"), form
        if form.endswith(".yml"):
            asked = yaml.safe_load(text)
            assert [item["type"] for item in asked["body"]] == ["markdown", "input", "textarea", "input"]


def test_forms_of_a_repository_stay_and_its_folder_gets_none_unasked(git_repo: Path, git: Git) -> None:
    place(git_repo, ".github/pull_request_template.md", "ours\n")
    commit(git_repo, git)
    create(git_repo / "data", None, ("github",))

    assert (git_repo / ".github/pull_request_template.md").read_text() == "ours\n"
    assert (git_repo / ".github/ISSUE_TEMPLATE/correction.yml").is_file()
    assert (git_repo / "data/README.md").is_file()


@pytest.mark.parametrize("path", ["registry/parties/.gitkeep", "schemas/party.schema.json"])
def test_what_could_be_a_registry_is_not_overwritten(git_repo: Path, path: str) -> None:
    place(git_repo, path, "theirs\n")
    with pytest.raises(StateFault) as refused:
        create(git_repo)
    assert path in refused.value.message.in_("en")
    assert not (git_repo / "smartreg.toml").exists()


def test_a_registry_is_not_made_twice_nor_inside_another(work: Workspace, root: Path, git: Git) -> None:
    before = state(root, git)
    with pytest.raises(StateFault, match="already a registry"):
        create(root)
    with pytest.raises(StateFault, match="inside a registry"):
        create(root / "registry/parties")
    with pytest.raises(StateFault, match="inside a registry"):
        create(root / "new")
    assert state(root, git) == before
    assert not (root / "new").exists()


def test_a_registry_gets_pipelines_and_keeps_those_that_are_there(root: Path, git: Git) -> None:
    made = init(root, epci_siren=None, name=None, ci=("github",), options=OPTIONS, source=SOURCE)
    pipelines = {".github/workflows/registry.yml", ".github/workflows/registry-comment.yml"}
    assert {*made.files} == pipelines | GITHUB_FORMS
    assert git("show", "--name-only", "--format=%s").split("\n") == [
        "Add pipelines that run smartreg",
        "",
        *sorted(made.files),
        "",
    ]
    more = init(root, epci_siren=None, name=None, ci=("github", "gitlab"), options=OPTIONS, source=SOURCE)
    assert {*more.files} == {".gitlab-ci.yml"} | GITLAB_FORMS
    (root / ".github/workflows/registry.yml").write_text("on: push\n", encoding="utf-8")
    git("commit", "-qam", "Write a pipeline of our own")
    before = state(root, git)
    with pytest.raises(StateFault, match="exists already"):
        init(root, epci_siren=None, name=None, ci=("github", "gitlab"), options=OPTIONS, source=SOURCE)
    assert state(root, git) == before


def test_a_registry_gets_the_forms_that_it_lacks(root: Path, git: Git) -> None:
    """One that is there under another spelling stays alone; forms come also where the pipelines are there."""
    place(root, ".github/PULL_REQUEST_TEMPLATE.md", "ours\n")
    commit(root, git)
    made = init(root, epci_siren=None, name=None, ci=("github",), options=OPTIONS, source=SOURCE)
    assert ".github/ISSUE_TEMPLATE/correction.yml" in made.files
    assert [path.name for path in (root / ".github").glob("*.md")] == ["PULL_REQUEST_TEMPLATE.md"]
    git("rm", "-q", ".github/ISSUE_TEMPLATE/correction.yml")
    git("commit", "-qm", "Remove the form")
    again = init(root, epci_siren=None, name=None, ci=("github",), options=OPTIONS, source=SOURCE)
    assert again.files == (".github/ISSUE_TEMPLATE/correction.yml",)
    assert git("log", "-1", "--format=%s").strip() == "Add forms for issues and pull requests"
    with pytest.raises(StateFault, match="exists already"):
        init(root, epci_siren=None, name=None, ci=("github",), options=OPTIONS, source=SOURCE)


def test_an_unknown_epci_is_refused_with_near_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as refused:
        create(tmp_path / "new", "200054808")
    assert refused.value.hint
    assert "200054807" in refused.value.hint.in_("en")
    with pytest.raises(UsageFault) as refused:
        create(tmp_path / "new", "Aix Marseille")
    assert "200054807" in (refused.value.hint.in_("en") if refused.value.hint else "")
    assert not (tmp_path / "new").exists()


def test_init_in_a_folder_of_another_repository_commits_there(git_repo: Path, git: Git) -> None:
    place(git_repo, "README.md", "code\n")
    commit(git_repo, git)
    place(git_repo, "staged.txt", "mine\n")
    git("add", "staged.txt")
    create(git_repo / "data/registry-of-istres")
    assert not (git_repo / "data/registry-of-istres/.git").exists()
    assert all(path.startswith("data/registry-of-istres/") for path in git("show", "--format=", "--name-only").split())
    assert git("status", "--porcelain") == "A  staged.txt\n"
    work = open_workspace(git_repo / "data/registry-of-istres")
    add_record(work, "party", {"name": "Istres", "category": "private"})
    assert git("show", "--format=", "--name-only").split() == ["data/registry-of-istres/registry/parties/istres.yaml"]


def test_init_without_an_identity_is_refused_and_can_be_done_again(tmp_path: Path, home: Path) -> None:
    with pytest.raises(StateFault) as refused:
        create(tmp_path / "new")
    assert refused.value.exit_code == 3
    assert not (tmp_path / "new").exists()
    (home / ".gitconfig").write_text("[user]\n\tname = Service registre\n\temail = registre@example.org\n")
    assert create(tmp_path / "new") == 0


def test_a_dry_run_of_init_makes_nothing(tmp_path: Path) -> None:
    assert create(tmp_path / "new", "200054807", options=DRY) == 93
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path, identity: Path) -> None:
    place(tmp_path, "file", "mine\n")
    with pytest.raises(StateFault):
        create(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine\n"
