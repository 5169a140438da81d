"""`import` of lines and areas, which give a point inside them; and of dBASE tables whose .cpg file is wrong."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from importing import Bring, bring, montpellier, root, support
from test_import_foreign import REQUEST, write_map

from smartreg.importing.options import ImportRequest
from smartreg.readers.shapes import inner_point, read_binary

__all__ = ["bring", "montpellier", "root"]  # fixtures

HERE = ("owner=montpellier", "insee_code=34172", "type=building", "status=in_service")
# A building around a court, in the shape of a U: its centre of gravity lies outside of it.
COURT = [[[3.87, 43.6], [3.88, 43.6], [3.88, 43.61], [3.877, 43.61], [3.877, 43.602], [3.872, 43.602], [3.872, 43.61],
          [3.87, 43.61], [3.87, 43.6]]]  # fmt: skip
ROUND = [[[3.87, 43.6], [3.89, 43.6], [3.89, 43.62], [3.87, 43.62], [3.87, 43.6]],
         [[3.872, 43.602], [3.888, 43.602], [3.888, 43.618], [3.872, 43.618], [3.872, 43.602]]]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "coordinates", "point"),
    [
        ("LineString", [[0, 0], [4, 0], [4, 2]], (3, 0)),
        ("LineString", [[1, 2], [1, 2]], (1, 2)),
        ("MultiLineString", [[[0, 0], [1, 0]], [[5, 5], [5, 9]]], (5, 7)),
        ("MultiPoint", [[0, 0], [1, 1], [9, 9]], (1, 1)),
        ("Polygon", COURT, (3.8785, 43.606)),
        ("Polygon", ROUND, (3.889, 43.61)),
        ("MultiPolygon", [[[[0, 0], [1, 0], [1, 1], [0, 0]]], COURT], (0.75, 0.5)),
        ("Polygon", [[[0, 0, 7], [2, 0, 7], [2, 2, 7], [0, 2, 7], [0, 0, 7]]], (1, 1)),
        ("Polygon", [], None),
        ("Polygon", [[[1, 1], [1, "x"]]], None),
        ("GeometryCollection", [], None),
    ],
)
def test_a_shape_has_a_point_inside(kind: str, coordinates: Any, point: tuple[float, float] | None) -> None:
    found = inner_point(kind, coordinates)
    assert found == (None if point is None else pytest.approx(point))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (struct.pack("<BII4d", 1, 2, 2, 0, 0, 4, 0), ("LineString", [(0, 0), (4, 0)])),
        (struct.pack(">BII4d", 0, 2, 2, 0, 0, 4, 0), ("LineString", [(0, 0), (4, 0)])),
        (struct.pack("<BII3d", 1, 1002, 1, 1, 2, 3), ("LineString", [(1, 2, 3)])),
        (struct.pack("<BIII2d", 1, 0x20000002, 2154, 1, 1, 2), ("LineString", [(1, 2)])),
        (struct.pack("<BI", 1, 7), None),
        (b"\1\2", None),
        (struct.pack("<BII", 1, 2, 0xFFFFFFFF), None),
    ],
)
def test_shapes_are_read_from_well_known_binary(shape: bytes, expected: object) -> None:
    assert read_binary(shape) == expected


def test_areas_come_in_by_a_point_inside_and_the_answer_says_so(bring: Bring, root: Path, tmp_path: Path) -> None:
    shapes = [("Polygon", COURT), ("LineString", [[3.87, 43.61], [3.88, 43.61]]), ("Point", [3.8701, 43.6101])]
    features = [
        {"type": "Feature", "properties": {"REF": f"b{n}"}, "geometry": {"type": kind, "coordinates": places}}
        for n, (kind, places) in enumerate(shapes)
    ]
    file = tmp_path / "buildings.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    request = ImportRequest(constants=HERE, id_from="{REF}")
    done = bring(request, file)
    assert support(root, "b0")["location"] == pytest.approx({"lon": 3.8785, "lat": 43.606})
    assert [note.in_("en") for note in done.notes] == ["2 rows are lines or areas: their places are points inside them"]
    pyogrio = pytest.importorskip("pyogrio")
    shapely = pytest.importorskip("shapely")
    import numpy

    wkb = numpy.array([shapely.Polygon(COURT[0]).wkb], dtype=object)
    names = [numpy.array(["b0"], dtype="object")]
    pyogrio.raw.write(tmp_path / "b.gpkg", wkb, names, ["REF"], geometry_type="Polygon", crs="EPSG:4326", driver="GPKG")
    again = bring(ImportRequest(constants=HERE, id_from="{REF}", update=True), tmp_path / "b.gpkg")
    assert (again.added, again.changed) == (0, 0)
    assert [note.in_("en") for note in again.notes] == ["1 row is a line or an area: its place is a point inside it"]


@pytest.mark.parametrize(
    ("written", "said", "name"), [("UTF-8", "1252", "UTF-8"), ("CP1252", "UTF-8", "CP1252"), ("ISO-8859-15", "", "")]
)
def test_a_wrong_cpg_is_told_and_not_believed(
    bring: Bring, root: Path, tmp_path: Path, written: str, said: str, name: str
) -> None:
    shapes = write_map(tmp_path / "shp/lamps.shp", "ESRI Shapefile", encoding=written)
    shapes.with_suffix(".cpg").write_text(said or written)
    done = bring(REQUEST, shapes)
    assert support(root, "lp3")["address"] == "Œuvre"
    expected = (
        f"lamps.shp: its .cpg file says {said}, but the texts are {name}, and were read so; --encoding overrides it"
    )
    assert [note.in_("en") for note in done.notes] == ([expected] if said else [])
