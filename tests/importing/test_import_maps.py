"""An exported map that comes back edited from another program: exactly the edits, three ways, in every format."""

from __future__ import annotations

import json
import sqlite3
import struct
import subprocess
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import numpy
import pyogrio
import pytest
from conftest import Git

from smartreg.commands.export import ExportOptions, export_tables, write_files
from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, RecordId
from smartreg.edit import WriteOptions
from smartreg.exporters import FORMATS
from smartreg.importing.effects import Imported
from smartreg.importing.merging import dbase_names
from smartreg.importing.options import ImportRequest
from smartreg.schema import bundled_files, read_schemas
from smartreg.workspace.output import Output
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import open_workspace

OPTIONS = WriteOptions(on=date(2026, 1, 15))
NOTHING = ImportRequest()
SENSOR, LIGHT = "istres-noise-1", "istres-ep-1"
FILES = {"support": f"registry/supports/13047/{LIGHT}.yaml", "equipment": f"registry/equipment/{SENSOR}.yaml"}

Point: TypeAlias = tuple[float, float]
Rows: TypeAlias = list[dict[str, Any]]  # columns, and the point as `shape`
Edit: TypeAlias = Callable[[Rows], object]


@pytest.fixture
def registry(golden_registry: Path) -> Path:
    return golden_registry


def export_to(root: Path, folder: Path, form: str, *kinds: str, **wanted: Any) -> Path:
    made = export_tables(open_workspace(root), ExportOptions(kinds, **wanted), form=form)
    paths = write_files(made, Output(folder, None))
    names = {"equipment": "equipment", "support": "supports", "party": "parties"}
    stems = ("registry", *(names[kind] for kind in kinds))
    return next(path for path in paths if path.suffix == FORMATS[form].suffix and path.stem in stems)


def bring(root: Path, file: Path, kind: str = "support", request: ImportRequest = NOTHING) -> Imported:
    workspace = open_workspace(root)
    return import_records(workspace, workspace.current.schemas.kind(kind), file, request, OPTIONS)


def errors_of(root: Path, file: Path, kind: str = "support", request: ImportRequest = NOTHING) -> list[tuple[str, str]]:
    with pytest.raises(RefusedImport) as refusal:
        bring(root, file, kind, request)
    errors = [item for item in refusal.value.outcome.introduced if item.severity == "error"]
    return [(item.code, item.message.in_("en")) for item in errors]


def changed_lines(root: Path, file: str) -> set[str]:
    """The lines that the last commit took away (-) and brought (+)."""
    words = ["git", "show", "--format=", "--unified=0", "HEAD", "--", file]
    text = subprocess.run(words, cwd=root, check=True, capture_output=True, text=True).stdout
    return {line for line in text.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")}


def value(root: Path, rid: str, *path: str) -> Json:
    kind, _, id = rid.partition("/")
    record = open_workspace(root).current.get(RecordId(kind, id))
    assert record is not None
    found: Any = record.data
    for name in path:
        found = found[name]
    return found


# -- programs for maps -------------------------------------------------------------------------------------------------


def edit_in_place(file: Path, edit: Edit, layer: str = "supports") -> Path:
    """As QGIS saves a layer of a GeoPackage, and an editor a GeoJSON file: what is around the features stays."""
    if file.suffix == ".geojson":
        document = json.loads(file.read_text("utf-8"))
        rows = [
            {**item["properties"], "shape": item["geometry"] and tuple(item["geometry"]["coordinates"])}
            for item in document["features"]
        ]
        edit(rows)
        document["features"] = [
            {
                "type": "Feature",
                "id": row["id"],
                "geometry": row["shape"] and {"type": "Point", "coordinates": list(row["shape"])},
                "properties": {name: cell for name, cell in row.items() if name != "shape"},
            }
            for row in rows
        ]
        file.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        return file
    with closing(sqlite3.connect(file)) as base, base:
        cursor = base.execute(f'SELECT * FROM "{layer}"')
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
        for row in rows:
            blob = row.pop("geom", None)
            row["shape"] = blob and struct.unpack("<dd", blob[-16:])
        edit(rows)
        base.execute(f'DELETE FROM "{layer}"')
        for row in rows:
            shape = row.pop("shape")
            head = struct.pack("<2sBBi", b"GP", 0, 1, 4326)
            row["geom"] = shape and head + struct.pack("<BIdd", 1, 1, *shape)
            cells = [row.get(name) for name in names]
            base.execute(f'INSERT INTO "{layer}" VALUES ({", ".join("?" * len(names))})', cells)
    return file


DRIVERS = {".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".gpkg": "GPKG"}


def save_as(file: Path, target: Path, edit: Edit = lambda rows: None, layer: str = "supports") -> Path:
    """As QGIS and geopandas save a layer under another name: features alone, by GDAL; nothing says where it is from."""
    meta, _, shapes, columns = pyogrio.raw.read(file, layer=layer if file.suffix == ".gpkg" else None)
    names = list(meta["fields"])
    rows = [
        {**dict(zip(names, cells, strict=True)), "shape": shape and struct.unpack("<dd", shape[-16:])}
        for shape, *cells in zip(shapes, *columns, strict=True)
    ]
    edit(rows)
    points = [row["shape"] and struct.pack("<BIdd", 1, 1, *row["shape"]) for row in rows]
    data = [
        numpy.array([row[name] for row in rows], dtype=column.dtype)
        for name, column in zip(names, columns, strict=True)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that dBASE shortens
        pyogrio.raw.write(
            target, numpy.array(points, dtype=object), data, names,
            geometry_type="Point", crs="EPSG:4326", driver=DRIVERS[target.suffix],
        )  # fmt: skip
    return target


def put(id: str, **cells: Any) -> Edit:
    def edit(rows: Rows) -> None:
        (row,) = (row for row in rows if row["id"] == id)
        assert cells.keys() <= row.keys()
        row.update(cells)

    return edit


# -- what comes back ---------------------------------------------------------------------------------------------------


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    ("form", "kind", "audience"),
    [
        ("gpkg", "equipment", "public"),
        ("geojson", "support", "internal"),
        ("sqlite", "equipment", "internal"),
        ("parquet", "equipment", "public"),
    ],
)
def test_what_nobody_edited_changes_nothing(
    registry: Path, tmp_path: Path, form: str, kind: str, audience: str
) -> None:
    done = bring(registry, export_to(registry, tmp_path / "out", form, kind, audience=audience), kind)
    assert (done.added, done.changed, done.missing, done.notes) == (0, 0, (), ())
    assert done.base is not None


@pytest.mark.parametrize(
    ("form", "kinds"),
    [("json", tuple(read_schemas(bundled_files()).kinds)), ("sqlite", ("party", "flow", "convention"))],
)
def test_what_nobody_edited_changes_nothing_of_any_kind(
    registry: Path, tmp_path: Path, form: str, kinds: tuple[str, ...]
) -> None:
    """SQLite knows yes and no as numbers."""
    file = export_to(registry, tmp_path / "out", form)
    for kind in kinds:
        done = bring(registry, file, kind)
        assert (kind, done.added, done.changed, done.notes) == (kind, 0, 0, ())


@pytest.mark.promise("R5")
@pytest.mark.parametrize("form", ["gpkg", "geojson"])
def test_an_edit_comes_back_alone_and_a_colleagues_stays(registry: Path, tmp_path: Path, form: str) -> None:
    file = export_to(registry, tmp_path / "out", form, "support")
    set_fields(open_workspace(registry), f"support/{LIGHT}", ("local_ref=EP-7",), (), OPTIONS)
    edit_in_place(file, put(LIGHT, height_m=4.5))
    done = bring(registry, file)
    assert (done.changed, done.added, done.missing) == (1, 0, ())
    assert changed_lines(registry, FILES["support"]) == {"-height_m: 0.0000004", "+height_m: 4.5"}
    assert value(registry, f"support/{LIGHT}", "local_ref") == "EP-7"
    assert bring(registry, file).changed == 0


@pytest.mark.promise("R5")
@pytest.mark.parametrize(("source", "target"), [("gpkg", ".shp"), ("geojson", ".gpkg")])
def test_what_another_program_saved_anew_is_compared_with_its_export(
    registry: Path, tmp_path: Path, source: str, target: str
) -> None:
    """Shapefiles have names of ten characters, GDAL its own types; `--in` says what the file was made from."""
    file = export_to(registry, tmp_path / "out", source, "equipment")
    request = replace(NOTHING, export=str(file))
    same = save_as(file, tmp_path / f"equipment{target}", layer="equipment")
    done = bring(registry, same, "equipment", request)
    assert (done.added, done.changed, done.missing, done.notes) == (0, 0, (), ())

    (folder := tmp_path / "edited").mkdir()
    set_fields(open_workspace(registry), f"equipment/{SENSOR}", ("documentation=https://example.org",), (), OPTIONS)
    edited = save_as(file, folder / f"equipment{target}", put(SENSOR, height_m=4.5), layer="equipment")
    assert bring(registry, edited, "equipment", request).changed == 1
    assert changed_lines(registry, FILES["equipment"]) == {"-height_m: 3.50", "+height_m: 4.5"}
    assert value(registry, f"equipment/{SENSOR}", "documentation") == "https://example.org"


def test_lists_that_a_map_joins_come_back(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "geojson", "equipment")
    edit_in_place(file, put(SENSOR, use_cases="noise|waste"))
    assert bring(registry, file, "equipment").changed == 1
    assert changed_lines(registry, FILES["equipment"]) == {"+  - waste"}


def test_lists_in_the_tables_of_a_geopackage_come_back(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "gpkg")
    with closing(sqlite3.connect(file)) as base, base:
        base.execute("UPDATE equipment_use_cases SET use_case_id = 'waste' WHERE equipment_id = ?", (SENSOR,))
    assert bring(registry, file, "equipment").changed == 1
    assert changed_lines(registry, FILES["equipment"]) == {"-  - noise", "+  - waste"}


def test_edited_layers_of_other_kinds_are_named(registry: Path, tmp_path: Path) -> None:
    """Also where a shape alone was moved."""
    file = export_to(registry, tmp_path / "out", "gpkg")
    edit_in_place(file, put(LIGHT, shape=(4.99, 43.51)))
    (note,) = bring(registry, file, "equipment").notes
    assert note.in_("en").startswith("also edited, and not imported here: supports")


def test_edited_json_comes_back_alone(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "json", "equipment")
    set_fields(open_workspace(registry), f"equipment/{SENSOR}", ("documentation=https://example.org",), (), OPTIONS)
    document = json.loads(file.read_text())
    (item,) = (item for item in document["records"] if item["id"] == SENSOR)
    item["data"] |= {"height_m": 4.5, "use_cases": ["noise", "waste"]}
    file.write_text(json.dumps(document))
    assert bring(registry, file, "equipment").changed == 1
    assert changed_lines(registry, FILES["equipment"]) == {"-height_m: 3.50", "+height_m: 4.5", "+  - waste"}
    assert value(registry, f"equipment/{SENSOR}", "documentation") == "https://example.org"


def test_text_that_dbase_cuts_is_not_edited(registry: Path, tmp_path: Path) -> None:
    notes = "é" * 150
    set_fields(open_workspace(registry), f"support/{LIGHT}", (f"notes={notes}",), (), OPTIONS)
    file = export_to(registry, tmp_path / "out", "gpkg", "support")
    edited = save_as(file, tmp_path / "supports.shp", put(LIGHT, material="wood"))
    assert bring(registry, edited, request=replace(NOTHING, export=str(file))).changed == 1
    assert changed_lines(registry, FILES["support"]) == {"-material: steel", "+material: wood"}


def test_names_of_dbase_are_shortened_as_gdal_shortens_them() -> None:
    names = ["installed_on", "installed_before", "installed_by", "id", "Installed_o"]
    assert dbase_names(names) == ["installed_", "installe_1", "installe_2", "id", "Installe_3"]


# -- where it is -------------------------------------------------------------------------------------------------------

THERE, OTHER = (4.99, 43.51), (4.995, 43.515)
MOVES: Mapping[str, tuple[dict[str, Any], Point | None]] = {
    "its shape": ({"shape": THERE}, THERE),
    "its columns": ({"lon": THERE[0], "lat": THERE[1]}, THERE),
    "both alike": ({"shape": THERE, "lon": THERE[0], "lat": THERE[1]}, THERE),
    "both differently": ({"shape": THERE, "lon": OTHER[0], "lat": OTHER[1]}, None),
}


@pytest.mark.parametrize("move", MOVES)
def test_what_was_moved_wins(registry: Path, tmp_path: Path, move: str) -> None:
    cells, place = MOVES[move]
    file = edit_in_place(export_to(registry, tmp_path / "out", "gpkg", "support"), put(LIGHT, **cells))
    if place is None:
        ((code, message),) = errors_of(registry, file)
        assert code == "IMP005"
        assert message.startswith("istres-ep-1 was moved twice: on the map to 4.990000, 43.510000, in its columns")
        return
    assert bring(registry, file).changed == 1
    location = value(registry, f"support/{LIGHT}", "location")
    assert location == {"lon": place[0], "lat": place[1], "accuracy_class": "A"}


def test_a_point_moved_on_both_sides_is_a_conflict(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "geojson", "support")
    set_fields(open_workspace(registry), f"support/{LIGHT}", ("location.lat=43.6",), (), OPTIONS)
    edit_in_place(file, put(LIGHT, shape=THERE))
    assert [code for code, _ in errors_of(registry, file)] == ["IMP005"]
    assert bring(registry, file, request=replace(NOTHING, update=True)).changed == 1


def test_points_in_another_system_come_back_where_they_were(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "gpkg", "support", crs="EPSG:2154")
    assert bring(registry, file).changed == 0


def test_properties_give_the_point_of_a_feature_without_one(registry: Path, tmp_path: Path) -> None:
    """As GeoJSON made from a GeoPackage has them for devices that move, which have no shape there."""
    file = export_to(registry, tmp_path / "out", "gpkg", "equipment")
    made = save_as(file, tmp_path / "equipment.geojson", layer="equipment")
    assert '"geometry": null' in made.read_text()
    assert '"lon": -4.5' in made.read_text()
    assert bring(registry, made, "equipment", replace(NOTHING, export=str(file))).changed == 0


# -- what is refused, or said ------------------------------------------------------------------------------------------


def test_a_cell_changed_on_both_sides_is_a_conflict(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "geojson", "support")
    set_fields(open_workspace(registry), f"support/{LIGHT}", ("height_m=5",), (), OPTIONS)
    edit_in_place(file, put(LIGHT, height_m=4.5))
    assert [code for code, _ in errors_of(registry, file)] == ["IMP005"]
    assert bring(registry, file, request=replace(NOTHING, update=True)).changed == 1
    assert value(registry, f"support/{LIGHT}", "height_m") == 4.5


@pytest.mark.parametrize("form", ["gpkg", "geojson"])
def test_deleted_features_are_named_and_kept(registry: Path, tmp_path: Path, form: str) -> None:
    file = export_to(registry, tmp_path / "out", form, "equipment")
    edit_in_place(file, lambda rows: rows.pop(0), "equipment")
    assert bring(registry, file, "equipment").missing == ("istres-noise-0",)


def test_looked_up_properties_cannot_be_edited(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "geojson", "support")
    edit_in_place(file, put(LIGHT, hosted_parties="nobody"))
    assert [code for code, _ in errors_of(registry, file)] == ["IMP006"]


def test_a_file_that_lost_its_origin_says_so(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "geojson", "support")
    made = save_as(file, tmp_path / "supports.geojson", put(LIGHT, height_m=4.5))
    with pytest.raises(RefusedImport) as refusal:
        bring(registry, made)
    (hint,) = (item.hint for item in refusal.value.outcome.introduced if item.code == "IMP004")
    assert hint is not None
    assert hint.in_("en").startswith("made from an export? --in EXPORT")
    (note,) = bring(registry, made, request=replace(NOTHING, update=True)).notes
    assert note.in_("en").startswith("the file no longer says which export it comes from")


def test_a_commit_or_a_day_stands_for_the_export(registry: Path, tmp_path: Path, git: Git) -> None:
    file = export_to(registry, tmp_path / "out", "geojson", "support")
    made = save_as(file, tmp_path / "supports.geojson", put(LIGHT, height_m=4.5))
    before = git("rev-parse", "HEAD").strip()
    set_fields(open_workspace(registry), f"support/{LIGHT}", ("local_ref=EP-7",), (), OPTIONS)
    assert bring(registry, made, request=replace(NOTHING, export=before)).changed == 1
    assert changed_lines(registry, FILES["support"]) == {"-height_m: 0.0000004", "+height_m: 4.5"}
    with pytest.raises(UsageFault):
        bring(registry, made, request=replace(NOTHING, export="2001-01-01"))
    with pytest.raises(UsageFault, match="is no file, and no commit"):
        bring(registry, made, request=replace(NOTHING, export="maps/registry.gpkg"))


def test_what_is_no_export_is_refused(registry: Path, tmp_path: Path) -> None:
    file = export_to(registry, tmp_path / "out", "geojson", "support")
    made = save_as(file, tmp_path / "supports.geojson")
    with pytest.raises(UsageFault, match="does not say of which commit"):
        bring(registry, made, request=replace(NOTHING, export=str(made)))
    with pytest.raises(UsageFault, match="whose columns are known"):
        bring(registry, made, request=replace(NOTHING, export=str(file), maps=("height_m=height_m",)))
