"""`import` of files that other programs write: maps, databases, workbooks, archives; and of those that mean harm."""

from __future__ import annotations

import io
import json
import os
import shlex
import sqlite3
import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy
import pyogrio
import pytest
from importing import Bring, bring, montpellier, root, support
from readme_tour import COMMIT, read_tour, shows

from smartreg.cli.run import run
from smartreg.core.errors import UsageFault
from smartreg.importing.options import ImportRequest
from smartreg.readers import isolated
from smartreg.readers.isolated import ANSWER, CALM

__all__ = ["bring", "montpellier", "root"]  # fixtures

GOLDEN = Path(__file__).parents[1] / "golden/import"
NAMES, PLACES, HEIGHTS = ("LP1", "LP2", "LP3"), ("Écusson", "Plan Cabanes", "Œuvre"), (4.5, 6.0, 8.0)
SEEN = (date(2020, 1, 1), date(2021, 5, 6), date(2022, 12, 31))
LAMPS = {"REF": NAMES, "LIEU": PLACES, "HAUT": HEIGHTS, "VU": SEEN}
LON, LAT = (3.87123, 3.87223, 3.87323), 43.61234
REQUEST = ImportRequest(
    maps=("REF=local_ref", "LIEU=address", "HAUT=height_m", "VU=confirmed_on"),
    constants=("owner=montpellier", "insee_code=34172", "type=street_light", "status=in_service"),
    id_from="{REF}",
)
DRIVERS = {
    "lamps.shp": "ESRI Shapefile",
    "lamps.kml": "LIBKML",
    "lamps.gml": "GML",
    "lamps.tab": "MapInfo File",
}


def write_map(
    path: Path,
    driver: str,
    crs: str = "EPSG:4326",
    columns: Mapping[str, Sequence[object]] = LAMPS,
    **options: Any,
) -> Path:
    """Three points with these columns as GDAL writes them, in the system `crs`."""
    points = list(zip(LON, (LAT,) * 3, strict=True))
    if crs != "EPSG:4326":
        points = project(points, crs)
    shapes = numpy.array([struct.pack("<BIdd", 1, 1, *point) for point in points], dtype=object)
    types: dict[type, str] = {str: "object", int: "int64", float: "float64", date: "datetime64[D]"}
    cells = [numpy.array(values, dtype=types[type(values[0])]) for values in columns.values()]
    path.parent.mkdir(exist_ok=True)
    pyogrio.raw.write(path, shapes, cells, list(columns), geometry_type="Point", crs=crs, driver=driver, **options)
    return path


def project(points: list[tuple[float, float]], crs: str) -> list[tuple[float, float]]:
    from pyproj import Transformer

    transform = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    return [transform(*point) for point in points]


def zip_files(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_one_inventory_in_every_format_is_the_same_records(bring: Bring, root: Path, tmp_path: Path) -> None:
    shapes = write_map(tmp_path / "shp/lamps.shp", DRIVERS["lamps.shp"], "EPSG:2154", encoding="ISO-8859-15")
    first = bring(REQUEST, shapes)
    assert (first.added, first.source.form, first.source.encoding) == (3, "shp", "ISO-8859-15")
    assert support(root, "lp3") == {
        "id": "lp3",
        "type": "street_light",
        "owner": "montpellier",
        "insee_code": "34172",
        "status": "in_service",
        "local_ref": "LP3",
        "address": "Œuvre",
        "height_m": 8,
        "location": {"lon": 3.87323, "lat": 43.61234},
        "confirmed_on": "2022-12-31",
    }
    files = [write_map(tmp_path / name[-3:] / name, driver) for name, driver in DRIVERS.items() if name != "lamps.shp"]
    for file in (*files, GOLDEN / "lamps.xls"):  # of other formats, test_import_years.py
        again = bring(REQUEST, file)
        assert (again.added, again.changed, again.skipped) == (0, 0, ()), file


def test_the_story_of_an_inventory(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/import.md tells it: looked at, brought in, and brought in again a year later."""
    monkeypatch.chdir(root)
    years: list[dict[str, Sequence[object]]] = [
        {
            "REF": ("MAT-1", "MAT-2", "MAT-3"),
            "TYPE": ("Candélabre", "Mât", "Immeuble"),
            "HAUT": (8.5, 9.0, 14.0),
            "COULEUR": ("RAL 7016", "", ""),
        },
        {
            "REF": ("MAT-1", "MAT-4", "MAT-3"),
            "TYPE": ("Candélabre", "Mât", "Immeuble"),
            "HAUT": (8.5, 6.0, 15.0),
            "COULEUR": ("RAL 7016", "", ""),
        },
    ]
    steps = read_tour("docs/import.md")
    for (command, code, shown), columns in zip(steps, (years[0], *years), strict=True):
        shapes = write_map(tmp_path / "mats/mats.shp", "ESRI Shapefile", "EPSG:2154", columns, encoding="ISO-8859-15")
        zip_files(root / "mats.zip", {f"mats/{file.name}": file.read_bytes() for file in shapes.parent.iterdir()})
        name, *words = shlex.split(command)[1:]
        assert run([name, *words]) == code, capsys.readouterr().err
        lines = COMMIT.sub("(commit)", capsys.readouterr().out).splitlines()
        assert [line for line in shown if not any(shows(candidate, line) for candidate in lines)] == [], lines
    assert (support(root, "mat-1")["attributes"], support(root, "mat-3")["type"]) == (
        {"COULEUR": "RAL 7016"},
        "building",
    )
    assert (support(root, "mat-2")["status"], support(root, "mat-3")["height_m"]) == ("removed", 15)


def test_a_layer_is_chosen_by_name(bring: Bring, root: Path, tmp_path: Path) -> None:
    book = write_map(tmp_path / "ville.gpkg", "GPKG", layer="mâts")
    write_map(book, "GPKG", layer="caméras", append=True)
    with pytest.raises(UsageFault, match="several layers: mâts, caméras"):
        bring(REQUEST, book)
    with pytest.raises(UsageFault, match='no layer "mats"'):
        bring(ImportRequest(layer="mats"), book)
    assert bring(ImportRequest(**{**vars_of(REQUEST), "layer": "mâts"}), book).added == 3
    assert 'layer = "mâts"' in (root / "registry/imports/ville.toml").read_text()
    for name in ("nord", "sud"):
        write_map(tmp_path / f"villes/{name}.shp", "ESRI Shapefile")
    both = zip_files(
        tmp_path / "villes.zip", {file.name: file.read_bytes() for file in (tmp_path / "villes").iterdir()}
    )
    with pytest.raises(UsageFault, match=r"several tables: nord\.shp, sud\.shp"):
        bring(REQUEST, both)
    assert bring(ImportRequest(**{**vars_of(REQUEST), "layer": "sud"}), both).unchanged == 3


def vars_of(request: ImportRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("maps", "constants", "id_from")}


def test_what_we_export_comes_back(bring: Bring, root: Path, tmp_path: Path) -> None:
    bring(REQUEST, write_map(tmp_path / "lamps.fgb", "FlatGeobuf"))
    for form in ("gpkg", "parquet", "sqlite"):
        assert run(["export", "-C", str(root), "supports", "-f", form, "-o", f"{tmp_path}/"]) == 0
    for file in ("registry.gpkg", "supports.parquet", "registry.sqlite"):
        again = bring(ImportRequest(), tmp_path / file)
        assert (again.added, again.changed, again.unchanged) == (0, 0, 3), file


KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
VRT = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
XXE = '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + KML.format("<Placemark><name>&x;</name></Placemark>")
LAUGHS = '<!DOCTYPE k [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + KML.format("&b;")
LINK = KML.format("<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>")
VSI = KML.format("<Placemark><styleUrl>/vsicurl/http://127.0.0.1:9/x.kml#a</styleUrl></Placemark>")


NOT_READ = [
    ("evil.kml", VRT, "refers to other files"),
    ("evil.gml", VRT, "refers to other files"),
    ("evil.vrt", VRT, "virtual layer"),
    ("xxe.kml", XXE, "refers to other files"),
    ("laughs.gml", LAUGHS, "refers to other files"),
    ("link.kml", LINK, "refers to other files"),
    ("vsi.kml", VSI, "refers to other files"),
    ("view.tab", '!table\nopen table "../other.tab"\n', "refers to other files"),
    ("lone.shp", "\0\0\x27\x0a", "has no .dbf file"),
    ("plan.dxf", "0\nSECTION\n", "AutoCAD"),
    ("plan.pdf", "%PDF-1.7", "PDF"),
    ("parts.rar", "Rar!", "RAR"),
    ("page.xls", "<html><table><tr><td>a", "web page"),
]


def test_a_file_that_refers_to_others_or_that_nobody_reads_is_named(bring: Bring, tmp_path: Path) -> None:
    for name, text, message in NOT_READ:
        file = tmp_path / name
        file.write_text(text, encoding="utf-16" if name == "xxe.kml" else "utf-8")
        with pytest.raises(UsageFault, match=message) as caught:
            bring(REQUEST, file)
        assert caught.value.hint is not None, name


def test_archives_that_lie_and_bombs_are_refused(bring: Bring, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", "a")
    cases = {
        "outside": ({"../a.csv": b"a;b"}, "outside of itself"),
        "drive": ({"C:\\a.csv": b"a;b"}, "outside of itself"),
        "root": ({"/etc/a.csv": b"a;b"}, "outside of itself"),
        "two": ({"a.csv": b"a", "b.csv": b"b"}, "several tables: a.csv, b.csv"),
        "none": ({"readme.md": b"a"}, "no table"),
        "nested": ({"a.csv": inner.getvalue()}, "another archive"),
        "bomb": ({"a.csv": b"a" * (64 * 1024 * 1024 + 1)}, "larger than 64 MiB"),
        "many": ({f"{number}.csv": b"" for number in range(1001)}, "larger"),
    }
    for name, (files, message) in cases.items():
        with pytest.raises(UsageFault, match=message):
            bring(REQUEST, zip_files(tmp_path / f"{name}.zip", files))
    for bomb in (GOLDEN / "bomb.ods",):
        with pytest.raises(UsageFault, match="not a readable ODS file"):
            bring(REQUEST, bomb)
    # Cells without a column of their own, as SheetJS writes them: calamine would leave them out.
    parts = {"xl/workbook.bin": b"", "xl/worksheets/sheet1.bin": b"\x81\x01\x00\x10\x02ab"}
    with pytest.raises(UsageFault, match="its reader would leave out"):
        bring(REQUEST, zip_files(tmp_path / "short.xlsb", parts))
    damaged = tmp_path / "half.zip"
    damaged.write_bytes(zip_files(tmp_path / "whole.zip", {"a.csv": b"a;b\n1;2\n" * 999}).read_bytes()[:80])
    with pytest.raises(UsageFault, match="archive that cannot be read"):
        bring(REQUEST, damaged)


def test_the_process_that_reads_has_no_other_drivers_files_or_connections(tmp_path: Path) -> None:
    """What gets to GDAL although it should not: it finds neither its drivers nor files of others."""
    secret = write_map(tmp_path / "other/secret.gpkg", "GPKG")
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "data.kml").write_text(VRT.format(secret), encoding="utf-8")
    request: dict[str, Any] = {"reader": "vector", "layer": None, "usual": [], "encoding": None, "most": 1000}
    for file in ("data.kml", str(secret), "WFS:http://127.0.0.1:9/"):
        words = [
            sys.executable,
            "-P",
            "-m",
            "smartreg.readers.isolated",
            json.dumps({**request, "file": file}),
        ]
        subprocess.run(words, cwd=folder, check=False, capture_output=True)
        answer = folder / ANSWER
        found = json.loads(answer.read_bytes()) if answer.exists() else {}
        if file != str(secret) or sys.platform == "linux":
            assert "tables" not in found, file
        answer.unlink(missing_ok=True)


def add_to_schema(path: Path, kind: str, name: str, sql: str) -> Path:
    """A table or view whose statement is never run, and which the GeoPackage names as its content."""
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", (kind, name, name, sql))
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)", (name, name)
        )
        base.commit()
    return path


VIRTUAL = (
    "CREATE/**/VIRTUAL/*x*/TABLE leak USING VirtualText('{secret}', 'UTF-8', 1, POINT, DOUBLEQUOTE, ';')",
    "create -- rtree\n virtual TABLE leak USING VirtualText('{secret} using rtree (a)', 'UTF-8')",
    "CREATE VIRTUAL TABLE leak USING fts5(a)",
)


@pytest.mark.promise("R8")
@pytest.mark.parametrize("sql", VIRTUAL)
def test_a_virtual_table_is_refused_before_gdal_opens_the_file(bring: Bring, tmp_path: Path, sql: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("id;name\n1;SECRET\n", encoding="utf-8")
    book = add_to_schema(write_map(tmp_path / "a.gpkg", "GPKG"), "table", "leak", sql.format(secret=secret))
    with pytest.raises(UsageFault, match=r"virtual table|not a readable"):
        bring(REQUEST, book)


@pytest.mark.promise("R8")
def test_gdal_reads_no_other_file_through_a_database_even_unconfined(tmp_path: Path) -> None:
    """As on macOS, where nothing but these settings keeps it from other files."""
    secret = tmp_path / "secret.txt"
    secret.write_text("id;name\n1;SECRET\n", encoding="utf-8")
    book = add_to_schema(write_map(tmp_path / "a.gpkg", "GPKG"), "table", "leak", VIRTUAL[0].format(secret=secret))
    code = "import sys, pyogrio; print(pyogrio.raw.read(sys.argv[1], layer='leak')[3])"
    environment = {**os.environ, **CALM}
    words = [sys.executable, "-c", code, str(book)]
    done = subprocess.run(words, env=environment, check=False, capture_output=True, text=True)
    assert "SECRET" not in done.stdout


VIEWS = (
    "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
    "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0",
)


@pytest.mark.promise("R8")
def test_a_view_without_end_is_refused_soon(bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its rows, which are counted up to the limit, or by the time that passes without any."""
    monkeypatch.setattr("smartreg.readers.foreign.MAX_CELLS", 50_000)  # as a million rows take a second
    rows, none = (
        add_to_schema(write_map(tmp_path / name, "GPKG"), "view", "v", sql)
        for name, sql in zip(("rows.gpkg", "none.gpkg"), VIEWS, strict=True)
    )
    with pytest.raises(UsageFault, match="5 million cells"):
        bring(REQUEST, rows)
    monkeypatch.setattr(isolated, "_COUNTING", 0.3)  # of three seconds
    with pytest.raises(isolated.CannotRead) as refused:
        isolated._check_database({"file": str(none), "most": 50_000})
    assert refused.value.answer == {"fault": "large", "layers": []}
