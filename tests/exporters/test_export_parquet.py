"""Parquet: what DuckDB reads back, what makes it GeoParquet, and registries as partitions of one data set."""

from __future__ import annotations

import ctypes
import json
import os
import re
import struct
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Git
from exports import contents, make_export, smartreg

from smartreg.commands.choice import ExportOptions, choose
from smartreg.commands.export import write_files
from smartreg.core.errors import StateFault, UsageFault
from smartreg.workspace.output import Output
from smartreg.workspace.workspace import open_workspace

TOP = "registry=golden-registry"


def write_export(root: Path, folder: Path, *kinds: str, **wanted: Any) -> Path:
    write_files(make_export(root, *kinds, form="parquet", **wanted), Output(folder, None))
    return folder


def words(file: Path) -> dict[str, Any]:
    """The keys of a file's metadata."""
    found = duckdb.execute(f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{file}')").fetchall()
    return {name: json.loads(text) for name, text in found}


@pytest.fixture(scope="module")
def golden(golden_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table of the golden registry, for tests that only read them: forty files take a fifth of a second."""
    return write_export(golden_base, tmp_path_factory.mktemp("golden") / "out")


# -- values and types --------------------------------------------------------------------------------------------


def test_every_table_has_its_rows(golden: Path, golden_base: Path) -> None:
    workspace = open_workspace(golden_base)
    found = {table.name: table for table in choose(workspace, workspace.current, ExportOptions())[0].tables}
    assert {path.stem for path in golden.iterdir()} == found.keys()
    for name, table in found.items():
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        rows = duckdb.execute(f"SELECT {names} FROM read_parquet('{golden / name}.parquet')").fetchall()
        assert [[as_json(value) for value in row] for row in rows] == [
            [as_json(value) for value in row] for row in table.rows()
        ]


def as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def test_text_stays_text_and_days_are_days(golden: Path) -> None:
    described = duckdb.execute(f"DESCRIBE FROM read_parquet('{golden}/supports.parquet')").fetchall()
    types = {name: kind for name, kind, *_ in described}
    assert (types["insee_code"], types["local_ref"], types["capacity_checked_on"]) == ("VARCHAR", "VARCHAR", "DATE")
    assert (types["max_devices"], types["max_load_kg"], types["height_m"]) == ("BIGINT", "DOUBLE", "DOUBLE")
    row = duckdb.execute(f"SELECT insee_code, local_ref FROM read_parquet('{golden}/supports.parquet')").fetchone()
    assert row == ("13047", "-12.5")
    (eui,) = duckdb.execute(
        f"SELECT dev_eui FROM read_parquet('{golden}/equipment.parquet') WHERE dev_eui > ''"
    ).fetchall()
    assert eui == ("70B3D57ED0061234",)


def test_a_column_with_what_is_no_day_is_text(golden_registry: Path, tmp_path: Path) -> None:
    flow = golden_registry / "registry/flows/noise.yaml"
    flow.write_text(flow.read_text("utf-8").replace('"2024-03-12"', '"2024-02-30"'), "utf-8")
    folder = write_export(golden_registry, tmp_path / "out", "flow")
    rows = duckdb.execute(f"SELECT started_on, personal_data FROM read_parquet('{folder}/flows.parquet')").fetchall()
    assert rows == [("2024-02-30", True)]


def test_the_origin_is_a_key_of_the_metadata(golden: Path, golden_base: Path) -> None:
    source = json.loads(contents(make_export(golden_base, form="json"))["registry.json"])["source"]
    origins = [words(file)["smartreg"] for file in golden.iterdir()]
    assert origins == [{"version": 1, **source}] * len(origins)


# -- GeoParquet --------------------------------------------------------------------------------------------------


EDGES = ("xmin", "ymin", "xmax", "ymax")
COVERING = {"bbox": {edge: ["bbox", edge] for edge in EDGES}}


def test_points_are_geoparquet(golden: Path) -> None:
    column = {"encoding": "WKB", "geometry_types": ["Point"], "bbox": [4.987471, 43.5, 4.987471, 43.5],
              "covering": COVERING}  # fmt: skip
    metadata = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    assert words(golden / "equipment.parquet")["geo"] == metadata
    sql = f"SELECT id, geometry FROM read_parquet('{golden}/equipment.parquet')"
    ((first, none), (second, point)) = duckdb.execute(sql).fetchall()  # DuckDB knows them for points by the metadata
    assert (first, none, second) == ("istres-noise-0", None, "istres-noise-1")  # mobile
    assert point == struct.pack("<BIdd", 1, 1, 4.987471, 43.5)
    assert "geo" not in words(golden / "parties.parquet")


def test_no_point_at_all_is_geoparquet_too(golden_registry: Path, tmp_path: Path) -> None:
    folder = write_export(golden_registry, tmp_path / "out", "equipment", where=["id=istres-noise-0"])
    geo = words(folder / "equipment.parquet")["geo"]
    assert geo["columns"]["geometry"] == {"encoding": "WKB", "geometry_types": [], "covering": COVERING}


def test_a_covering_says_where_each_row_and_row_group_is(golden: Path) -> None:
    """GeoParquet 1.1: a struct of four doubles, null where there is no point, with statistics in every row group."""
    file = golden / "equipment.parquet"
    rows = duckdb.execute(f"SELECT bbox, geometry IS NULL FROM read_parquet('{file}')").fetchall()
    assert rows == [(None, True), (dict(zip(EDGES, (4.987471, 43.5) * 2, strict=True)), False)]
    described = {name: kind for name, kind, *_ in duckdb.execute(f"DESCRIBE FROM read_parquet('{file}')").fetchall()}
    assert described["bbox"] == f"STRUCT({', '.join(f'{edge} DOUBLE' for edge in EDGES)})"
    statistics = duckdb.execute(
        f"SELECT path_in_schema, stats_min_value, stats_max_value FROM parquet_metadata('{file}') "
        "WHERE path_in_schema LIKE 'bbox%'"
    ).fetchall()
    edges = dict(zip(EDGES, ("4.987471", "43.5") * 2, strict=True))
    assert statistics == [(f"bbox, {edge}", edges[edge], edges[edge]) for edge in EDGES]


# -- what can go wrong -------------------------------------------------------------------------------------------


def test_without_duckdb(golden_registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageFault) as fault:
        make_export(golden_registry, form="parquet")
    assert fault.value.hint is not None
    assert re.search(r'(pip install|--python \S+) "duckdb>=[\d.]+"$', fault.value.hint.in_("en"))


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
def test_a_data_set_that_cannot_be_asked_for(golden_registry: Path, words_: list[str], expected: bytes) -> None:
    done = smartreg("export", *words_, cwd=golden_registry)
    assert (done.returncode, done.stdout) == (2, b"")
    assert expected in done.stderr
    assert not (golden_registry / "out").exists()
    assert not (golden_registry / "out.parquet").exists()


def test_a_registry_without_a_name_is_no_partition(golden_registry: Path) -> None:
    (golden_registry / "smartreg.toml").write_text("")
    with pytest.raises(UsageFault, match="name"):
        make_export(golden_registry, form="parquet", partitioned=True)


# -- partitions --------------------------------------------------------------------------------------------------


def test_several_registries_under_one_root(golden_registry: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert smartreg("export", "--all", "-f", "parquet", "-o", str(root), cwd=golden_registry).returncode == 0
    (golden_registry / "smartreg.toml").write_text('name = "Autre"\n')
    assert smartreg("export", "--all", "-f", "parquet", "-o", str(root), cwd=golden_registry).returncode == 0
    found = f"read_parquet('{root}/registry=*/kind=parties/*.parquet')"
    sql = f"SELECT registry, kind, count(*) FROM {found} GROUP BY ALL ORDER BY ALL"
    assert duckdb.execute(sql).fetchall() == [("autre", "parties", 3), ("golden-registry", "parties", 3)]


def test_a_column_gives_way_to_the_partition(golden_registry: Path, tmp_path: Path) -> None:
    root = write_export(golden_registry, tmp_path / "root", partitioned=True)
    sql = f"SELECT kind, kind_2 FROM read_parquet('{root}/*/kind=equipment_events/*.parquet', hive_partitioning = true)"
    found = duckdb.execute(sql).fetchall()
    assert found == [("equipment_events", "installation"), ("equipment_events", "fault")]


def test_a_partition_is_replaced_as_a_whole_and_only_with_force(golden_registry: Path, tmp_path: Path) -> None:
    root = write_export(golden_registry, tmp_path / "root", partitioned=True)
    stale = root / TOP / "kind=gone" / "data.parquet"
    stale.parent.mkdir()
    stale.write_text("old")
    other = root / "registry=other"
    other.mkdir()
    words_ = ["export", "--all", "-f", "parquet", "-o", str(root)]
    refused = smartreg(*words_, cwd=golden_registry)
    assert (refused.returncode, stale.exists()) == (2, True)
    assert b"--force" in refused.stderr
    done = smartreg(*words_, "--force", cwd=golden_registry)
    assert (done.returncode, stale.exists(), other.is_dir()) == (0, False, True), done.stderr
    assert {path.name for path in root.iterdir()} == {TOP, "registry=other"}
    before = contents(make_export(golden_registry, form="parquet", partitioned=True))
    assert {name: (root / name).read_bytes() for name in before} == before


def test_readers_see_the_old_or_the_new_partition(golden_registry: Path, tmp_path: Path) -> None:
    exported = make_export(golden_registry, form="parquet", partitioned=True)
    root = tmp_path / "root"
    write_files(exported, Output(root, None))
    names, stop, missing = sorted(contents(exported)), threading.Event(), 0

    def look() -> None:
        nonlocal missing
        while not stop.is_set():
            missing += sum(not (root / name).exists() for name in names)
            time.sleep(0.0005)  # a look takes a third of that: it leaves the processor to the writer

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(4):
        write_files(exported, Output(root, None))
    stop.set()
    reader.join()
    assert missing == 0


def test_where_folders_cannot_be_exchanged(
    golden_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_library(*_arguments: object, **_options: object) -> object:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    root = write_export(golden_registry, tmp_path / "root", partitioned=True)
    (root / TOP / "kind=gone").mkdir()
    write_export(golden_registry, root, partitioned=True)
    assert not (root / TOP / "kind=gone").exists()
    assert os.listdir(root) == [TOP]


def test_what_cannot_be_written_leaves_the_old_partition(golden_registry: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / TOP).write_text("a file where a folder should be")
    target = root / TOP / "deeper"
    with pytest.raises(StateFault):
        write_files(make_export(golden_registry, form="parquet", partitioned=True), Output(target, None))
    assert (root / TOP).read_text() == "a file where a folder should be"
    assert os.listdir(root) == [TOP]


# -- whose data a destination holds ------------------------------------------------------------------------------


WHO = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")


def another(root: Path, git: Git, *, siren: str = "243300316", name: str = "Golden registry") -> Path:
    """A registry that somebody else keeps under the same name."""
    root.mkdir()
    (root / "smartreg.toml").write_text(f'name = "{name}"\nmetropole = "bordeaux"\n', "utf-8")
    party = root / "registry/parties/bordeaux.yaml"
    party.parent.mkdir(parents=True)
    party.write_text(f'id: bordeaux\nname: Bordeaux\ncategory: metropole\nsiren: "{siren}"\n', "utf-8")
    git("init", "--quiet", cwd=root)
    git("add", "--all", cwd=root)
    git(*WHO, "commit", "--quiet", "--message=other", cwd=root)
    return root


def digests(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_partition_of_another_registry_of_the_same_name_is_never_replaced(tmp_path: Path, git: Git) -> None:
    ours, root = another(tmp_path / "ours", git, siren="200054807"), tmp_path / "root"
    words_ = ("export", "--all", "-f", "parquet", "-o", str(root), "--force")
    assert smartreg(*words_, cwd=ours).returncode == 0
    before = digests(root)
    refused = smartreg(*words_, cwd=another(tmp_path / "other", git))
    assert refused.returncode == 2
    assert b"another registry" in refused.stderr
    assert digests(root) == before
    # Our own is replaced: of another commit, with changes that no commit holds, from a shallow clone.
    (ours / "registry/parties/new.yaml").write_text("id: new\nname: Neue\ncategory: private\n", "utf-8")
    assert [smartreg(*words_, cwd=ours).returncode for _ in range(2)] == [0, 0]
    git("add", "--all", cwd=ours)
    git(*WHO, "commit", "--quiet", "--message=more", cwd=ours)
    assert smartreg(*words_, cwd=ours).returncode == 0
    git(*WHO, "commit", "--quiet", "--allow-empty", "--message=still more", cwd=ours)
    shallow = tmp_path / "shallow"
    git("clone", "--quiet", "--depth=1", f"file://{ours}", str(shallow), cwd=tmp_path)
    done = smartreg(*words_, cwd=shallow)
    assert done.returncode == 0, done.stderr


def test_a_partition_that_says_nothing_of_its_registry_is_refused(
    golden_registry: Path, tmp_path: Path, git: Git
) -> None:
    """Written by hand or by another program. One of an earlier version states no SIREN, but its commit: it is known by
    that, if this clone has it."""
    root = tmp_path / "root"
    file = root / TOP / "kind=equipment" / "data.parquet"
    file.parent.mkdir(parents=True)
    duckdb.execute(f"COPY (SELECT 1 AS id) TO '{file}' (FORMAT parquet)")
    words_ = ("export", "--all", "-f", "parquet", "-o", str(root), "--force")
    refused = smartreg(*words_, cwd=golden_registry)
    assert (refused.returncode, b"does not say which registry" in refused.stderr) == (2, True)
    source = json.dumps(
        {"version": 1, **json.loads(contents(make_export(golden_registry, form="json"))["registry.json"])["source"]}
    )
    duckdb.execute(f"COPY (SELECT 1 AS id) TO '{file}' (FORMAT parquet, KV_METADATA {{smartreg: '{source}'}})")
    # Nor does one of changes that no commit holds, where the party of the registry has no SIREN.
    bare = another(tmp_path / "bare", git, name="Bare")
    party = bare / "registry/parties/bordeaux.yaml"
    party.write_text(re.sub("siren.*\n", "", party.read_text("utf-8")), "utf-8")
    assert smartreg(*words_, cwd=bare).returncode == 0
    refused = smartreg(*words_, cwd=bare)
    assert (refused.returncode, b"does not say which registry" in refused.stderr) == (2, True)
    assert b"another registry" not in refused.stderr
    assert "siren" not in source
    assert smartreg(*words_, cwd=another(tmp_path / "other", git)).returncode == 2
    assert smartreg(*words_, cwd=golden_registry).returncode == 0


@pytest.mark.parametrize(
    ("command", "target"),
    [
        (("export", "parties", "-f", "csv"), "out/"),
        (("export", "-f", "geojson"), "out/"),
        (("export", "parties", "-f", "parquet"), "out/"),
        (("export",), "registry.xlsx"),
        (("export",), "registry.json"),
        (("export",), "registry.gpkg"),
        (("export", "-f", "ngsi-ld"), "entities.jsonld"),
        (("report", "-f", "csv"), "bilan/"),
        (("report",), "bilan.md"),
        (("report",), "bilan.json"),
        (("report",), "bilan.html"),
    ],
)
def test_no_file_of_another_registry_is_replaced(
    golden_registry: Path, tmp_path: Path, git: Git, command: tuple[str, ...], target: str
) -> None:
    """Whatever the format, and with --force; whoever exported it may do so again, and may replace any other file."""
    other = another(tmp_path / "other", git, name="Other")
    words_ = (*command, "-o", f"{tmp_path}/{target}", "--force")
    for _ in range(2):
        done = smartreg(*words_, cwd=golden_registry)
        assert done.returncode == 0, done.stderr
    before = digests(tmp_path / "out") if target == "out/" else {target: b""}
    refused = smartreg(*words_, cwd=other)
    assert (refused.returncode, b"another registry" in refused.stderr) == (2, True), refused.stderr
    assert not target.startswith("out/") or digests(tmp_path / "out") == before
