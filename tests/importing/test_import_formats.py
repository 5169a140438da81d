"""`import` of workbooks, JSON, JSON Lines and GeoJSON: what of each becomes which record, and what is refused where."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from importing import Bring, bring, git, montpellier, places, root, support

from smartreg.commands.import_ import RefusedImport
from smartreg.core.errors import UsageFault
from smartreg.core.values import Json
from smartreg.importing.options import ImportRequest
from smartreg.yamlio import read

__all__ = ["bring", "montpellier", "root"]  # fixtures

NOTHING = ImportRequest()
MAST: dict[str, Json] = {
    "id": "a",
    "type": "mast",
    "owner": "montpellier",
    "insee_code": "34172",
    "status": "in_service",
}
PLACE: dict[str, Json] = {"lon": 3.87, "lat": 43.61}
LAMBERT = (770000.0, 6279000.0)
HERE = {"lon": 3.866785, "lat": 43.606595}


def workbook(tmp_path: Path, rows: list[list[Any]], sheet: str = "Feuil1", **formats: str) -> Path:
    """A workbook of one sheet; `formats`: the number format of a column."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    for letter, number_format in formats.items():
        for cell in page[letter]:
            cell.number_format = number_format
    path = tmp_path / "Inventaire.xlsx"
    book.save(path)
    return path


def write_sheet(tmp_path: Path, name: str, content: Any) -> Path:
    path = tmp_path / name
    lines = [json.dumps(item, ensure_ascii=False) for item in (content if name.endswith("jsonl") else [content])]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


# -- workbooks -----------------------------------------------------------------------------------------------------

HEADINGS = ["id", "type", "owner", "insee_code", "status", "location.lon", "location.lat"]
ROW = ["a", "Mât", "montpellier", "34172", "in_service", 3.87, 43.61]


def test_the_rows_of_a_workbook_become_records(root: Path, bring: Bring, tmp_path: Path) -> None:
    head = [*HEADINGS, "height_m", "capacity.checked_on", "capacity.max_devices", "notes"]
    sheet = workbook(tmp_path, [head, [*ROW, 8.5, date(2024, 3, 11), 2, "=x"], [], [None] * 11], "Mâts")
    done = bring(NOTHING, sheet)
    assert (done.added, done.source.form, done.source.sheet, done.ignored) == (1, "xlsx", "Mâts", ())
    found = support(root, "a")
    assert found["capacity"] == {"max_devices": 2, "checked_on": "2024-03-11"}
    assert (found["type"], found["height_m"], found["location"]) == ("mast", 8.5, PLACE)
    assert 'sheet = "Mâts"' in (root / done.mapping).read_text()


def test_a_number_for_an_identifier_is_refused_and_others_are_reported(
    root: Path, bring: Bring, tmp_path: Path
) -> None:
    sheet = workbook(tmp_path, [[*HEADINGS, "local_ref"], [*ROW, 412], [412, *ROW[1:3], 34172, *ROW[4:], None]])
    with pytest.raises(RefusedImport) as refusal:
        bring(NOTHING, sheet)
    assert places(refusal.value) == [("IMP002", 3, "id")]  # 34172 can have lost no zero
    sheet = workbook(tmp_path, [[*HEADINGS, "local_ref"], [*ROW, 412], ["b", *ROW[1:], 1.5]])
    done = bring(NOTHING, sheet)
    warned = [(item.code, item.severity, item.where.row) for item in done.outcome.introduced if item.code == "IMP002"]
    assert warned == [("IMP002", "warning", 2), ("IMP002", "warning", 3)]
    assert (support(root, "a")["local_ref"], support(root, "b")["local_ref"]) == ("412", "1.5")


def test_decimal_commas_typed_as_text_beside_real_numbers(root: Path, bring: Bring, tmp_path: Path) -> None:
    head = [*HEADINGS, "height_m", "capacity.checked_on"]
    first = [*ROW[:5], "3,8712", "43,6101", 8.5, "12/03/2024"]
    second = ["b", *ROW[1:5], 3.8713, 43.6102, "7,5", date(2024, 3, 13)]
    done = bring(NOTHING, workbook(tmp_path, [head, first, second]))
    assert (done.added, done.source.decimal) == (2, ",")
    found = support(root, "a")
    assert (found["location"], found["height_m"]) == ({"lon": 3.8712, "lat": 43.6101}, 8.5)
    assert found["capacity"] == {"checked_on": "2024-03-12"}
    found = support(root, "b")
    assert (found["location"], found["height_m"]) == ({"lon": 3.8713, "lat": 43.6102}, 7.5)


def test_a_title_and_empty_rows_above_the_headings(root: Path, bring: Bring, tmp_path: Path) -> None:
    sheet = workbook(tmp_path, [["Inventaire des mâts, 2024"], [], HEADINGS, ROW, [], ["b", *ROW[1:]]])
    assert bring(NOTHING, sheet).added == 2

    sheet = workbook(tmp_path, [["Inventaire"], [*HEADINGS, "status"], [*ROW, "removed"], ["b", *ROW[1:], "x"]])
    done = bring(NOTHING, sheet)
    assert [note.in_("en") for note in done.notes if "twice" in note.in_("en")] == [
        "headings that stand twice are numbered: status 2"
    ]


def test_a_title_above_the_headings_of_a_csv(root: Path, bring: Bring, tmp_path: Path) -> None:
    path = tmp_path / "mats.csv"
    rows: list[list[Any]] = [["Inventaire", *[""] * 6], [""] * 7, HEADINGS, ROW]
    path.write_text("".join(";".join(map(str, row)) + "\n" for row in rows), "utf-8")
    assert bring(NOTHING, path).added == 1


def test_the_sheet_named_after_the_kind_or_the_one_that_is_named(root: Path, bring: Bring, tmp_path: Path) -> None:
    path = workbook(tmp_path, [["x"], ["y"]], "Lisez-moi")
    book = openpyxl.load_workbook(path)
    for name, id in (("Supports", "a"), ("Autres", "b")):
        page = book.create_sheet(name)
        page.append(HEADINGS)
        page.append([id, *ROW[1:]])
    book.save(path)
    assert bring(NOTHING, path).source.sheet == "Supports"
    assert bring(ImportRequest(sheet="Autres"), path).source.sheet == "Autres"
    assert (support(root, "a")["id"], support(root, "b")["id"]) == ("a", "b")
    with pytest.raises(UsageFault, match="no sheet"):
        bring(ImportRequest(sheet="Autre"), path)


def test_positions_of_a_workbook_in_another_system(root: Path, bring: Bring, tmp_path: Path) -> None:
    sheet = workbook(tmp_path, [HEADINGS, [*ROW[:5], *LAMBERT]])
    bring(ImportRequest(crs="EPSG:2154"), sheet)
    assert support(root, "a")["location"] == HERE


def test_next_year_s_workbook_changes_what_its_columns_fill(root: Path, bring: Bring, tmp_path: Path) -> None:
    bring(NOTHING, workbook(tmp_path, [HEADINGS, ROW, ["b", *ROW[1:]]]))
    done = bring(NOTHING, workbook(tmp_path, [HEADINGS, ROW, ["b", *ROW[1:4], "removed", *ROW[5:]]]))
    assert (done.added, done.changed, done.unchanged) == (0, 1, 1)
    assert git(root, "show", "--format=", "--stat").count("supports/34172") == 1


# -- JSON ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wrapped"),
    [
        ("x.json", lambda items: items),
        ("x.json", lambda items: {"records": [{"kind": "support", "id": i["id"], "data": i} for i in items]}),
        ("x.json", lambda items: {"supports": items, "count": 2}),
        ("x.jsonl", lambda items: items),
        ("x.jsonl", lambda items: [{"kind": k, "id": i["id"], "data": i} for i in items for k in ("support", "party")]),
    ],
)
def test_objects_become_records(root: Path, bring: Bring, tmp_path: Path, name: str, wrapped: Any) -> None:
    whole = {**MAST, "location": PLACE, "notes": "'=1", "capacity": {"max_devices": 2}}
    done = bring(NOTHING, write_sheet(tmp_path, name, wrapped([whole, {**MAST, "id": "b", "location": PLACE}])))
    assert (done.added, done.source.form) == (2, name.split(".")[1])
    assert {name: support(root, "a")[name] for name in whole} == whole


def test_lists_come_in_whole_and_what_is_not_said_stays(root: Path, bring: Bring, tmp_path: Path) -> None:
    convention = {
        "id": "c",
        "title": "C",
        "parties": ["montpellier", "lattes"],
        "families": ["data"],
        "status": "draft",
    }
    bring(NOTHING, write_sheet(tmp_path, "x.json", [{**convention, "notes": "n"}]), "convention")
    change = [{"id": "c", "families": ["data", "installation"]}, {**convention, "id": "d", "notes": None}]
    done = bring(ImportRequest(update=True), write_sheet(tmp_path, "x.json", change), "convention")
    assert (done.added, done.changed) == (1, 1)
    text = (root / "registry/conventions/c.yaml").read_text()
    assert 'notes: "n"' in text
    assert "  - data\n  - installation\n" in text
    bring(ImportRequest(update=True), write_sheet(tmp_path, "x.json", [{"id": "c", "notes": None}]), "convention")
    assert "notes" not in (root / "registry/conventions/c.yaml").read_text()


CHOICES = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "power"],
    "properties": {
        "id": {"type": "string"},
        "power": {
            "type": "object",
            "oneOf": [
                {"properties": {"grid": {"type": "string"}}, "required": ["grid"]},
                {"properties": {"battery": {"type": "number"}}, "required": ["battery"]},
            ],
        },
        "either": {"anyOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "string"}]},
        "both": {
            "type": "object",
            "properties": {"x": {"type": "string"}},
            "allOf": [{"properties": {"z": {"type": "integer"}}}],
        },
    },
}


def test_objects_of_a_choice_come_in_whole(root: Path, bring: Bring, tmp_path: Path) -> None:
    (root / "schemas/gate.schema.json").write_text(json.dumps(CHOICES))
    git(root, "add", "schemas")
    git(root, "commit", "--quiet", "--message=gates")
    gates = [
        {"id": "g1", "power": {"grid": "enedis"}, "either": {"a": "q"}, "both": {"x": "1", "z": 2}},
        {"id": "g2", "power": {"battery": 3.5}, "either": "text"},
    ]
    assert bring(NOTHING, write_sheet(tmp_path, "gates.json", gates), "gate").added == 2
    for gate in gates:
        (path,) = (root / "registry").rglob(f"{gate['id']}.yaml")
        assert read(path.read_bytes(), "").data == gate
    with pytest.raises(RefusedImport) as refusal:
        bring(NOTHING, write_sheet(tmp_path, "more.json", [{"id": "g3", "power": ""}]), "gate")
    (found,) = refusal.value.outcome.introduced
    assert (found.code, found.where.path, found.where.row) == ("SCH101", ("power",), 1)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("x.json", "{", [("IMP001", None, None)]),
        ("x.json", '[{"id": "a"}, 7]', [("IMP001", 2, None)]),
        ("x.json", '[{"id": "a", "id": "b"}]', [("IMP001", None, None)]),
        ("x.json", '[{"id": NaN}]', [("IMP001", None, None)]),
        ("x.json", "[" * 100_000, [("IMP001", None, None)]),
        ("x.json", "[]", [("IMP001", None, None)]),
        ("x.jsonl", '{"id": "a"}\n\n{"id"', [("IMP001", 3, None)]),
        ("x.geojson", "[]", [("IMP001", None, None)]),
        ("x.geojson", '{"type": "FeatureCollection", "features": [7]}', [("IMP001", 1, None)]),
        (
            "x.geojson",
            '{"features": [{"geometry": {"type": "GeometryCollection", "geometries": []}}]}',
            [("IMP001", 1, None)],
        ),
    ],
)
def test_what_is_no_list_of_objects(
    bring: Bring, tmp_path: Path, name: str, text: str, expected: list[tuple[str, int | None, None]]
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RefusedImport) as refusal:
        bring(NOTHING, tmp_path / name)
    assert places(refusal.value) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"local_ref": 34172}, ("REC103", 2, "local_ref")),
        ({"status": "gone"}, ("SCH103", 2, "status")),
        ({"notes": "a\x07"}, ("YML006", 2, "notes")),
        ({"owner": "nobody"}, ("REF201", 2, "owner")),
        ({"height_m": "8"}, ("SCH102", 2, "height_m")),
    ],
)
def test_a_value_that_cannot_be_has_its_row_and_column(
    bring: Bring, tmp_path: Path, change: dict[str, Json], expected: tuple[str, int, str]
) -> None:
    items = [{**MAST, "location": PLACE}, {**MAST, "id": "b", "location": PLACE, **change}]
    with pytest.raises(RefusedImport) as refusal:
        bring(NOTHING, write_sheet(tmp_path, "x.json", items))
    assert expected in places(refusal.value)


# -- GeoJSON -------------------------------------------------------------------------------------------------------


def features(place: list[float], **more: Json) -> dict[str, Json]:
    properties = {name: value for name, value in MAST.items() if name != "id"}
    feature = {
        "type": "Feature",
        "id": "a",
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {**properties, "lon": 0, "address": "rue"},
    }
    return {"type": "FeatureCollection", **more, "features": [feature]}


@pytest.mark.parametrize("name", ["x.geojson", "x.json"])
def test_points_become_positions(root: Path, bring: Bring, tmp_path: Path, name: str) -> None:
    done = bring(NOTHING, write_sheet(tmp_path, name, features([3.87, 43.61, 12.0])))
    assert (done.source.form, support(root, "a")["location"], support(root, "a")["address"]) == (
        "geojson",
        PLACE,
        "rue",
    )


def test_the_system_that_the_file_names_counts(root: Path, bring: Bring, tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    bring(NOTHING, write_sheet(tmp_path, "x.geojson", features(list(LAMBERT), crs=crs)))
    assert support(root, "a")["location"] == HERE


def test_columns_of_a_map_fill_fields(root: Path, bring: Bring, tmp_path: Path) -> None:
    content = features([3.87, 43.61])
    content["features"][0]["properties"] = {"nom": "Place", "h": 9}
    del content["features"][0]["id"]
    constants = ("owner=montpellier", "insee_code=34172", "type=mast", "status=in_service")
    maps = ("nom=address", "h=height_m", "location.lon=location.lon", "location.lat=location.lat")
    bring(ImportRequest(maps=maps, constants=constants, id_from="nom"), write_sheet(tmp_path, "x.geojson", content))
    found = support(root, "place")
    assert (found["height_m"], found["location"]) == (9, PLACE)


@pytest.mark.promise("R8")
def test_rows_and_columns_that_are_only_formatted_do_not_count(root: Path, bring: Bring, tmp_path: Path) -> None:
    """LibreOffice notes the last row of a sheet, and cells of a formatted column, in a file of a few kilobytes."""
    file = workbook(tmp_path, [HEADINGS, ["a", "mast", "montpellier", "34172", "in_service", 3.87123, 43.61234]])
    book = openpyxl.load_workbook(file)
    page = book.active
    assert page is not None
    page.row_dimensions[1_048_576].height = 12.8
    for row in (2, 500_000, 1_048_576):
        for column in (1, 9, 16_384):
            page.cell(row, column).font = openpyxl.styles.Font(bold=True)
    book.save(file)
    assert bring(NOTHING, file).added == 1
    assert support(root, "a")["type"] == "mast"
