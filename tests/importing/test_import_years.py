"""One inventory as other programs write it, brought in, brought in again, and a year later: exactly what changed
changes."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy
import openpyxl
import pyogrio
import pytest
from importing import Bring, bring, git, montpellier, root, support

from smartreg.importing.options import ImportRequest

__all__ = ["bring", "montpellier", "root"]  # fixtures

GOLDEN = Path(__file__).parents[1] / "golden/import"
HEADINGS = ("REF", "LIEU", "HAUT", "VU", "lon", "lat")
REQUEST = ImportRequest(
    maps=("REF=local_ref", "LIEU=address", "HAUT=height_m", "VU=confirmed_on"),
    constants=("owner=montpellier", "insee_code=34172", "type=street_light", "status=in_service"),
    key=("REF",),
    duplicates="first",
)


class Lamp(NamedTuple):
    ref: str
    place: str
    height: float
    seen: date
    lon: float
    lat: float


FIRST = [
    Lamp(f"LP{number:02}", f"Rue de l'Écusson {number}", 4 + number % 5 / 2, date(2020, 1, number), lon, 43.61234)
    for number in range(1, 21)
    if (lon := round(3.87003 + number / 1000, 6))
]
# Two moved by eight metres, two are higher, two are gone, two stand there twice; the rows have another order.
LATER = [
    *(lamp._replace(lon=round(lamp.lon + 0.0001, 6)) for lamp in FIRST[:2]),
    *(lamp._replace(height=9.5) for lamp in FIRST[2:4]),
    *FIRST[6:],
    *FIRST[6:8],
][::-1]


def write_map(driver: str, path: Path, lamps: Sequence[Lamp]) -> None:
    points = numpy.array([struct.pack("<BIdd", 1, 1, lamp.lon, lamp.lat) for lamp in lamps], dtype=object)
    columns = [
        numpy.array([lamp.ref for lamp in lamps], dtype=object),
        numpy.array([lamp.place for lamp in lamps], dtype=object),
        numpy.array([lamp.height for lamp in lamps], dtype="float64"),
        numpy.array([lamp.seen for lamp in lamps], dtype="datetime64[D]"),
    ]
    path.unlink(missing_ok=True)
    pyogrio.raw.write(path, points, columns, list(HEADINGS[:4]), geometry_type="Point", crs="EPSG:4326", driver=driver)


def write_xlsx(path: Path, lamps: Sequence[Lamp]) -> None:
    book = openpyxl.Workbook()
    for row in (HEADINGS, *lamps):
        book.active.append(row)
    book.save(path)


def write_parquet(path: Path, lamps: Sequence[Lamp]) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t(REF TEXT, LIEU TEXT, HAUT DOUBLE, VU DATE, lon DOUBLE, lat DOUBLE)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", list(lamps))
    connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def write_zipped_csv(path: Path, lamps: Sequence[Lamp]) -> None:
    """As a French spreadsheet saves it."""
    text = io.StringIO()
    rows = [(*lamp[:2], *(str(cell).replace(".", ",") for cell in lamp[2:])) for lamp in lamps]
    csv.writer(text, delimiter=";").writerows([HEADINGS, *rows])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lampadaires.csv", text.getvalue().encode("cp1252"))


def take_golden(path: Path, lamps: Sequence[Lamp]) -> None:
    """`.ods` was written by odfpy, from FIRST and LATER."""
    path.write_bytes((GOLDEN / f"year-{'first' if lamps is FIRST else 'later'}{path.suffix}").read_bytes())


WRITERS: dict[str, Callable[[Path, Sequence[Lamp]], None]] = {
    "lamps.shp": partial(write_map, "ESRI Shapefile"),
    "lamps.gpkg": partial(write_map, "GPKG"),
    "lamps.xlsx": write_xlsx,
    "lamps.ods": take_golden,
    "lamps.parquet": write_parquet,
    "lamps.csv.zip": write_zipped_csv,
}


@pytest.mark.promise("R5")
@pytest.mark.parametrize("name", WRITERS)
def test_next_year_changes_exactly_what_changed(bring: Bring, root: Path, tmp_path: Path, name: str) -> None:
    (folder := tmp_path / "files").mkdir()
    file, write = folder / name, WRITERS[name]
    write(file, FIRST)
    assert bring(REQUEST, file).added == len(FIRST)
    assert support(root, "lp03") == {
        "id": "lp03",
        "type": "street_light",
        "owner": "montpellier",
        "insee_code": "34172",
        "location": {"lon": 3.87303, "lat": 43.61234},
        "status": "in_service",
        "local_ref": "LP03",
        "address": "Rue de l'Écusson 3",
        "height_m": 5.5,
        "confirmed_on": "2020-01-03",
    }
    tree = git(root, "rev-parse", "HEAD^{tree}")

    again = bring(ImportRequest(), file)
    assert (again.count("unchanged"), again.outcome.edit.writes) == (len(FIRST), {})
    assert git(root, "rev-parse", "HEAD^{tree}") == tree

    write(file, LATER)
    later = bring(ImportRequest(), file)
    assert {effect.id: effect.fields for effect in later.effects if effect.action == "changed"} == {
        "lp01": ("location.lon",),
        "lp02": ("location.lon",),
        "lp03": ("height_m",),
        "lp04": ("height_m",),
    }
    counts = {action: later.count(action) for action in ("added", "unchanged", "twin", "gone")}
    assert counts == {"added": 0, "unchanged": len(FIRST) - 6, "twin": 2, "gone": 2}
    assert later.missing == ("lp05", "lp06")
    assert later.farthest is not None
    assert later.farthest.metres == 8.1
    changed = git(root, "diff", "--name-only", "HEAD~1", "HEAD", "--", "registry/supports").split()
    assert changed == [f"registry/supports/34172/lp0{number}.yaml" for number in range(1, 5)]


def test_an_import_names_who_changed_the_mapping_that_it_follows(bring: Bring, root: Path) -> None:
    sheet = "REF;LIEU;lon;lat\nLP01;Rue de l'Écusson 1;3.871;43.61234\n"
    request = replace(REQUEST, maps=("REF=local_ref", "LIEU=address"))
    first = bring(request, sheet)
    assert first.mapped_by is None
    name, day, oid = git(root, "log", "-1", "--format=%an|%as|%h", "--abbrev=7").strip().split("|")
    git(root, "commit", "-q", "--allow-empty", "-m", "later")
    again = bring(ImportRequest(), sheet, dry_run=True)
    assert again.mapped_by is not None
    assert again.mapped_by.in_("en") == f"last changed by {name}, {day}, {oid}"
    with (root / first.mapping).open("a", encoding="utf-8") as file:
        file.write("# by hand\n")
    changed = bring(ImportRequest(), sheet, dry_run=True)
    assert changed.mapped_by is not None
    assert changed.mapped_by.in_("en") == "changed here, not committed yet"
