"""Exports as xlsx, json, jsonl, geojson, gpkg and sqlite: golden files, and what other readers make of them.

`pytest --update` rewrites the golden files; the digest of the rules in them is taken out.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sqlite3
import struct
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from conftest import Git
from exports import GOLDEN, contents, make_export, smartreg
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from registries import registry_and_edit

from smartreg.cli.run import run
from smartreg.commands.choice import ExportOptions, choose
from smartreg.commands.export import write_files
from smartreg.core.errors import UsageFault
from smartreg.exporters import FORMATS, Chosen
from smartreg.registry import Registry, open_registry
from smartreg.tables import Table, tables
from smartreg.tables.records import may_be_placed
from smartreg.tables.view import view
from smartreg.trees import MemoryTree
from smartreg.workspace.output import Output
from smartreg.workspace.workspace import open_workspace

SENSOR = "registry/equipment/istres-noise-1.yaml"
MIDNIGHT = datetime.fromisoformat("2000-01-01")  # a workbook knows no zones
OTHERS = [name for name in FORMATS if name != "csv"]
ANY_KIND = [name for name in OTHERS if FORMATS[name].columns]  # the rest follow a standard, which knows some kinds
SHOWN = ("xlsx", "ods", "json", "jsonl", "geojson", "sqlite", "labels")


def only(exported: Any) -> bytes:
    (file,) = exported.files
    content: bytes = file.content
    return content


def tables_of(root: Path) -> dict[str, Table]:
    workspace = open_workspace(root)
    return {table.name: table for table in choose(workspace, workspace.current, ExportOptions())[0].tables}


def open_database(content: bytes) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.deserialize(content)
    return base


def sqlite_utils_database(content: bytes) -> Any:
    from sqlite_utils import Database  # here, since each worker reads every module of tests

    return Database(open_database(content))


# -- golden files ------------------------------------------------------------------------------------------------


def test_golden(golden_registry: Path, request: pytest.FixtureRequest) -> None:
    found = {name: text for form in SHOWN for name, text in as_text(golden_registry, form)}
    rules = json.loads(found["registry.json"])["source"]["rules"]
    for name, text in found.items():
        text = text.replace(rules, "<rules>")
        if request.config.getoption("--update"):
            (GOLDEN / name).write_text(text, "utf-8")
        assert text == (GOLDEN / name).read_text("utf-8"), f"{name}: if it is right, pytest {__file__} --update"


def as_text(root: Path, form: str) -> Iterator[tuple[str, str]]:
    """The files of an export as text: of a database its SQL, of a workbook its cells."""
    for name, content in contents(make_export(root, form=form, lang="fr" if form == "xlsx" else "en")).items():
        if form == "sqlite":
            yield f"{name}.sql", "".join(f"{line}\n" for line in open_database(content).iterdump())
        elif form == "xlsx":
            book = load_workbook(io.BytesIO(content))
            lines = [
                f"{sheet.title} {cell.coordinate} {cell.value!r}" for sheet in book for row in sheet for cell in row
            ]
            yield f"{name}.txt", "".join(f"{line}\n" for line in lines if not line.endswith(" None"))
        elif form == "ods":
            grids = FORMATS[form].tables(name, content)
            rows = (
                (grid.name, cells) for grid in grids for cells in (grid.headings, *(row.cells for row in grid.rows))
            )
            yield f"{name}.txt", "".join(f"{sheet} {list(cells)!r}\n" for sheet, cells in rows)
        else:
            yield name, content.decode()


def test_opendocument_keeps_lines_and_spaces(golden_registry: Path) -> None:
    """XML folds white space: a line is a paragraph, a run of spaces an element, as LibreOffice writes them."""
    path, text = golden_registry / "registry/parties/istres.yaml", "  two  lines\n and more "
    path.write_text(re.sub("notes: .*", lambda _: f"notes: {json.dumps(text)}", path.read_text("utf-8")), "utf-8")
    sheet, *_ = FORMATS["ods"].tables("registry.ods", only(make_export(golden_registry, "party", form="ods")))
    assert text in [cell for row in sheet.rows for cell in row.cells]


# -- the same commit, the same bytes -----------------------------------------------------------------------------


EXPORTS = """
import sys
from smartreg.cli.run import run
from smartreg.cli.streams import open_standard_streams
open_standard_streams()
sys.exit(max(run(["export", "-f", form, "-o", f"{form}/"]) for form in sys.argv[1:]))
"""


@pytest.mark.promise("R13")
def test_same_bytes_in_a_clone_elsewhere(golden_registry: Path, git: Git, tmp_path: Path) -> None:
    clone = tmp_path / "elsewhere" / "clone"
    git("clone", "--quiet", str(golden_registry), str(clone), cwd=tmp_path)
    environ = {"TZ": "Pacific/Kiritimati", "LC_ALL": "fr_FR.UTF-8", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", EXPORTS, *OTHERS],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(GOLDEN.parents[2]), **environ},
        capture_output=True,
        umask=0o077,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for form in OTHERS:
        assert {path.name: path.read_bytes() for path in (clone / form).iterdir()} == contents(
            make_export(golden_registry, form=form)
        ), form


@pytest.mark.parametrize("form", ["gpkg", "sqlite"])
def test_the_version_of_sqlite_leaves_no_trace(golden_registry: Path, form: str) -> None:
    content = only(make_export(golden_registry, form=form))
    number = sqlite3.sqlite_version_info
    assert int.from_bytes(content[96:100], "big") != number[0] * 1_000_000 + number[1] * 1000 + number[2]
    assert content[24:28] == content[92:96] == b"\0\0\0\1"


def test_every_format_states_the_same_origin(golden_registry: Path) -> None:
    exported = make_export(golden_registry, form="json")
    source = json.loads(only(exported))["source"]
    assert (source["commit"], source["reference_date"], source["audience"]) == (
        exported.commit,
        "2024-06-01",
        "internal",
    )
    book = load_workbook(io.BytesIO(only(make_export(golden_registry, form="xlsx"))))
    about = {row[0].value: row[1].value for row in book["about"]}
    assert about == {"version": "1", **source}
    assert {item.name.removeprefix("smartreg_"): item.value for item in book.custom_doc_props.props} == about
    assert book.properties.created == MIDNIGHT.replace(2024, 6, 1)
    base = open_database(only(make_export(golden_registry, form="sqlite")))
    assert dict(base.execute("SELECT * FROM smartreg_about").fetchall()) == about
    ((metadata,),) = (
        open_database(only(make_export(golden_registry, form="gpkg")))
        .execute("SELECT metadata FROM gpkg_metadata")
        .fetchall()
    )
    assert json.loads(metadata)["smartreg"] == {"version": 1, **source}
    features = contents(make_export(golden_registry, form="geojson"))["supports.geojson"]
    assert json.loads(features)["smartreg"].keys() == {"version", *source}


def test_the_digest_is_that_of_the_json_lines(golden_registry: Path) -> None:
    lines = only(make_export(golden_registry, "party", "flow", form="jsonl"))
    source = json.loads(only(make_export(golden_registry, "party", "flow", form="json")))["source"]
    assert source["digest"] == f"sha256:{hashlib.sha256(lines).hexdigest()}"


def test_a_state_without_commit_says_so(golden_registry: Path) -> None:
    sensor = golden_registry / SENSOR
    sensor.write_text(sensor.read_text("utf-8").replace("status: active", "status: faulty"), "utf-8")
    assert json.loads(only(make_export(golden_registry, form="json")))["source"]["commit"] is None
    features = json.loads(contents(make_export(golden_registry, form="geojson"))["equipment.geojson"])["features"]
    assert [item["properties"]["modified"] for item in features] == ["2024-06-01", None]
    assert load_workbook(io.BytesIO(only(make_export(golden_registry, form="xlsx")))).properties.created == MIDNIGHT


# -- xlsx --------------------------------------------------------------------------------------------------------


def test_openpyxl_sees_text_where_there_is_text(golden_registry: Path) -> None:
    book = load_workbook(io.BytesIO(only(make_export(golden_registry, form="xlsx", lang="fr"))))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "b", "d"}  # no formula
    assert [cell.coordinate for cell in cells if cell.hyperlink] == []
    supports = book["supports"]
    head = {cell.value: cell.column_letter for cell in supports[1]}
    code = supports[f"{head['code_insee_commune']}2"]
    assert (code.value, code.number_format) == ("13047", "@")
    assert supports[f"{head['reference_locale']}2"].value == "-12.5"
    assert supports[f"{head['longitude']}2"].value == 4.987471
    when = supports[f"{head['date_verification_capacite']}2"]
    assert (when.value, when.number_format) == (MIDNIGHT.replace(2024, 1, 10), "yyyy-mm-dd")
    assert supports.freeze_panes == "B2"
    assert supports.auto_filter.ref == supports.dimensions
    assert 8 <= supports.column_dimensions["A"].width <= 61
    offered = {str(rule.sqref).partition("2:")[0]: rule.formula1 for rule in supports.data_validations.dataValidation}
    assert offered[head["identifiant_proprietaire"]] == f"'parties'!$A$2:$A${book['parties'].max_row}"
    assert offered[head["statut"]] == '"planned,in_service,out_of_service,removed"'
    page = supports.page_setup
    assert (page.orientation, page.fitToHeight, supports.print_title_rows) == ("landscape", 0, "$1:$1")
    assert supports.print_area == f"'supports'!$A$1:${supports.dimensions.rpartition(':')[2].rstrip('0123456789')}" + (
        f"${supports.max_row}"
    )


def test_drop_downs_offer_labels_in_columns_of_labels(golden_registry: Path) -> None:
    book = load_workbook(io.BytesIO(only(make_export(golden_registry, form="xlsx", lang="fr", labels="fr"))))
    offered = {
        sheet.title: [rule.formula1 for rule in sheet.data_validations.dataValidation] for sheet in book.worksheets
    }
    assert '"prévu,en service,hors service,déposé"' in offered["Supports"]
    assert not any("planned" in formula for formulas in offered.values() for formula in formulas)
    assert any(formula.startswith("'Cas d''usage'!$A$2:") for formula in offered["Équipements conn… – Cas d'usage"])


def test_calamine_reads_the_rows_of_every_table(golden_registry: Path) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(only(make_export(golden_registry, form="xlsx"))))
    found = tables_of(golden_registry)
    *sheets, about = book.sheet_names
    assert about == "about"
    for sheet, (name, table) in zip(sheets, found.items(), strict=True):
        assert sheet == name or name.startswith(sheet)  # the name of a sheet has 31 characters at most
        head, *rows = book.get_sheet_by_name(sheet).to_python()
        assert head == [column.name for column in table.columns]
        assert [[as_shown(value) for value in row] for row in rows] == [
            ["" if value is None else as_shown(value) for value in row] for row in table.rows()
        ]


def as_shown(value: Any) -> Any:
    return round(value, 6) if isinstance(value, (int, float)) else str(value)


def test_what_a_workbook_cannot_hold(golden_registry: Path) -> None:
    party = golden_registry / "registry/parties/istres.yaml"
    party.write_text(party.read_text("utf-8") + f"website: {'x' * 40_000}\n", "utf-8")
    with pytest.raises(UsageFault, match="32767"):
        make_export(golden_registry, form="xlsx")


def test_without_xlsxwriter(golden_registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(UsageFault) as fault:
        make_export(golden_registry, form="xlsx")
    assert fault.value.hint is not None
    assert re.search(
        r'(pip install|--python \S+) "odswriter>=\S+" "python-calamine>=\S+" "xlsxwriter>=\S+"$',
        fault.value.hint.in_("en"),
    )


# -- geojson and gpkg --------------------------------------------------------------------------------------------


def read(path: Path, layer: str | None = None) -> tuple[Any, list[str], Any, dict[str, Any]]:
    """Information of GDAL, its warnings, the geometries, and the columns."""
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        info = pyogrio.read_info(path, layer=layer)
        _meta, _fids, shapes, values = pyogrio.raw.read(path, layer=layer)
    told = [str(item.message) for item in raised if item.category is not DeprecationWarning]  # those speak to pyogrio
    return info, told, shapes, dict(zip(info["fields"], values, strict=True))


def test_gdal_reads_the_geojson(golden_registry: Path, tmp_path: Path) -> None:
    write_files(make_export(golden_registry, form="geojson"), Output(tmp_path, None))
    info, warned, shapes, values = read(tmp_path / "supports.geojson")
    assert (warned, info["crs"], info["geometry_type"], info["features"]) == ([], "EPSG:4326", "Point", 1)
    assert len(shapes) == 1
    assert values["insee_code"].tolist() == ["13047"]


def test_the_features_are_those_of_rfc_7946(golden_registry: Path) -> None:
    for name, content in contents(make_export(golden_registry, form="geojson")).items():
        document = json.loads(content)
        assert document["type"] == "FeatureCollection"
        assert "crs" not in document
        for feature in document["features"]:
            assert feature.keys() == {"type", "id", "geometry", "properties"}
            assert feature["properties"]["id"] == feature["id"]
            assert not any(isinstance(value, (dict, list)) for value in feature["properties"].values())
            if feature["geometry"]:
                lon, lat = feature["geometry"]["coordinates"]
                assert (round(lon, 6), round(lat, 6)) == (lon, lat)
        if name == "equipment.geojson":
            assert [bool(feature["geometry"]) for feature in document["features"]] == [False, True]  # mobile


def test_nothing_to_put_on_a_map(golden_registry: Path) -> None:
    with pytest.raises(UsageFault, match="party"):
        make_export(golden_registry, "party", form="geojson")
    with pytest.raises(UsageFault, match="party"):
        make_export(golden_registry, "party", "support", form="geojson")


@pytest.fixture
def in_the_middle(golden_registry: Path) -> Path:
    """The registry, with its support where Lambert-93 begins to count: 3° E 46.5° N is 700 000, 6 600 000."""
    (support,) = (golden_registry / "registry/supports").rglob("*.yaml")
    data = re.sub(r"lon: [0-9.]+", "lon: 3.0", re.sub(r"lat: [0-9.]+", "lat: 46.5", support.read_text("utf-8")))
    support.write_text(data, "utf-8")
    return golden_registry


LAMBERT_93 = (700_000, 6_600_000)


@pytest.mark.parametrize("form", ["csv", "xlsx", "sqlite", "gpkg"])
@pytest.mark.parametrize("crs", ["EPSG:2154", "epsg:2154", "2154"])
def test_points_in_lambert_93_too(in_the_middle: Path, form: str, crs: str, tmp_path: Path) -> None:
    exported = make_export(in_the_middle, "supports", form=form, crs=crs, columns=["lon", "lat", "x_l93", "y_l93"])
    ((id, *shown),) = numbers(form, exported.files[0].content)
    assert (id, shown) == ("istres-ep-1", [3, 46.5, *LAMBERT_93])
    write_files(exported, Output(tmp_path, None))
    if form == "csv":
        info, warned, (shape,), _values = read(tmp_path / "supports.csv")
        assert (warned, "Lambert-93" in info["crs"], struct.unpack("<dd", shape[5:])) == ([], True, LAMBERT_93)
    if form == "gpkg":
        info, warned, (shape,), _values = read(tmp_path / "registry.gpkg", "supports")
        assert (warned, info["crs"], tuple(info["total_bounds"])) == ([], "EPSG:2154", LAMBERT_93 * 2)
        assert struct.unpack("<dd", shape[5:]) == LAMBERT_93


def test_gdal_knows_the_points_of_csv_as_wgs_84(in_the_middle: Path, tmp_path: Path) -> None:
    write_files(make_export(in_the_middle, "supports"), Output(tmp_path, None))
    info, told, (shape,), _values = read(tmp_path / "supports.csv")
    assert (told, info["crs"], struct.unpack("<dd", shape[5:])) == ([], "EPSG:4326", (3, 46.5))


def test_one_file_has_the_system_of_its_points_beside_it(in_the_middle: Path, tmp_path: Path) -> None:
    (out := tmp_path / "out").mkdir()
    words = ["-C", str(in_the_middle), "export", "supports", "--crs", "EPSG:2154", "-o"]
    assert run([*words, str(out / "folder/")]) == 0
    assert run([*words, str(out / "s.csv")]) == 0
    assert (out / "s.prj").read_bytes() == (out / "folder/supports.prj").read_bytes()
    (out / "s.csv").unlink()
    assert run([*words, str(out / "s.csv")]) == 2  # another program's, as far as anybody knows
    assert not (out / "s.csv").exists()
    assert run([*words, str(out / "s.csv"), "--force"]) == 0
    assert run(["-C", str(in_the_middle), "export", "supports", "-o", str(out / "degrees.csv")]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["degrees.csv", "folder", "s.csv", "s.prj"]


def numbers(form: str, content: bytes) -> list[list[Any]]:
    """The rows of the only table."""
    if form == "csv":
        rows = [line.split(",") for line in content.decode().splitlines()[1:]]
        return [[id, *map(float, cells)] for id, *cells in rows]
    if form == "xlsx":
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("supports").to_python()[1:]
    return [list(row) for row in open_database(content).execute("SELECT id, lon, lat, x_l93, y_l93 FROM supports")]


def test_what_hangs_on_a_support_has_its_point_in_the_other_system(in_the_middle: Path) -> None:
    head, *rows = contents(make_export(in_the_middle, "equipment", crs="EPSG:2154", lang="fr"))[
        "equipment.csv"
    ].splitlines()
    assert head.endswith(b",longitude,latitude,x_lambert93,y_lambert93")
    assert [row.split(b",")[-4:] for row in rows][-1] == [b"3", b"46.5", b"700000", b"6600000"]


def test_a_system_for_another_part_of_the_world_has_no_such_point(in_the_middle: Path) -> None:
    exported = make_export(in_the_middle, "supports", crs="EPSG:2975", columns=["x_epsg_2975"])  # La Réunion
    assert (exported.outside, exported.files[0].content.decode()) == (1, "id,x_epsg_2975\nistres-ep-1,\n")
    layer = make_export(in_the_middle, "supports", form="gpkg", crs="EPSG:2975")
    assert open_database(only(layer)).execute("SELECT geom FROM supports").fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("form", "crs", "kind", "why"),
    [
        ("geojson", "EPSG:2154", "supports", "RFC 7946"),
        ("parquet", "EPSG:2154", "supports", "not for parquet"),
        ("dcat", "EPSG:2154", "flow", "not for dcat"),
        ("csv", "EPSG:2154", "parties", "what has a place"),
        ("csv", "EPSG:4326", "supports", "anyway"),
        ("csv", "4326", "supports", "anyway"),
        ("csv", "EPSG:99999", "supports", "no coordinate reference system"),
        ("csv", "+proj=merc", "supports", "no coordinate reference system"),
        ("csv", "9" * 5000, "supports", "no coordinate reference system"),
        ("gpkg", "IGNF:LAMB1C", "supports", "number of EPSG"),
    ],
)
def test_a_system_that_cannot_be_had(golden_registry: Path, form: str, crs: str, kind: str, why: str) -> None:
    with pytest.raises(UsageFault, match=why):
        make_export(golden_registry, kind, form=form, crs=crs)


def placed(root: Path) -> list[str]:
    """The tables of the kinds that have a position."""
    kinds = open_workspace(root).current.schemas.kinds.values()
    return sorted(kind.folder.replace("-", "_") for kind in kinds if may_be_placed(kind))


def test_gdal_reads_the_geopackage(golden_registry: Path, tmp_path: Path) -> None:
    write_files(make_export(golden_registry, form="gpkg"), Output(tmp_path, None))
    path = tmp_path / "registry.gpkg"
    layers = dict(pyogrio.list_layers(path).tolist())
    assert {name for name, shape in layers.items() if shape} == set(placed(golden_registry))
    assert layers.keys() == tables_of(golden_registry).keys()
    info, warned, shapes, values = read(path, "supports")
    assert (warned, info["crs"], info["geometry_type"]) == ([], "EPSG:4326", "Point")
    assert values["insee_code"].tolist() == ["13047"]
    assert {str(values[name].dtype) for name in ("capacity_checked_on",)} == {"datetime64[D]"}
    assert info["total_bounds"] == (4.987471, 43.5, 4.987471, 43.5)
    assert shapes[0][-16:] == struct.pack("<dd", 4.987471, 43.5)
    assert read(path, "equipment_measures")[2] is None


def test_the_geopackage_keeps_the_rules_of_the_standard(golden_registry: Path) -> None:
    """Requirements 2, 10, 11, 13–16, 22–25 and 151 of OGC 12-128r17, as SQL."""
    base = open_database(only(make_export(golden_registry, form="gpkg")))
    assert base.execute("PRAGMA application_id").fetchone()[0] == int.from_bytes(b"GPKG", "big")
    assert base.execute("PRAGMA user_version").fetchone()[0] == 10300
    assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    assert [row[0] for row in base.execute("SELECT srs_id FROM gpkg_spatial_ref_sys ORDER BY 1")] == [-1, 0, 4326]
    contents_ = base.execute("SELECT table_name, data_type, last_change, srs_id FROM gpkg_contents").fetchall()
    for name, kind, moment, system in contents_:
        assert moment == "2024-06-01T00:00:00.000Z"
        columns = base.execute(f'PRAGMA table_info("{name}")').fetchall()
        assert [column[1:3] for column in columns if column[5]] == [("fid", "INTEGER")]
        assert {column[2] for column in columns} <= {"INTEGER", "TEXT", "DOUBLE", "DATE", "BOOLEAN", "POINT"}
        assert (system == 4326) == (kind == "features") == any(column[2] == "POINT" for column in columns)
    layers = base.execute("SELECT table_name, column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns")
    assert sorted(layers) == [(table, "geom", "POINT", 4326, 0, 0) for table in placed(golden_registry)]
    for (blob,) in base.execute(" UNION ALL ".join(f"SELECT geom FROM {table}" for table in placed(golden_registry))):
        assert blob is None or blob[:8] == b"GP\0\1" + (4326).to_bytes(4, "little")


# -- sqlite ------------------------------------------------------------------------------------------------------


def test_sqlite_utils_reads_tables_and_keys(golden_registry: Path) -> None:
    base = sqlite_utils_database(only(make_export(golden_registry, form="sqlite")))
    found = tables_of(golden_registry)
    assert set(base.table_names()) == {*found, "smartreg_about"}
    assert base.table("supports").pks == ["id"]
    assert base.table("equipment_measures").pks == ["equipment_id", "n"]
    keys = {(key.column, key.other_table) for key in base.table("equipment").foreign_keys}
    assert keys >= {("support_id", "supports"), ("owner_id", "parties")}
    assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    assert base.table("supports").get("istres-ep-1")["insee_code"] == "13047"
    for name, table in found.items():
        assert base.table(name).count == len(list(table.rows()))


def test_a_broken_reference_is_no_key_and_a_fault_is_text(golden_registry: Path) -> None:
    sensor = golden_registry / SENSOR
    text = sensor.read_text("utf-8")
    changed = "".join(
        {"support": "support: nowhere\n", "height_m": "height_m: haut\n", "owner": "owner: {a: 1}\n"}.get(
            line.partition(":")[0], line
        )
        for line in text.splitlines(keepends=True)
    )
    sensor.write_text(changed, "utf-8")
    base = sqlite_utils_database(only(make_export(golden_registry, form="sqlite")))
    assert {key.column for key in base.table("equipment").foreign_keys}.isdisjoint({"support_id", "owner_id"})
    row = base.table("equipment").get("istres-noise-1")
    assert (row["support_id"], row["height_m"], row["owner_id"]) == ("nowhere", "haut", '{"a": 1}')
    assert base.table("equipment").columns_dict["height_m"] is str
    for form in OTHERS:
        assert make_export(golden_registry, form=form).files


# -- what is asked for -------------------------------------------------------------------------------------------


def test_only_some_records(golden_registry: Path) -> None:
    lines = only(make_export(golden_registry, form="jsonl", where=["owner=metropole"])).splitlines()
    assert {json.loads(line)["data"]["owner"] for line in lines} == {"metropole"}
    assert {json.loads(line)["kind"] for line in lines} == {"network", "use_case", "equipment"}
    names = [
        table
        for (table,) in open_database(only(make_export(golden_registry, form="sqlite", where=["id=noise"]))).execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
    ]
    assert {"flows", "use_cases"} <= set(names)
    assert "parties" not in names


def test_a_preset_is_a_kind_with_a_condition(golden_registry: Path) -> None:
    text = (golden_registry / SENSOR).read_text("utf-8")
    meter = text.replace("istres-noise-1", "meter").replace("type: sensor", "type: meter")
    (golden_registry / "registry/equipment/meter.yaml").write_text(meter, "utf-8")

    def ids(*kinds: str) -> list[str]:
        return [
            json.loads(line)["id"] for line in only(make_export(golden_registry, *kinds, form="jsonl")).splitlines()
        ]

    assert ids("meters") == ["meter"]
    assert ids("sensor", "meters", "network") == ["istres-noise-0", "istres-noise-1", "meter", "lorawan"]
    assert ids("sensors", "equipment") == ids("equipment")
    assert json.loads(only(make_export(golden_registry, "meters", form="json")))["source"]["kinds"] == ["meters"]


def test_a_record_that_was_not_asked_for_is_still_looked_up(golden_registry: Path) -> None:
    (feature,) = json.loads(
        contents(make_export(golden_registry, "equipment", form="geojson", where=["id=istres-noise-1"]))[
            "equipment.geojson"
        ]
    )["features"]
    assert feature["properties"]["support_type"] == "street_light"


@pytest.mark.parametrize(
    ("form", "columns"),
    [("csv", ["owner_id", "status"]), ("xlsx", ["owner", "status"]), ("sqlite", ["owner", "status", "measures"])],
)
def test_only_some_columns(golden_registry: Path, form: str, columns: list[str]) -> None:
    exported = make_export(golden_registry, "equipment", form=form, columns=columns)
    if form == "csv":
        assert contents(exported)["equipment.csv"].splitlines()[0] == b"id,owner_id,status"
        assert "equipment_measures.csv" not in contents(exported)
    elif form == "xlsx":
        book = load_workbook(io.BytesIO(only(exported)))
        assert book.sheetnames == ["equipment", "about"]
        assert [cell.value for cell in book["equipment"][1]] == ["id", "owner_id", "status"]
    else:
        base = sqlite_utils_database(only(exported))
        assert set(base.table_names()) == {"equipment", "equipment_measures", "smartreg_about"}


def test_only_some_columns_of_json_and_of_features(golden_registry: Path) -> None:
    lines = only(
        make_export(golden_registry, "support", form="jsonl", columns=["owner", "power.max_w", "location"])
    ).splitlines()
    assert [json.loads(line)["data"] for line in lines] == [
        {
            "id": "istres-ep-1",
            "owner": "istres",
            "location": {"lon": 4.98747123456, "lat": 43.5, "accuracy_class": "A"},
            "power": {"max_w": 60},
        }
    ]
    files = contents(make_export(golden_registry, form="geojson", columns=["technology", "commune"]))
    (_first, second) = json.loads(files["equipment.geojson"])["features"]
    assert second["properties"] == {"id": "istres-noise-1", "technology": "lorawan", "commune": "Istres"}


@pytest.mark.parametrize(
    "wanted",
    [
        {"where": ["colour=red"]},
        {"where": ["status"]},
        {"where": ["id=nobody"]},
        {"columns": ["colour"]},
        {"audience": "press"},
        {"form": "xlsx", "dialect": "standard"},
        {"form": "geojson", "columns": ["serial_number"]},
    ],
)
def test_what_cannot_be_asked_for(golden_registry: Path, wanted: dict[str, Any]) -> None:
    with pytest.raises(UsageFault):
        make_export(golden_registry, **wanted)


# -- any schema, any record --------------------------------------------------------------------------------------


@settings(max_examples=3)
@given(st.integers(0, 2**32))
@example(207257)  # a device whose status is an object
def test_whatever_the_records_hold_every_format_is_written(seed: int) -> None:
    texts, _ = registry_and_edit(seed)
    files = dict(exported_by_all(open_registry(MemoryTree(texts), None, frozenset())))
    assert json.loads(files["registry.json"])["records"] == [json.loads(line) for line in lines_of(files)]
    for name in ("registry.sqlite", "registry.gpkg"):
        base = open_database(files[name])
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []


def lines_of(files: dict[str, bytes]) -> list[bytes]:
    return files["registry.jsonl"].split(b"\n")[:-1]


def exported_by_all(registry: Registry) -> Iterator[tuple[str, bytes]]:
    seen = view(registry, "internal")
    kinds = tuple(seen.schemas.kinds.values())
    chosen = Chosen(kinds, seen, tuple(tables(seen, kinds)), {"commit": None})
    for form in ANY_KIND:
        for file in FORMATS[form].export(chosen):
            yield file.name, file.content


def test_names_that_files_keep_for_themselves() -> None:
    text = {"type": "string"}
    names = ("fid", "FID", "geom", "lon", 'q"uote', "a]b", "rowid")
    point = {"type": "object", "properties": {"lon": {"type": "number"}, "lat": {"type": "number"}}}
    about = {"type": "object", "required": ["id"]}
    schema = {**about, "properties": {"id": text, **dict.fromkeys(names, text), "location": point}}
    kinds = ("sqlite_master", "gpkg_contents", "about", "history", "smartreg_about", "x" * 40, "x" * 41)
    files = {f"schemas/{name}.schema.json": json.dumps(schema).encode() for name in kinds}
    data = {"id": "a", **dict.fromkeys(names, "=1+1"), "location": {"lon": 5, "lat": 43}}
    files |= {f"registry/{name}/a.yaml": json.dumps(data).encode() for name in kinds}
    found = dict(exported_by_all(open_registry(MemoryTree(files), None, frozenset())))
    for name in ("registry.sqlite", "registry.gpkg"):
        base = open_database(found[name])
        rows = base.execute("SELECT * FROM t_sqlite_master").fetchall()
        assert [list(row).count("=1+1") for row in rows] == [len(names)]
    book = load_workbook(io.BytesIO(found["registry.xlsx"]))
    assert len({title.casefold() for title in book.sheetnames}) == len(kinds) + 1
    assert max(map(len, book.sheetnames)) <= 31


# -- destinations ------------------------------------------------------------------------------------------------


def test_the_ending_names_the_format(golden_registry: Path, tmp_path: Path) -> None:
    done = smartreg("export", "-o", str(tmp_path / "x.xlsx"), "--at", "HEAD", cwd=golden_registry)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.xlsx").read_bytes() == only(make_export(golden_registry, form="xlsx"))
    assert b"internal" in done.stderr


def test_an_ending_of_no_format_is_refused_and_makes_no_folder(golden_registry: Path, tmp_path: Path) -> None:
    done = smartreg("export", "-o", str(tmp_path / "x.docx"), cwd=golden_registry)
    assert (done.returncode, (tmp_path / "x.docx").exists()) == (2, False)
    assert b".docx" in done.stderr
    assert smartreg("export", "party", "-o", f"{tmp_path}/x.docx/", cwd=golden_registry).returncode == 0


def test_a_file_that_is_there_stays_without_force(golden_registry: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.sqlite"
    target.write_text("mine")
    done = smartreg("export", "-o", str(target), cwd=golden_registry)
    assert (done.returncode, target.read_text()) == (2, "mine")
    assert b"--force" in done.stderr
    assert smartreg("export", "-o", str(target), "--force", cwd=golden_registry).returncode == 0
    assert target.read_bytes() == only(make_export(golden_registry, form="sqlite"))
    folder = tmp_path / "out"
    assert smartreg("export", "party", "-o", str(folder), cwd=golden_registry).returncode == 0
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert smartreg("export", "-o", str(folder), cwd=golden_registry).returncode == 2
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_pipe_and_a_device_are_written_directly(golden_registry: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        done = smartreg("export", "-f", "json", "-o", str(pipe), cwd=golden_registry)
        assert reader.stdout is not None
        assert reader.stdout.read() == only(make_export(golden_registry, form="json"))
    assert done.returncode == 0, done.stderr
    assert pipe.is_fifo()
    assert smartreg("export", "-f", "xlsx", "-o", os.devnull, cwd=golden_registry).returncode == 0
    assert Path(os.devnull).is_char_device()
    assert smartreg("export", "-f", "gpkg", cwd=golden_registry).stdout == only(
        make_export(golden_registry, form="gpkg")
    )
