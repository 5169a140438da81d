"""`import smartreg`: what it offers to analysts, its failures, and the example of the documentation."""

from __future__ import annotations

import csv
import gc
import importlib.util
import io
import json
import os
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Git
from exports import contents, make_export
from program import start
from verdicts import ON

import smartreg

DOCS = Path(__file__).parents[2] / "docs"
SENSOR = "registry/equipment/istres-noise-1.yaml"
HAVE_PANDAS = importlib.util.find_spec("pandas") is not None and importlib.util.find_spec("pyarrow") is not None


@pytest.fixture
def root(golden_registry: Path) -> Path:
    return golden_registry


def test_records_and_rows_are_those_of_the_exports(root: Path) -> None:
    registry = smartreg.open(root / "registry")
    exported = json.loads(contents(make_export(root, form="json"))["registry.json"])["records"]
    for kind in ("party", "equipment", "use_case"):
        assert registry.records(kind) == [item["data"] for item in exported if item["kind"] == kind]
    files = contents(make_export(root, all_tables=True))
    files |= {"coverage.csv": contents(make_export(root, columns=["coverage"]))["coverage.csv"]}
    assert {f"{table}.csv" for table in registry.tables} == {name for name in files if name.endswith(".csv")}
    for table in ("equipment", "equipment_measures", "convention_versions", "coverage"):
        heading, *lines = csv.reader(io.StringIO(files[f"{table}.csv"].decode()))
        rows = registry.rows(table)
        assert [list(row) for row in rows] == [heading] * len(lines)
    sensors = registry.rows("sensors")
    assert sensors == [row for row in registry.rows("equipment") if row["type"] == "sensor"]
    assert [row["id"] for row in sensors] == [record["id"] for record in registry.records("sensors")]
    assert registry.rows("support") == registry.rows("supports")


def test_what_is_changed_in_values_changes_nothing_and_each_call_reads_the_files_anew(root: Path, git: Git) -> None:
    registry, fixed = smartreg.open(root), smartreg.open(root, at="HEAD")
    before = registry.records("equipment")
    before[0]["type"] = "changed"
    assert registry.records("equipment")[0]["type"] != "changed"
    git("rm", "--quiet", SENSOR)
    git("commit", "--quiet", "--message=gone")
    ask = "SELECT id FROM equipment WHERE id = 'istres-noise-1'"
    assert (registry.query(ask), fixed.query(ask)) == ([], [{"id": "istres-noise-1"}])
    assert len(fixed.records("equipment")) == len(before) == len(registry.rows("equipment")) + 1
    assert smartreg.open(root, at="HEAD~1").validate(ON) == fixed.validate(ON)
    day = date.fromisoformat(git("log", "-1", "--format=%cs").strip())
    assert smartreg.open(root, at=day) == smartreg.open(root, at=day.isoformat())


def test_findings_are_plain_values_in_the_language_asked_for(root: Path) -> None:
    (root / SENSOR).write_text((root / SENSOR).read_text().replace("support: ", "support: no-"))
    found = smartreg.open(root, lang="fr").validate(date(2026, 1, 15))
    (broken,) = [one for one in found if (one["code"], one["file"], one["path"]) == ("REF201", SENSOR, "support")]
    assert (broken["severity"], broken["line"] > 1) == ("error", True)
    assert "n'existe pas" in broken["message"]
    assert (broken["kind"], broken["id"]) == ("equipment", "istres-noise-1")
    assert json.loads(json.dumps(found)) == found


def test_figures_history_and_differences_are_those_of_the_commands(root: Path, git: Git) -> None:
    git("rm", "--quiet", SENSOR)
    git("commit", "--quiet", "--message=gone")
    registry = smartreg.open(root)
    (change,) = registry.diff("HEAD~1")["changes"]
    assert change["record"] == "equipment/istres-noise-1"
    assert registry.diff("HEAD~1", "HEAD")["changes"] == [change]
    assert smartreg.open(root, at="HEAD~1").diff("HEAD~1")["changes"] == []
    latest = registry.history()[0]
    assert (latest["op"], latest["id"], latest["subject"]) == ("remove", "istres-noise-1", "gone")
    told = json.loads(start("report", "-f", "json", cwd=root).stdout)
    assert registry.figures() == told["figures"]


def test_a_record_that_cannot_be_read_is_left_out_with_a_warning(root: Path) -> None:
    registry = smartreg.open(root)
    number = len(registry.records("equipment"))
    (root / SENSOR).write_text("id: [")
    with pytest.warns(UserWarning, match=SENSOR):
        assert len(registry.records("equipment")) == number - 1


def test_failures_have_the_words_of_the_commands(root: Path, tmp_path: Path) -> None:
    registry = smartreg.open(root, lang="fr")
    with pytest.raises(
        smartreg.UsageFault, match=r"pas de type « equipmnt »[^\n]*\nvouliez-vous dire « equipment »"
    ) as caught:
        registry.records("equipmnt")
    assert (caught.value.exit_code, isinstance(caught.value, smartreg.SmartregError)) == (2, True)
    with pytest.raises(
        smartreg.UsageFault, match=r"pas de table « equipment_mesures »\nvouliez-vous .*equipment_measures"
    ):
        registry.rows("equipment_mesures")
    with pytest.raises(
        smartreg.UsageFault, match=r'est une table, pas un type\nses lignes : rows\("equipment_measures"'
    ):
        registry.records("equipment_measures")
    with pytest.raises(smartreg.UsageFault, match="n'accepte que SELECT"):
        registry.query("DELETE FROM equipment")
    with pytest.raises(smartreg.UsageFault, match='"nowhere" names no commit'):
        smartreg.open(root, at="nowhere")
    with pytest.raises(smartreg.StateFault, match=r"this is not a registry\n.*smartreg init"):
        smartreg.open(tmp_path)


def test_a_missing_library_is_named_with_its_extra(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pandas", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    for read in (smartreg.open(root).to_arrow, smartreg.open(root).to_pandas):
        with pytest.raises(smartreg.UsageFault, match=r'is not installed\n\S+ .*"pandas>=\S+" "pyarrow>='):
            read("equipment")


@pytest.mark.skipif(not HAVE_PANDAS, reason="needs the extra pandas")
def test_tables_have_types(root: Path) -> None:
    registry = smartreg.open(root)
    assert all(registry.to_arrow(name).num_columns for name in registry.tables)
    table = registry.to_arrow("equipment")
    kinds = {field.name: str(field.type) for field in table.schema}
    wanted = {"id": "string", "installed_on": "date32[day]", "lon": "double", "calibration_period_months": "int64"}
    assert wanted.items() <= kinds.items()
    assert json.loads(table.schema.metadata[b"smartreg"])["commit"]
    frame = registry.to_pandas("equipment")
    assert list(frame.columns) == list(registry.rows("equipment")[0])
    assert str(frame["installed_on"].dtype).startswith("datetime64")


def test_the_example_runs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    book = json.loads((DOCS / "example.ipynb").read_text("utf-8"))
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 6
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    known: dict[str, Any] = {}
    for cell in cells:
        text = "".join(cell["source"])
        if HAVE_PANDAS or not re.search("pandas|frame", text):
            exec(compile(text, "example.ipynb", "exec"), known)
    assert known["sensors"]


def test_the_page_names_all_that_is_offered() -> None:
    page = (DOCS / "python.md").read_text("utf-8")
    offered = [name for name in dir(smartreg) if not name.startswith("_") and name != "ReadOnlyRegistry"]
    methods = [name for name in vars(smartreg.ReadOnlyRegistry) if not name.startswith("_")]
    assert [name for name in offered if f"`smartreg.{name}" not in page] == []
    assert [name for name in methods if f"`registry.{name}" not in page] == []


def test_many_readings_leave_no_file_open(root: Path) -> None:
    def read() -> int:
        smartreg.open(root).validate(ON)
        smartreg.open(root, at="HEAD").rows("equipment")
        gc.collect()
        return len(os.listdir("/dev/fd"))

    read()  # opens what the process keeps
    before = read()
    assert [read(), read()] == [before, before]
