"""Parquet: what DuckDB reads back, what makes it GeoParquet, and registries as partitions of one data set."""

from __future__ import annotations

import ctypes
import json
import os
import re
import struct
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Git
from exports import commit_golden, contents, make_export, smartreg

from smartreg.commands.choice import export_tables_of
from smartreg.commands.export import write_files
from smartreg.commands.output import Output
from smartreg.commands.workspace import open_workspace
from smartreg.core.errors import StateFault, UsageFault

TOP = "registry=golden-registry"


@pytest.fixture
def registry(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    return commit_golden(git_repo, git, monkeypatch)


def write_export(root: Path, folder: Path, *kinds: str, **wanted: Any) -> Path:
    write_files(make_export(root, *kinds, form="parquet", **wanted), Output(folder, None))
    return folder


def words(file: Path) -> dict[str, Any]:
    """The keys of a file's metadata."""
    found = duckdb.execute(f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{file}')").fetchall()
    return {name: json.loads(text) for name, text in found}


# -- values and types --------------------------------------------------------------------------------------------


def test_every_table_has_its_rows(registry: Path, tmp_path: Path) -> None:
    folder = write_export(registry, tmp_path / "out")
    workspace = open_workspace(registry)
    found = {
        table.name: table
        for table in export_tables_of(workspace.current, list(workspace.current.schemas.kinds.values()))
    }
    assert {path.stem for path in folder.iterdir()} == found.keys()
    for name, table in found.items():
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        rows = duckdb.execute(f"SELECT {names} FROM read_parquet('{folder / name}.parquet')").fetchall()
        assert [[as_json(value) for value in row] for row in rows] == [
            [as_json(value) for value in row] for row in table.rows()
        ]


def as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def test_text_stays_text_and_days_are_days(registry: Path, tmp_path: Path) -> None:
    folder = write_export(registry, tmp_path / "out")
    described = duckdb.execute(f"DESCRIBE FROM read_parquet('{folder}/supports.parquet')").fetchall()
    types = {name: kind for name, kind, *_ in described}
    assert (types["insee_code"], types["local_ref"], types["capacity_checked_on"]) == ("VARCHAR", "VARCHAR", "DATE")
    assert (types["max_devices"], types["max_load_kg"], types["height_m"]) == ("BIGINT", "DOUBLE", "DOUBLE")
    row = duckdb.execute(f"SELECT insee_code, local_ref FROM read_parquet('{folder}/supports.parquet')").fetchone()
    assert row == ("13047", "-12.5")
    (eui,) = duckdb.execute(
        f"SELECT dev_eui FROM read_parquet('{folder}/equipment.parquet') WHERE dev_eui > ''"
    ).fetchall()
    assert eui == ("70B3D57ED0061234",)


def test_a_column_with_what_is_no_day_is_text(registry: Path, tmp_path: Path) -> None:
    flow = registry / "registry/flows/noise.yaml"
    flow.write_text(flow.read_text("utf-8").replace('"2024-03-12"', '"2024-02-30"'), "utf-8")
    folder = write_export(registry, tmp_path / "out", "flow")
    rows = duckdb.execute(f"SELECT started_on, personal_data FROM read_parquet('{folder}/flows.parquet')").fetchall()
    assert rows == [("2024-02-30", True)]


def test_the_origin_is_a_key_of_the_metadata(registry: Path, tmp_path: Path) -> None:
    folder = write_export(registry, tmp_path / "out")
    source = json.loads(contents(make_export(registry, form="json"))["registry.json"])["source"]
    assert [words(file)["smartreg"] for file in folder.iterdir()] == [{"version": 1, **source}] * len(
        list(folder.iterdir())
    )


# -- GeoParquet --------------------------------------------------------------------------------------------------


def test_points_are_geoparquet(registry: Path, tmp_path: Path) -> None:
    folder = write_export(registry, tmp_path / "out")
    column = {"encoding": "WKB", "geometry_types": ["Point"], "bbox": [4.987471, 43.5, 4.987471, 43.5]}
    metadata = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    assert words(folder / "equipment.parquet")["geo"] == metadata
    sql = f"SELECT id, geometry FROM read_parquet('{folder}/equipment.parquet')"
    ((first, none), (second, point)) = duckdb.execute(sql).fetchall()  # DuckDB knows them for points by the metadata
    assert (first, none, second) == ("istres-noise-0", None, "istres-noise-1")  # mobile
    assert point == struct.pack("<BIdd", 1, 1, 4.987471, 43.5)
    assert "geo" not in words(folder / "parties.parquet")


def test_no_point_at_all_is_geoparquet_too(registry: Path, tmp_path: Path) -> None:
    folder = write_export(registry, tmp_path / "out", "equipment", where=["id=istres-noise-0"])
    geo = words(folder / "equipment.parquet")["geo"]
    assert geo["columns"]["geometry"] == {"encoding": "WKB", "geometry_types": []}


# -- what can go wrong -------------------------------------------------------------------------------------------


def test_without_duckdb(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageFault) as fault:
        make_export(registry, form="parquet")
    assert fault.value.hint is not None
    assert re.search(r'(pip install|--python \S+) "duckdb>=[\d.]+"$', fault.value.hint.en)


@pytest.mark.parametrize(
    ("words_", "expected"),
    [
        (["-f", "csv", "--all", "-o", "out"], b"parquet"),
        (["-f", "parquet", "--all", "equipment", "-o", "out"], b"whole registry"),
        (["-f", "parquet", "--all", "--where", "status=active", "-o", "out"], b"whole registry"),
        (["-f", "parquet", "--all"], b"folder"),
        (["-f", "parquet", "--all", "-o", "out.parquet"], b"folder"),
    ],
)
def test_a_data_set_that_cannot_be_asked_for(registry: Path, words_: list[str], expected: bytes) -> None:
    done = smartreg("export", *words_, cwd=registry)
    assert (done.returncode, done.stdout) == (2, b"")
    assert expected in done.stderr
    assert not (registry / "out").exists()
    assert not (registry / "out.parquet").exists()


def test_a_registry_without_a_name_is_no_partition(registry: Path) -> None:
    (registry / "smartreg.toml").write_text("")
    with pytest.raises(UsageFault, match="name"):
        make_export(registry, form="parquet", partitioned=True)


# -- partitions --------------------------------------------------------------------------------------------------


def test_several_registries_under_one_root(registry: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert smartreg("export", "--all", "-f", "parquet", "-o", str(root), cwd=registry).returncode == 0
    (registry / "smartreg.toml").write_text('name = "Autre"\n')
    assert smartreg("export", "--all", "-f", "parquet", "-o", str(root), cwd=registry).returncode == 0
    found = f"read_parquet('{root}/registry=*/kind=parties/*.parquet')"
    sql = f"SELECT registry, kind, count(*) FROM {found} GROUP BY ALL ORDER BY ALL"
    assert duckdb.execute(sql).fetchall() == [("autre", "parties", 3), ("golden-registry", "parties", 3)]


def test_a_column_gives_way_to_the_partition(registry: Path, tmp_path: Path) -> None:
    root = write_export(registry, tmp_path / "root", partitioned=True)
    sql = f"SELECT kind, kind_2 FROM read_parquet('{root}/*/kind=equipment_events/*.parquet', hive_partitioning = true)"
    found = duckdb.execute(sql).fetchall()
    assert found == [("equipment_events", "installation"), ("equipment_events", "fault")]


def test_a_partition_is_replaced_as_a_whole_and_only_with_force(registry: Path, tmp_path: Path) -> None:
    root = write_export(registry, tmp_path / "root", partitioned=True)
    stale = root / TOP / "kind=gone" / "data.parquet"
    stale.parent.mkdir()
    stale.write_text("old")
    other = root / "registry=other"
    other.mkdir()
    words_ = ["export", "--all", "-f", "parquet", "-o", str(root)]
    refused = smartreg(*words_, cwd=registry)
    assert (refused.returncode, stale.exists()) == (2, True)
    assert b"--force" in refused.stderr
    done = smartreg(*words_, "--force", cwd=registry)
    assert (done.returncode, stale.exists(), other.is_dir()) == (0, False, True), done.stderr
    assert {path.name for path in root.iterdir()} == {TOP, "registry=other"}
    before = contents(make_export(registry, form="parquet", partitioned=True))
    assert {name: (root / name).read_bytes() for name in before} == before


def test_readers_see_the_old_or_the_new_partition(registry: Path, tmp_path: Path) -> None:
    exported = make_export(registry, form="parquet", partitioned=True)
    root = tmp_path / "root"
    write_files(exported, Output(root, None))
    names, stop, missing = sorted(contents(exported)), threading.Event(), 0

    def look() -> None:
        nonlocal missing
        while not stop.is_set():
            missing += sum(not (root / name).exists() for name in names)

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(30):
        write_files(exported, Output(root, None))
    stop.set()
    reader.join()
    assert missing == 0


def test_where_folders_cannot_be_exchanged(registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(*_arguments: object, **_options: object) -> object:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    root = write_export(registry, tmp_path / "root", partitioned=True)
    (root / TOP / "kind=gone").mkdir()
    write_export(registry, root, partitioned=True)
    assert not (root / TOP / "kind=gone").exists()
    assert os.listdir(root) == [TOP]


def test_what_cannot_be_written_leaves_the_old_partition(registry: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / TOP).write_text("a file where a folder should be")
    target = root / TOP / "deeper"
    with pytest.raises(StateFault):
        write_files(make_export(registry, form="parquet", partitioned=True), Output(target, None))
    assert (root / TOP).read_text() == "a file where a folder should be"
    assert os.listdir(root) == [TOP]
