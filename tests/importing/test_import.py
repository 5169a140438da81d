"""`import` into real repositories: the traffic lights of a city, this year and next, and our own exports."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from importing import OPTIONS, Bring, bring, git, montpellier, new_repository, places, root, support
from lights import AT_ZERO, NAME, sheet

from smartreg.commands.export import ExportOptions, export_tables, write_files
from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.core.errors import Cancelled, UsageFault
from smartreg.core.values import RecordId
from smartreg.importing.effects import Imported
from smartreg.importing.options import ImportRequest
from smartreg.tables import table_name
from smartreg.workspace.output import Output
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import Workspace, open_workspace

ROOT = Path(__file__).parents[2]
MAPPING = "registry/imports/carrefours-a-feux.toml"
CROSSROADS = ImportRequest(
    maps=("CAR_LIEU=address", "POINT_X=location.lon", "POINT_Y=location.lat"),
    constants=("owner=montpellier", "insee_code=34172", "type=traffic_light", "status=in_service"),
    crs="EPSG:2154",
)
WITHOUT_ZERO = replace(CROSSROADS, skip_rows=("POINT_X=0",))
SENSORS = ImportRequest(constants=("owner=montpellier", "insee_code=34172", "type=mast", "status=planned"))

__all__ = ["bring", "montpellier", "root"]  # fixtures


@pytest.fixture(scope="module")
def lights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("inventory") / NAME
    file.write_bytes(sheet())
    return file


@pytest.fixture(scope="module")
def lit(montpellier: Path, lights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry with its traffic lights."""
    root = Path(shutil.copytree(montpellier, tmp_path_factory.mktemp("lit") / "registry"))
    workspace = open_workspace(root)
    import_records(workspace, workspace.current.schemas.kind("support"), lights, WITHOUT_ZERO, OPTIONS)
    return root


@pytest.fixture
def lit_root(lit: Path, root: Path) -> Path:
    """A copy of it, in which `bring` imports."""
    shutil.rmtree(root)
    return Path(shutil.copytree(lit, root))


def next_year(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The sheet under the same name, as UTF-8 with its rows in another order and some of its text replaced."""
    heading, *rows = sheet().decode("iso-8859-1").splitlines()
    text = "\r\n".join([heading, *sorted(rows, reverse=True)]) + "\r\n"
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "next" / NAME
    file.parent.mkdir()
    file.write_bytes(text.encode())
    return file


def test_a_position_counts_as_the_sheet_has_it(bring: Bring) -> None:
    text = "id,lon,lat\npole-1,3.87100,43.61200\npole-2,3.881,43.621\n"
    found = [finding for finding in bring(SENSORS, text).outcome.introduced if finding.code == "GEO710"]
    assert [finding.where.row for finding in found] == [3]


def test_a_number_of_a_person_is_refused_in_its_cell(root: Path, bring: Bring) -> None:
    text = "id,lon,lat,notes\npole-1,3.87,43.61,none\npole-2,3.88,43.62,Ring 06 12 34 56 78\n"
    with pytest.raises(RefusedImport) as refused:
        bring(SENSORS, text)
    assert ("REC121", 3, "notes") in places(refused.value)
    outcome = bring(SENSORS, text, allowed=("REC121",), reason="switchboard").outcome
    assert outcome.commit
    assert "Smartreg-Allows: REC121\nSmartreg-Reason: switchboard\n" in git(root, "log", "-1", "--format=%B")


def test_a_status_that_the_import_gave_is_no_difference(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "poles.csv"
    headings = "id,type,owner,insee_code,lon,lat,status,address"
    for address, added, changed in (("rue A", 1, 0), ("rue B", 0, 1)):
        file.write_text(f"{headings}\npole-1,mast,montpellier,34172,3.87654,43.61234,,{address}\n")
        workspace = open_workspace(root)
        done = import_records(workspace, workspace.current.schemas.kind("support"), file, ImportRequest(), OPTIONS)
        assert (done.added, done.changed) == (added, changed)
    assert (support(root, "pole-1")["status"], support(root, "pole-1")["address"]) == ("planned", "rue B")


# -- the lights of a city ----------------------------------------------------------------------------------------------


def test_four_rows_at_zero_refuse_the_whole_file(root: Path, bring: Bring, lights: Path) -> None:
    before = git(root, "rev-parse", "HEAD")
    with pytest.raises(RefusedImport) as refusal:
        bring(CROSSROADS, lights)
    assert places(refusal.value) == [("GEO701", row, "POINT_X,N,19,8") for row in AT_ZERO]
    assert {found.where.file for found in refusal.value.outcome.introduced} == {NAME}
    assert (refusal.value.exit_code, git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")) == (
        1,
        before,
        "",
    )


def test_the_others_come_in_by_one_commit(root: Path, bring: Bring, lights: Path) -> None:
    done = bring(WITHOUT_ZERO, lights)
    assert (done.added, done.changed, done.unchanged, done.skipped) == (69, 0, 0, AT_ZERO)
    assert (done.source.encoding, done.source.delimiter, done.source.decimal) == ("iso-8859-1", ";", ",")
    assert git(root, "rev-list", "--count", "HEAD").strip() == "2"
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "log", "-1", "--format=%s").strip() == f"Import 69 supports from {NAME}"
    assert "Smartreg-Op: import" in git(root, "log", "-1", "--format=%B")
    assert git(root, "show", "--name-only", "--format=").split().count(MAPPING) == 1
    assert len(list((root / "registry/supports/34172").glob("*.yaml"))) == 69


def test_positions_and_names(lit: Path) -> None:
    assert support(lit, "moulin-beal") == {
        "id": "moulin-beal",
        "type": "traffic_light",
        "owner": "montpellier",
        "insee_code": "34172",
        "location": {"lon": 3.831997, "lat": 43.609738},
        "status": "in_service",
        "address": "Moulin / Béal",
    }
    namesakes = sorted(path.stem for path in (lit / "registry/supports/34172").glob("place-du-vieux-puits-*"))
    assert len(namesakes) == 4
    assert "place-du-vieux-puits" not in namesakes


def test_the_same_file_again_changes_nothing(lit_root: Path, bring: Bring, lights: Path) -> None:
    head = git(lit_root, "rev-parse", "HEAD")
    for request in (ImportRequest(), WITHOUT_ZERO, ImportRequest(update=True)):
        done = bring(request, lights)
        assert (done.outcome.edit.writes, done.outcome.commit, done.unchanged) == ({}, None, 69)
    assert git(lit_root, "rev-parse", "HEAD") == head


def test_ids_do_not_hang_on_the_order_of_rows(lit: Path, bring: Bring, tmp_path: Path) -> None:
    ids = {path.stem for path in (lit / "registry/supports/34172").iterdir()}
    again = bring(WITHOUT_ZERO, next_year(tmp_path), dry_run=True)
    assert {rid.id for rid in again.outcome.edit.records} == ids


def test_next_years_file_updates_the_same_records(lit_root: Path, bring: Bring, tmp_path: Path) -> None:
    ids = {path.stem for path in (lit_root / "registry/supports/34172").iterdir()}
    moved = ("767187,0077", "767193,4")  # Moulin / Béal
    namesake = ("767034,0014", "767036,2")  # one of four at Place du Vieux Puits
    headings = ("POINT_X,N,19,8", "POINT_X,N,20,8")
    done = bring(ImportRequest(), next_year(tmp_path, moved, namesake, headings))
    assert (done.added, done.changed, done.unchanged, done.source.encoding) == (0, 2, 67, "utf-8")
    changed = {rid.id for rid in done.outcome.edit.records}
    assert changed <= ids
    assert "moulin-beal" in changed
    assert all(id == "moulin-beal" or id.startswith("place-du-vieux-puits-") for id in changed)
    lines = [line for line in git(lit_root, "show", "--format=", "-U0").splitlines() if line[:1] in "+-"]
    assert not [line for line in lines if "address" in line or "status" in line]


@pytest.mark.usefixtures("lit_root")
def test_a_new_namesake_leaves_the_old_id(bring: Bring, tmp_path: Path) -> None:
    line = "Moulin / Béal;1981;0;Aucun;767187,0077;6279319,0143\r\n"
    done = bring(ImportRequest(), next_year(tmp_path, (line, line + line.replace("767187", "767209"))))
    assert (done.added, done.changed) == (1, 0)
    assert done.outcome.edit.records[0].id.startswith("moulin-beal-")


def test_what_people_changed_stays(lit_root: Path, bring: Bring, tmp_path: Path, lights: Path) -> None:
    """The same file touches no record; next year's one no field that only a constant gave."""
    set_fields(open_workspace(lit_root), "moulin-beal", ["status=out_of_service", "height_m=6"], [], OPTIONS)
    set_fields(open_workspace(lit_root), "moulin-cetoines", ["address=Moulin / Les Cétoines"], [], OPTIONS)
    assert bring(ImportRequest(), lights).outcome.edit.writes == {}
    done = bring(ImportRequest(), next_year(tmp_path, ("767187,0077", "767193,4")))
    assert sorted(rid.id for rid in done.outcome.edit.records) == ["moulin-beal", "moulin-cetoines"]
    changed = support(lit_root, "moulin-beal")
    assert (changed["status"], changed["height_m"], changed["location"]["lon"]) == ("out_of_service", 6, 3.832076)


def test_undo_takes_the_mapping_back_too(lit_root: Path, bring: Bring, lights: Path) -> None:
    git(lit_root, "revert", "--no-edit", "HEAD")
    assert not (lit_root / MAPPING).exists()
    assert bring(WITHOUT_ZERO, lights).added == 69


def test_dry_run_and_no_commit(root: Path, bring: Bring, lights: Path) -> None:
    assert bring(WITHOUT_ZERO, lights, dry_run=True).added == 69
    assert git(root, "status", "--porcelain") == ""
    assert bring(WITHOUT_ZERO, lights, commit=False).outcome.commit is None
    assert git(root, "rev-list", "--count", "HEAD").strip() == "1"
    assert len(list((root / "registry/supports/34172").iterdir())) == 69


def test_the_question_shows_the_whole_import(root: Path, lights: Path) -> None:
    shown: list[Imported] = []

    def decline(plan: Imported) -> bool:
        shown.append(plan)
        return False

    workspace = open_workspace(root)
    asking = replace(OPTIONS, confirm=lambda _: True)
    with pytest.raises(Cancelled):
        import_records(workspace, workspace.current.schemas.kind("support"), lights, WITHOUT_ZERO, asking, decline)
    (plan,) = shown
    assert (plan.added, plan.filters) == (69, {"POINT_X=0": 4})
    assert {found.where.file for found in plan.outcome.introduced if found.code == "REF210"} == {lights.name}
    assert git(root, "rev-list", "--count", "HEAD").strip() == "1"


def test_lambert_93_taken_for_degrees(bring: Bring, lights: Path) -> None:
    with pytest.raises(RefusedImport) as refusal:
        bring(replace(WITHOUT_ZERO, crs=None), lights)
    assert places(refusal.value) == [("GEO701", None, "POINT_X,N,19,8")]  # reported once
    (found,) = refusal.value.outcome.introduced
    assert "(69 rows)" in found.message.in_("en")
    assert found.hint
    assert "--crs EPSG:2154" in found.hint.in_("en")


@pytest.mark.parametrize("crs", [None, "EPSG:2154"])
def test_one_row_in_another_system_than_the_sheet(bring: Bring, crs: str | None) -> None:
    """Its degrees are in the message, without a hint for the whole sheet; and vice versa."""
    degrees, metres = ("3.838143", "43.607114"), ("767686.3955", "6279032.6454")
    usual, other = (degrees, metres) if crs is None else (metres, degrees)
    rows = "".join(f"m-{n},{x},{y}\n" for n, (x, y) in enumerate((usual, usual, other, usual)))
    with pytest.raises(RefusedImport) as refusal:
        bring(replace(SENSORS, crs=crs), f"id,lon,lat\n{rows}")
    assert places(refusal.value) == [("GEO701", 4, "lon")]
    hint = refusal.value.outcome.introduced[0].hint
    assert hint
    assert ("lon 3.838143, lat 43.607114" in hint.in_("en")) == (crs is None)
    assert "a sheet of their own" in hint.in_("en")


def test_another_system_than_the_one_given(bring: Bring, lights: Path) -> None:
    with pytest.raises(RefusedImport) as refusal:
        bring(replace(WITHOUT_ZERO, crs="EPSG:2975"), lights)  # UTM 40S: La Réunion
    assert {code for code, _, _ in places(refusal.value)} == {"GEO701"}


# -- records that are there --------------------------------------------------------------------------------------

MASTS = "id,address,lon,lat\nmast-1,Port,3.9,43.6\nmast-2,Gare,3.88,43.61\n"


def test_an_existing_record_is_not_overwritten(root: Path, bring: Bring) -> None:
    bring(SENSORS, MASTS)
    set_fields(open_workspace(root), "mast-1", ["height_m=12"], [], OPTIONS)
    with pytest.raises(RefusedImport) as refusal:
        bring(replace(SENSORS, mapping="other"), MASTS.replace("Port", "Phare"))
    assert places(refusal.value) == [("IMP004", 2, "address")]
    done = bring(replace(SENSORS, mapping="other", update=True), MASTS.replace("Port", "Phare"))
    assert (done.changed, done.unchanged) == (1, 1)
    assert (support(root, "mast-1")["address"], support(root, "mast-1")["height_m"]) == ("Phare", 12)


def test_errors_of_other_rows_are_reported_along_with_existing_records(root: Path, bring: Bring) -> None:
    bring(SENSORS, MASTS)
    sheet = "id,address,lon,lat,type\nmast-1,Phare,3.9,43.6,mast\nmast-3,Quai,3.9,43.6,mats\n"
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(constants=("owner=montpellier", "insee_code=34172"), mapping="other"), sheet)
    assert places(refusal.value) == [("IMP004", 2, "address"), ("SCH103", 3, "type")]
    assert not (root / "registry/supports/34172/mast-3.yaml").exists()


def test_an_update_touches_only_the_lines_of_its_fields(root: Path, bring: Bring) -> None:
    bring(SENSORS, MASTS)
    file = root / "registry/supports/34172/mast-1.yaml"
    file.write_text(file.read_text().replace("address: Port", "# seen from the sea\naddress:   'Port'   # quay 3"))
    git(root, "commit", "--quiet", "--all", "--message=by hand")
    bring(ImportRequest(), MASTS.replace("Port", "Phare"))
    assert "# seen from the sea\naddress:   'Phare'   # quay 3\n" in file.read_text()


def test_an_empty_cell_takes_the_field_away(root: Path, bring: Bring) -> None:
    bring(SENSORS, MASTS)
    bring(ImportRequest(), MASTS.replace("Port", ""))
    assert "address" not in support(root, "mast-1")


def test_rows_find_records_by_a_key(root: Path, bring: Bring) -> None:
    bring(SENSORS, "id,local_ref,lon,lat\nmast-1,EP-1,3.9,43.6\nmast-2,EP-2,3.8,43.6\n")
    keyed = replace(SENSORS, key=("owner", "local_ref"), mapping="heights", update=True)
    done = bring(keyed, "local_ref,height_m,lon,lat\nEP-2,8,3.8,43.6\nEP-3,9,3.7,43.6\n")
    assert (done.added, done.changed) == (1, 1)
    assert support(root, "mast-2")["height_m"] == 8
    assert support(root, "ep-3")["local_ref"] == "EP-3"


def test_namesakes_of_another_commune_are_other_records(root: Path, bring: Bring) -> None:
    request = replace(SENSORS, constants=("owner=montpellier", "type=mast", "status=planned"))
    bring(request, "insee_code,address,lon,lat\n34057,Place de la Mairie,3.95,43.64\n")
    sheet = "insee_code,address,lon,lat\n34172,Place de la Mairie,3.88,43.6\n"
    done = bring(replace(request, mapping="second"), sheet)
    (rid,) = done.outcome.edit.records
    assert rid.id.startswith("place-de-la-mairie-")
    assert support(root, "place-de-la-mairie", "34057")["location"]["lon"] == 3.95


def test_a_changed_constant_reaches_existing_records(root: Path, bring: Bring) -> None:
    bring(SENSORS, MASTS)
    done = bring(ImportRequest(constants=("type=building",)), MASTS)
    assert done.changed == 2
    assert support(root, "mast-2")["type"] == "building"
    assert bring(ImportRequest(), MASTS).outcome.edit.writes == {}


# -- mappings ----------------------------------------------------------------------------------------------------


def test_a_mapping_file_of_ones_own(root: Path, bring: Bring, tmp_path: Path) -> None:
    own = tmp_path / "masts.toml"
    own.write_text(
        'kind = "support"\nid = "mtp-{NOM}"\nabsent = ["HAUT=0"]\n[fields]\naddress = "NOM"\nheight_m = "HAUT"\n'
        '"location.lon" = "X"\n"location.lat" = "Y"\n[constants]\nowner = "montpellier"\ninsee_code = "34172"\n'
        'type = "mast"\n'
    )
    sheet = "NOM;HAUT;X;Y\nPort;0;3,9;43,6\nGare;8,5;3,88;43,61\n"
    done = bring(ImportRequest(mapping=str(own)), sheet)
    assert done.mapping == "registry/imports/masts.toml"
    assert "height_m" not in support(root, "mtp-port")
    assert (support(root, "mtp-gare")["height_m"], support(root, "mtp-gare")["status"]) == (8.5, "planned")
    assert bring(ImportRequest(mapping="masts"), sheet).outcome.edit.writes == {}


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    ("request_", "sheet"),
    [
        (ImportRequest(maps=("NOM",)), MASTS),
        (ImportRequest(maps=("address=adress",)), MASTS),
        (ImportRequest(maps=("ADRESSE=address",)), MASTS),
        (ImportRequest(maps=("address=address",), constants=("address=x",)), MASTS),
        (ImportRequest(skip_rows=("lon",)), MASTS),
        (ImportRequest(skip_rows=("longueur=0",)), MASTS),
        (ImportRequest(dialect="excel-de"), MASTS),
        (ImportRequest(encoding="utf-9"), MASTS),
        (ImportRequest(crs="EPSG:99999"), MASTS),
        (ImportRequest(crs="../proj.db"), MASTS),
        (ImportRequest(key=("adress",)), MASTS),
        (ImportRequest(), "colour,shape\nred,round\n"),
        (ImportRequest(), "status,height_m\nplanned,3\n"),
        (ImportRequest(), "lon,longitude\n3,4\n"),
        (ImportRequest(mapping="missing.toml"), MASTS),
        (ImportRequest(), "PK\x03\x04"),
    ],
)
def test_usage_faults_write_nothing(root: Path, bring: Bring, request_: ImportRequest, sheet: str) -> None:
    with pytest.raises(UsageFault) as fault:
        bring(request_, sheet)
    assert fault.value.exit_code == 2
    assert git(root, "status", "--porcelain") == ""


def test_a_changed_mapping_is_recorded_by_itself(root: Path, bring: Bring) -> None:
    bring(SENSORS, MASTS)
    done = bring(ImportRequest(skip_rows=("id=mast-9",)), MASTS)
    assert list(done.outcome.edit.writes) == ["registry/imports/sheet.toml"]
    assert git(root, "log", "-1", "--format=%s").strip() == "Change the mapping of sheet.csv"


def test_a_recorded_mapping_of_another_kind(root: Path, bring: Bring) -> None:
    bring(SENSORS, MASTS)
    done = bring(ImportRequest(), "id,name,category\nregie,Régie,private\n", "party")
    assert done.mapping == "registry/imports/sheet-party.toml"
    with pytest.raises(UsageFault):
        bring(ImportRequest(mapping="sheet"), "id,name,category\nsem,SEM,private\n", "party")


# -- our own exports ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry of this repository, with odd addresses and positions finer than an export shows."""
    root = new_repository(tmp_path_factory.mktemp("own") / "registry")
    for name in ("smartreg.toml", "schemas", "registry"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        else:
            shutil.copy(source, root / name)
    folder = root / "registry/supports/13047"
    folder.mkdir(parents=True, exist_ok=True)
    for id, address in (
        ("demo-odd-1", '"=1+2"'),
        ("demo-odd-2", '"\'s-Gravenstraat"'),
        ("demo-odd-3", '"a; b, c\\nd"'),
    ):
        (folder / f"{id}.yaml").write_text(
            f'id: {id}\ntype: mast\nowner: istres\ninsee_code: "13047"\nlocation: {{lon: 4.98747123456, lat: 43.5}}\n'
            f"status: planned\naddress: {address}\n"
        )
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=registry")
    return root


@pytest.mark.promise("R5")
@pytest.mark.parametrize(("dialect", "lang"), [("standard", "fr"), ("excel-fr", "en")])
def test_an_export_comes_in_again_unchanged(own_registry: Path, tmp_path: Path, dialect: str, lang: Any) -> None:
    workspace = open_workspace(own_registry)
    write_files(export_tables(workspace, ExportOptions(), dialect=dialect, lang=lang), Output(tmp_path, None))
    seen = 0
    for kind in workspace.current.schemas.kinds.values():
        records = len(workspace.current.ids(kind.name))
        if records:
            file = tmp_path / f"{table_name(kind)}.csv"
            done = import_records(workspace, kind, file, ImportRequest(), OPTIONS)
            assert (done.outcome.edit.writes, done.unchanged) == ({}, records), kind.name
            seen += records
    assert seen > 100
    assert git(own_registry, "status", "--porcelain") == ""


def test_a_changed_export_changes_what_was_changed(own_registry: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(own_registry, tmp_path / "registry", symlinks=True))
    workspace: Workspace = open_workspace(root)
    write_files(
        export_tables(workspace, ExportOptions(("support",)), dialect="excel-fr", lang="fr"), Output(tmp_path, None)
    )
    file = tmp_path / "supports.csv"
    file.write_bytes(file.read_bytes().replace(b"'=1+2", b"'=1+3").replace(b"4,987471", b"4,987481"))
    kind = workspace.current.schemas.kind("support")
    done = import_records(workspace, kind, file, ImportRequest(update=True), OPTIONS)
    assert done.changed >= 3
    assert support(root, "demo-odd-1", "13047")["address"] == "=1+3"
    assert support(root, "demo-odd-2", "13047")["address"] == "'s-Gravenstraat"
    assert RecordId("support", "demo-odd-3") in done.outcome.edit.records
