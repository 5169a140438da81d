"""`export -f csv` as files: golden files, the same bytes everywhere, what other readers make of them, destinations.

`pytest --update` rewrites the golden files; they hold neither commit nor digest of the rules, and part of a descriptor.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Git
from exports import GOLDEN, contents, make_export, smartreg

from smartreg.commands.export import others_in, write_files
from smartreg.commands.show import listing
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.values import Language
from smartreg.exporters.csv import DIALECTS
from smartreg.tables import tables
from smartreg.workspace.output import Output
from smartreg.workspace.workspace import open_workspace

FOUR = [(dialect, lang) for dialect in DIALECTS for lang in ("en", "fr")]
SENSOR = "registry/equipment/istres-noise-1.yaml"
EVENTS = "equipment_events.csv"
DESCRIBED = ("supports", "equipment-measures", "flows-equipment")  # enough of a long descriptor


# -- golden files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dialect", "lang"), FOUR)
def test_golden(golden_registry: Path, dialect: str, lang: Language, request: pytest.FixtureRequest) -> None:
    exported = make_export(golden_registry, dialect=dialect, lang=lang)
    files = contents(exported)
    package = json.loads(files.pop("datapackage.json"))
    assert (package["smartreg"]["commit"], exported.commit) == (exported.commit, package["smartreg"]["commit"])
    assert len(package["smartreg"].pop("rules")) == 64
    package["smartreg"]["commit"] = "<commit>"
    package["resources"] = [item for item in package["resources"] if item["name"] in DESCRIBED]
    text = b"".join(b"=== %s\n%s" % (name.encode(), content) for name, content in files.items())
    found = {f"{dialect}-{lang}.txt": text, f"{dialect}-{lang}.json": _json(package)}
    for name, content in found.items():
        if request.config.getoption("--update"):
            (GOLDEN / name).write_bytes(content)
        assert content == (GOLDEN / name).read_bytes(), f"{name}: if it is right, pytest {__file__} --update"


def _json(data: object) -> bytes:
    return f"{json.dumps(data, ensure_ascii=False, indent=2)}\n".encode()


def test_golden_registry_has_every_kind_and_every_list(golden_registry: Path) -> None:
    workspace = open_workspace(golden_registry)
    written = contents(make_export(golden_registry))
    lines = {
        table.name: len(written[f"{table.name}.csv"].splitlines())
        for table in tables(workspace.current, list(workspace.current.schemas.kinds.values()))
    }
    assert [name for name, count in lines.items() if count < 2] == [], "add a record to tests/golden/export/registry"


# -- the same commit, the same bytes -----------------------------------------------------------------------------


def test_same_bytes_in_a_clone_elsewhere(golden_registry: Path, git: Git, tmp_path: Path) -> None:
    clone = tmp_path / "elsewhere" / "clone"
    git("clone", "--quiet", str(golden_registry), str(clone), cwd=tmp_path)
    git("config", "core.autocrlf", "true", cwd=clone)
    before = os.umask(0o077)
    try:
        environ = {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
        done = smartreg("export", "-o", "out", cwd=clone, **environ)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in (clone / "out").iterdir()} == contents(
        make_export(golden_registry)
    )


def test_same_bytes_with_the_line_ends_of_windows(golden_registry: Path, git: Git, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git("clone", "--quiet", "--config=core.autocrlf=true", str(golden_registry), str(clone), cwd=tmp_path)
    assert b"\r\n" in (clone / SENSOR).read_bytes()
    assert contents(make_export(clone)) == contents(make_export(golden_registry))


def test_a_commit_gives_what_the_working_tree_gave_then(golden_registry: Path, git: Git) -> None:
    then = contents(make_export(golden_registry))
    commit = git("rev-parse", "HEAD").strip()
    sensor = golden_registry / SENSOR
    sensor.write_text(sensor.read_text("utf-8").replace("status: active", "status: faulty"), "utf-8")
    git("commit", "--quiet", "--all", "--message=fault")
    assert b"faulty" in contents(make_export(golden_registry))["equipment.csv"]
    assert contents(make_export(golden_registry, at=commit)) == then
    assert make_export(golden_registry, at="2024-06-01").commit == git("rev-parse", "HEAD").strip()


def test_the_reference_date_is_the_commits_own_day(golden_registry: Path) -> None:
    package = json.loads(contents(make_export(golden_registry))["datapackage.json"])
    assert package["smartreg"]["reference_date"] == "2024-06-01"


@pytest.mark.parametrize("how", ["changed", "new", "gone", "hidden", "ignored"])
def test_a_state_that_is_no_commit_names_none(golden_registry: Path, git: Git, how: str) -> None:
    sensor = golden_registry / SENSOR
    if how == "hidden":
        git("update-index", "--assume-unchanged", SENSOR)
    if how == "ignored":
        (golden_registry / ".git/info/exclude").write_text("notes.yaml\n")
    if how in ("changed", "hidden"):
        sensor.write_text(sensor.read_text("utf-8").replace("status: active", "status: faulty"), "utf-8")
    elif how == "gone":
        sensor.unlink()
    else:
        (golden_registry / "registry/parties/notes.yaml").write_text("id: notes\nname: N\ncategory: private\n")
    exported = make_export(golden_registry)
    assert exported.commit is None
    assert json.loads(contents(exported)["datapackage.json"])["smartreg"]["commit"] is None


def test_files_outside_of_the_registry_change_nothing(golden_registry: Path) -> None:
    before = contents(make_export(golden_registry))
    write_files(make_export(golden_registry), Output(golden_registry / "exports", None))
    (golden_registry / "README.md").write_text("changed")
    assert contents(make_export(golden_registry)) == before


# -- other readers -----------------------------------------------------------------------------------------------


def test_frictionless_accepts_the_package(
    golden_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the dialect that differs most; of the standard one, the next test sees a single fault."""
    import frictionless  # here, since each worker reads every module of tests

    write_files(
        make_export(golden_registry, dialect="excel-fr", lang="fr", all_tables=True), Output(tmp_path / "out", None)
    )
    monkeypatch.chdir(tmp_path / "out")
    report = frictionless.validate("datapackage.json")
    assert report.valid, report.flatten(["title", "message"])
    assert report.stats["tasks"] == len(list((tmp_path / "out").glob("*.csv")))
    resource: Any = frictionless.Package("datapackage.json").get_resource("supports")
    (row,) = resource.read_rows()
    assert [str(value) for value in list(row.to_dict().values())[-2:]] == ["4.987471", "43.5"]


def test_frictionless_sees_a_broken_key(golden_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import frictionless

    (golden_registry / "registry/use-cases/waste.yaml").unlink()
    write_files(make_export(golden_registry, "equipment", "use_case"), Output(tmp_path / "out", None))
    monkeypatch.chdir(tmp_path / "out")
    report = frictionless.validate("datapackage.json")
    assert report.flatten(["type"]) == [["foreign-key"]]


@pytest.mark.parametrize(("dialect", "lang"), FOUR)
def test_the_csv_module_reads_the_table_again(golden_registry: Path, dialect: str, lang: Language) -> None:
    workspace = open_workspace(golden_registry)
    files = contents(make_export(golden_registry, dialect=dialect, lang=lang))
    for table in tables(workspace.current, list(workspace.current.schemas.kinds.values())):
        head, *rows = read(files[f"{table.name}.csv"], dialect)
        assert head == [column.title(lang) for column in table.columns]
        assert rows == [[as_text(value, dialect) for value in row] for row in table.rows()]


def read(content: bytes, dialect: str) -> list[list[str]]:
    """The rows of a file, each cell without the apostrophe that makes it inert."""
    text = content.decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=DIALECTS[dialect].delimiter, strict=True)
    return [[cell.removeprefix("'") for cell in row] for row in reader]


def as_text(value: object, dialect: str) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return str(float(f"{value:.6f}")).removesuffix(".0").replace(".", DIALECTS[dialect].decimal)
    return str(value)


@pytest.mark.promise("R11")
def test_no_cell_acts_but_numbers_and_telephones(golden_registry: Path) -> None:
    acting = []
    for name, content in contents(make_export(golden_registry)).items():
        if name.endswith(".csv"):
            cells = (cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row)
            acting += [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@\uff1d") and cell]
    assert sorted(acting) == ["+33 4 91 55 11 11", "-12.5", "-3.25", "-4.5"]


def test_types_for_gdal_and_duckdb(golden_registry: Path) -> None:
    files = contents(make_export(golden_registry, "support"))
    types = dict(
        zip(*read(files["supports.csv"], "standard")[:1], *read(files["supports.csvt"], "standard"), strict=True)
    )
    assert {name: types[name] for name in ("insee_code", "height_m", "max_devices", "lon", "lat")} == {
        "insee_code": "String",
        "height_m": "Real",
        "max_devices": "Integer64",
        "lon": "CoordX",
        "lat": "CoordY",
    }
    assert "'insee_code': 'VARCHAR'" in files["load.sql"].decode()


# -- which tables ------------------------------------------------------------------------------------------------


def test_one_kind_with_its_lists(golden_registry: Path) -> None:
    assert [name for name in contents(make_export(golden_registry, "deliberations")) if name.endswith(".csv")] == [
        "deliberations.csv",
        "deliberations_cites.csv",
        "deliberations_amends.csv",
    ]


def test_cover_comes_with_equipment_and_flows(golden_registry: Path, tmp_path: Path) -> None:
    """It is about the requested records, on the day of the commit; as CSV by itself with --columns; with labels in
    words."""

    def cover(*kinds: str, at: str | None = None) -> list[tuple[Any, ...]]:
        (book,) = contents(make_export(golden_registry, *kinds, form="sqlite", at=at)).values()
        (tmp_path / "book.sqlite").write_bytes(book)
        with closing(sqlite3.connect(tmp_path / "book.sqlite")) as connection:
            return connection.execute("SELECT * FROM coverage").fetchall()

    for kinds in ((), ("equipment", "flow")):
        assert ("flow", "noise", 2, "data", "metropole", "association") in [row[:6] for row in cover(*kinds)]
    assert "coverage.csv" not in contents(make_export(golden_registry))
    with pytest.raises(sqlite3.OperationalError):
        cover("equipment", "convention")
    sensors = contents(make_export(golden_registry, where=["use_cases=noise"], columns=["coverage"], labels="fr"))
    tables = {name: content.decode() for name, content in sensors.items() if name.endswith(".csv")}
    assert tables["coverage.csv"].splitlines()[1] == (
        "equipment,istres-noise-1,1,installation réciproque,metropole,istres,istres-ep-1,couvert,istres"
        ",2023-12-01,2030-12-31,,"
    )
    assert not any(name.startswith("equipment_") for name in tables)
    before = cover("equipment", "flow", at="HEAD")
    convention = golden_registry / "registry/conventions/istres.yaml"
    convention.write_text(re.sub("status: .*", "status: draft", convention.read_text("utf-8")), "utf-8")
    assert cover()[0][6:] == ("istres-ep-1", "uncovered", None, None, None, "not_signed", "istres")
    assert cover("equipment", "flow", at="HEAD") == before


def test_lists_without_a_row_are_left_out_unless_asked_for(golden_registry: Path, tmp_path: Path) -> None:
    write_files(make_export(golden_registry), Output(tmp_path, None))
    assert (tmp_path / EVENTS).is_file()
    sensor = golden_registry / SENSOR
    sensor.write_text(sensor.read_text("utf-8").partition("events:")[0], "utf-8")
    assert EVENTS in contents(make_export(golden_registry, all_tables=True))
    assert EVENTS not in contents(make_export(golden_registry))
    (tmp_path / "own.csv").write_text("mine")
    write_files(make_export(golden_registry), Output(tmp_path, None))
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {
        *contents(make_export(golden_registry)),
        "own.csv",
    }


def test_a_kind_without_a_record_has_its_table(golden_registry: Path) -> None:
    (golden_registry / "registry/flows/noise.yaml").unlink()
    assert contents(make_export(golden_registry, "flow"))["flows.csv"].count(b"\n") == 1


def test_an_unreadable_record_is_reported(golden_registry: Path) -> None:
    (golden_registry / SENSOR).write_text("id: [")
    exported = make_export(golden_registry, "equipment", "party")
    assert exported.unreadable == (SENSOR,)
    assert b"istres-noise-0" in contents(exported)["equipment.csv"]
    assert json.loads(contents(exported)["datapackage.json"])["smartreg"]["unreadable"] == [SENSOR]
    assert make_export(golden_registry, "party").unreadable == ()
    assert listing(open_workspace(golden_registry), "equipment").unreadable == (SENSOR,)
    assert listing(open_workspace(golden_registry), "party").unreadable == ()


def test_tables_of_a_wider_export_are_named(golden_registry: Path, tmp_path: Path) -> None:
    write_files(make_export(golden_registry), Output(tmp_path / "out", None))
    narrow = make_export(golden_registry, "party")
    assert "supports.csv" in others_in(narrow, tmp_path / "out")
    assert "parties.csv" not in others_in(narrow, tmp_path / "out")


@pytest.mark.parametrize(
    ("kinds", "options"), [(["sensr"], {}), ([], {"dialect": "excel"}), ([], {"form": "xls"}), ([], {"at": "nowhere"})]
)
def test_unknown_words(golden_registry: Path, kinds: list[str], options: dict[str, str]) -> None:
    with pytest.raises(UsageFault):
        make_export(golden_registry, *kinds, **options)


# -- destinations ------------------------------------------------------------------------------------------------


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    return ((path.name, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_no_folder_can_be_there(golden_registry: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StateFault):
        write_files(make_export(golden_registry), Output(tmp_path / place, None))
    assert dict(everything(tmp_path))["file"] == b"mine"


def test_nothing_is_written_where_one_file_cannot_be(golden_registry: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    write_files(make_export(golden_registry), Output(target, None))
    (target / "use_cases.csv").unlink()
    (target / "use_cases.csv").mkdir()
    (target / "use_cases.csv" / "mine").write_text("mine")
    before = list(everything(target))
    with pytest.raises(StateFault):
        write_files(make_export(golden_registry, dialect="excel-fr"), Output(target, None))
    assert list(everything(target)) == before
    assert not [path.name for path in target.iterdir() if path.name.startswith(".")]


def test_folders_made_for_nothing_go_away(golden_registry: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(StateFault):
        write_files(make_export(golden_registry), Output(tmp_path / "out" / "new" / ("n" * 300), None))
    assert list((tmp_path / "out").iterdir()) == []


def test_links_and_pipes_stay_and_permissions_too(golden_registry: Path, tmp_path: Path) -> None:
    target, real = tmp_path / "out", tmp_path / "real.csv"
    target.mkdir()
    real.write_text("old")
    (target / "parties.csv").symlink_to(real)
    (target / "flows.csv").write_text("old")
    (target / "flows.csv").chmod(0o640)
    exported = make_export(golden_registry)
    write_files(exported, Output(target, None))
    assert (target / "parties.csv").is_symlink()
    assert real.read_bytes() == contents(exported)["parties.csv"]
    assert stat.S_IMODE((target / "flows.csv").stat().st_mode) == 0o640


# -- the command -------------------------------------------------------------------------------------------------


def test_stdout_is_the_file(golden_registry: Path) -> None:
    done = smartreg("export", "support", "--dialect", "excel-fr", "--lang", "fr", cwd=golden_registry)
    assert (
        done.stdout == contents(make_export(golden_registry, "support", dialect="excel-fr", lang="fr"))["supports.csv"]
    )


def test_the_locale_does_not_choose_the_headings(golden_registry: Path) -> None:
    plain = smartreg("export", "support", cwd=golden_registry)
    french = smartreg("export", "support", cwd=golden_registry, LC_ALL="fr_FR.UTF-8")
    assert (
        plain.stdout == french.stdout != smartreg("export", "support", cwd=golden_registry, SMARTREG_LANG="fr").stdout
    )
