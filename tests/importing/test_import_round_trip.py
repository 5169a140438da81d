"""An exported sheet that comes back edited: exactly the edits, three ways, in workbooks and CSV."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import openpyxl
import pytest
from conftest import Git
from exports import save_as_ods

from smartreg.commands.export import ExportOptions, export_tables, write_files
from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.commands.returns import import_workbook
from smartreg.core.errors import UsageFault
from smartreg.core.escape import cell_text
from smartreg.core.messages import verbatim
from smartreg.core.values import Json, Language, RecordId
from smartreg.edit import WriteOptions
from smartreg.exporters import FORMATS
from smartreg.importing.effects import Imported
from smartreg.importing.options import ImportRequest
from smartreg.importing.values import value_of
from smartreg.schema import bundled_files, read_schemas
from smartreg.tables import Column, Table
from smartreg.tables.adapted import label_table
from smartreg.workspace.output import Output
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import open_workspace

OPTIONS = WriteOptions(on=date(2026, 1, 15))
NOTHING = ImportRequest()
SENSOR = "istres-noise-1"
FILE = f"registry/equipment/{SENSOR}.yaml"

Cells: TypeAlias = dict[tuple[str, str], Any]  # (id, heading) → what is put there
Edit: TypeAlias = Callable[[Path, Cells], None]


def export_to(root: Path, folder: Path, form: str, *kinds: str, **wanted: Any) -> Path:
    made = export_tables(
        open_workspace(root),
        ExportOptions(kinds or ("equipment",), **wanted),
        form=form,
        lang="fr" if form == "csv" else "en",
        dialect="excel-fr" if form == "csv" else None,
    )
    return next(path for path in write_files(made, Output(folder, None)) if path.suffix == FORMATS[form].suffix)


def bring(root: Path, file: Path, request: ImportRequest = NOTHING, kind: str = "equipment") -> Imported:
    workspace = open_workspace(root)
    return import_records(workspace, workspace.current.schemas.kind(kind), file, request, OPTIONS)


def errors_of(root: Path, file: Path, request: ImportRequest = NOTHING) -> list[tuple[str, int | None, str | None]]:
    before = head(root)
    with pytest.raises(RefusedImport) as refusal:
        bring(root, file, request)
    assert head(root) == before
    errors = [item for item in refusal.value.outcome.introduced if item.severity == "error"]
    return [(item.code, item.where.row, item.where.column) for item in errors]


def head(root: Path) -> str:
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True).stdout


def edit_workbook(file: Path, cells: Cells, sheet: str = "equipment") -> None:
    book = openpyxl.load_workbook(file)
    page = book[sheet]
    columns = {cell.value: cell.column for cell in page[1]}
    rows = {cell.value: cell.row for cell in page["A"]}
    for (id, heading), value in cells.items():
        page.cell(rows[id], columns[heading]).value = value
    book.save(file)


def edit_csv(file: Path, cells: Cells) -> None:
    """As a spreadsheet in French saves it: windows-1252, days the French way."""
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline=""), delimiter=";"))
    for row in rows[1:]:
        for place, heading in enumerate(rows[0]):
            row[place] = "" if (value := cells.get((row[0], heading), row[place])) is None else str(value)
            if row[place][:3] == "202" and row[place].count("-") == 2:
                row[place] = "/".join(reversed(row[place].split("-")))
    with file.open("w", encoding="cp1252", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)


def lines(root: Path, file: str = FILE) -> list[str]:
    return (root / file).read_text().splitlines()


def changed_lines(root: Path, file: str = FILE) -> set[str]:
    """The lines that the last commit took away (-) and brought (+)."""
    words = ["git", "show", "--format=", "--unified=0", "HEAD", "--", file]
    text = subprocess.run(words, cwd=root, check=True, capture_output=True, text=True).stdout
    return {line for line in text.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")}


# -- what comes back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "audience"), [("xlsx", "internal"), ("csv", "partners"), ("xlsx", "public")])
def test_what_nobody_edited_changes_nothing(golden_registry: Path, tmp_path: Path, form: str, audience: str) -> None:
    before = head(golden_registry)
    for kind, name in (("equipment", "equipment"), ("party", "parties"), ("convention", "conventions")):
        file = export_to(golden_registry, tmp_path / kind, form, name, audience=audience)
        (edit_workbook(file, {}, name) if form == "xlsx" else edit_csv(file, {}))
        done = bring(golden_registry, file, kind=kind)
        assert (done.added, done.changed, done.missing, done.base is not None) == (0, 0, (), True)
    assert head(golden_registry) == before


def headings(file: Path) -> list[str]:
    if file.suffix == ".xlsx":
        return [str(cell.value) for cell in openpyxl.load_workbook(file)["equipment"][1]]
    return file.read_text("utf-8-sig").splitlines()[0].split(";")


@pytest.mark.parametrize(("form", "edit"), [("xlsx", edit_workbook), ("csv", edit_csv)])
def test_edits_come_back_as_these_fields_alone(golden_registry: Path, tmp_path: Path, form: str, edit: Edit) -> None:
    path = golden_registry / FILE
    text = path.read_text().replace("weight_kg: 1e-2", "weight_kg: 1.50  # scales")
    path.write_text(text.replace("status:", "# put up by the city\nstatus:"))
    subprocess.run(["git", "commit", "-qam", "comments"], cwd=golden_registry, check=True)
    file = export_to(golden_registry, tmp_path / "out", form)
    weight, notes = ("weight_kg", "notes") if form == "xlsx" else ("masse_kg", "observations")
    edit(file, {(SENSOR, weight): 2.25 if form == "xlsx" else "2,25", (SENSOR, notes): "repeint en 2026"})
    documented = ("documentation=https://example.org",)
    assert set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", documented, (), OPTIONS).commit
    done = bring(golden_registry, file)
    assert (done.changed, done.added, done.missing) == (1, 0, ())
    assert changed_lines(golden_registry) == {
        "-weight_kg: 1.50  # scales",
        "+weight_kg: 2.25  # scales",
        "+notes: repeint en 2026",
    }
    assert "# put up by the city" in lines(golden_registry)
    assert bring(golden_registry, file).changed == 0  # the same file again


@pytest.mark.parametrize(("form", "edit"), [("xlsx", edit_workbook), ("csv", edit_csv)])
def test_points_in_another_system_are_not_read_back(
    golden_registry: Path, tmp_path: Path, form: str, edit: Edit
) -> None:
    file = export_to(golden_registry, tmp_path / "out", form, crs="EPSG:2154")
    weight = "weight_kg" if form == "xlsx" else "masse_kg"
    east, north = ("x_l93", "y_l93") if form == "xlsx" else ("x_lambert93", "y_lambert93")
    edit(file, {(SENSOR, weight): 2 if form == "xlsx" else "2", (SENSOR, east): 700000 if form == "xlsx" else "700000"})
    done = bring(golden_registry, file)
    assert (done.changed, done.ignored) == (1, (east, north))
    assert changed_lines(golden_registry) == {"-weight_kg: 1e-2", "+weight_kg: 2"}


@pytest.mark.parametrize(("form", "lang"), [("csv", "en"), ("xlsx", "fr")])
def test_labels_come_in_again_as_their_codes(golden_registry: Path, tmp_path: Path, form: str, lang: Language) -> None:
    """Every value of every list: as the export of codes, and nothing changes."""
    for kind in open_workspace(golden_registry).current.schemas.kinds:
        made = export_tables(open_workspace(golden_registry), ExportOptions((kind,), labels=lang), form=form, lang=lang)
        main = next(
            path for path in write_files(made, Output(tmp_path / kind, None)) if path.suffix == FORMATS[form].suffix
        )
        assert bring(golden_registry, main, kind=kind).changed == 0


def test_edits_of_a_workbook_saved_as_ods_come_in_alone(golden_registry: Path, tmp_path: Path) -> None:
    """A cell of the main sheet and one of a list; the types of all others survive."""
    sheets = {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
        for sheet in openpyxl.load_workbook(export_to(golden_registry, tmp_path, "xlsx"))
    }
    main, uses = sheets["equipment"], sheets["equipment_use_cases"]
    (row,) = (row for row in main if row[0] == SENSOR)
    row[main[0].index("weight_kg")] = 2
    (use,) = (row for row in uses if row[:3] == [SENSOR, 1, "noise"])
    use[2] = "waste"

    assert bring(golden_registry, save_as_ods(tmp_path / "edited.ods", sheets)).changed == 1
    assert changed_lines(golden_registry) == {"-weight_kg: 1e-2", "+weight_kg: 2", "-  - noise", "+  - waste"}


def test_an_edited_english_label_comes_in_as_its_code(golden_registry: Path, tmp_path: Path) -> None:
    made = export_tables(open_workspace(golden_registry), ExportOptions(("flow",), labels="en"), form="xlsx", lang="en")
    (file,) = write_files(made, Output(tmp_path / "out", None))
    edit_workbook(file, {("noise", "protocol"): "HTTPS"}, "Flows")

    assert bring(golden_registry, file, kind="flow").changed == 1
    assert "protocol: https\n" in (golden_registry / "registry/flows/noise.yaml").read_text("utf-8")


def test_a_number_typed_with_a_decimal_comma_comes_in(golden_registry: Path, tmp_path: Path) -> None:
    made = export_tables(open_workspace(golden_registry), ExportOptions(("equipment",)), form="xlsx", lang="fr")
    (file,) = write_files(made, Output(tmp_path / "out", None))
    edit_workbook(file, {(SENSOR, "hauteur_m"): "4,5"})

    assert bring(golden_registry, file).changed == 1
    assert "+height_m: 4.5" in changed_lines(golden_registry)


def test_edited_labels_come_in_as_codes(golden_registry: Path, tmp_path: Path) -> None:
    made = export_tables(
        open_workspace(golden_registry), ExportOptions(("equipment",), labels="fr"), form="xlsx", lang="fr"
    )
    (file,) = write_files(made, Output(tmp_path / "out", None))
    book = openpyxl.load_workbook(file)
    assert book.sheetnames[0] == "Équipements connectés"
    assert book.sheetnames[-1] == "à propos"
    edit_workbook(file, {(SENSOR, "statut"): "en panne"}, "Équipements connectés")

    assert bring(golden_registry, file).changed == 1
    assert {"-status: active", "+status: faulty"} <= changed_lines(golden_registry)


def test_an_edited_label_of_the_vocabulary_comes_in_as_its_key(golden_registry: Path, tmp_path: Path) -> None:
    made = export_tables(
        open_workspace(golden_registry), ExportOptions(("equipment",), labels="fr"), form="xlsx", lang="fr"
    )
    (file,) = write_files(made, Output(tmp_path / "out", None))
    book = openpyxl.load_workbook(file)
    (name,) = (name for name in book.sheetnames if name.endswith("– Grandeurs mesurées"))
    page = book[name]
    said = [cell for row in page.iter_rows(min_row=2) for cell in row if cell.value == LABELS["noiseLevel"]]
    said[0].value = LABELS["airTemperature"]
    book.save(file)

    assert bring(golden_registry, file).changed == 1
    assert any(line.endswith("property: airTemperature") for line in changed_lines(golden_registry))


LABELS = {key: item.label.in_("fr") for key, item in read_schemas(bundled_files()).properties.items()}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_label_is_written_that_would_come_in_as_something_else(lang: Language) -> None:
    schemas = read_schemas(bundled_files())
    for kind in schemas.kinds.values():
        for field in (field for field in kind.fields if field.enum and field.kind == "string"):
            column = Column("x", verbatim("x"), "string", field.description, field)
            table = Table("t", kind, (), kind.title, kind.description, (column,), 0, lambda: iter(ROWS))
            ROWS[:] = [(value,) for value in field.enum]
            found = [row[0] for row in label_table(table, lang, schemas).rows()]
            assert [value_of(field, str(cell), ".") for cell in found] == list(field.enum)


ROWS: list[tuple[Json, ...]] = []


def test_a_position_that_a_support_lends_stays_lent_until_it_is_edited(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    place = openpyxl.load_workbook(file)["equipment"]
    columns = {cell.value: cell.column for cell in place[1]}
    row = next(cell.row for cell in place["A"] if cell.value == SENSOR)
    lon, lat = (place.cell(row, columns[name]).value for name in ("lon", "lat"))
    assert isinstance(lat, float)
    edit_workbook(file, {(SENSOR, "lat"): lat + 0.0001})
    assert bring(golden_registry, file).changed == 1
    data = open_workspace(golden_registry).current.get(RecordId("equipment", SENSOR))
    assert data is not None
    assert data.data["location"] == {"lon": lon, "lat": round(lat + 0.0001, 6)}


def test_a_new_row_with_its_lists_is_a_new_record(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(file)
    page = book["equipment"]
    row = {cell.value: cell.row for cell in page["A"]}[SENSOR]
    kept = {"type", "owner_id", "status", "support_id", "installed_on"}
    page.append(
        [
            "new-1" if place == 0 else cell.value if head.value in kept else None
            for place, (head, cell) in enumerate(zip(page[1], page[row], strict=True))
        ]
    )
    use_case = book["equipment_use_cases"]["C2"].value
    book["equipment_use_cases"].append(["new-1", 1, use_case])
    book.save(file)
    done = bring(golden_registry, file)
    assert (done.added, done.changed) == (1, 0)
    record = open_workspace(golden_registry).current.get(RecordId("equipment", "new-1"))
    assert record is not None
    assert record.data["use_cases"] == [use_case]


def test_a_new_row_comes_in_once_whatever_it_leaves_empty(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(file)
    page = book["equipment"]
    row = {cell.value: cell.row for cell in page["A"]}[SENSOR]
    kept = {"type": None, "owner_id": None, "support_id": None, "id": "new-1"}
    page.append(
        [kept[head.value] or cell.value if head.value in kept else None for head, cell in columns_at(page, row)]
    )
    book.save(file)
    with pytest.raises(RefusedImport) as refusal:  # the list that it must have is in another sheet
        bring(golden_registry, file)
    (hint,) = [item.hint for item in refusal.value.outcome.introduced if item.code == "SCH101"]
    assert hint is not None
    assert "sheet equipment_use_cases" in hint.in_("en")
    book["equipment_use_cases"].append(["new-1", 1, book["equipment_use_cases"]["C2"].value])
    book.save(file)
    assert bring(golden_registry, file).added == 1
    again = bring(golden_registry, file)
    assert (again.added, again.changed, again.outcome.commit) == (0, 0, None)
    assert set_fields(
        open_workspace(golden_registry), "equipment/new-1", ("status=installed", "installed_on=2025-01-10"), (), OPTIONS
    )
    assert bring(golden_registry, file).changed == 0


def columns_at(page: Any, row: int) -> Iterator[tuple[Any, Any]]:
    """Each heading of a sheet with its cell in a row."""
    return zip(page[1], page[row], strict=True)


def test_rows_of_lists_come_go_and_change(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(file)
    page = book["equipment_measures"]
    own = [row for row in page.iter_rows(min_row=2) if row[0].value == SENSOR]
    before = open_workspace(golden_registry).current.get(RecordId("equipment", SENSOR))
    assert before is not None
    page.append([SENSOR, None, "airTemperature", "Cel"])
    own[0][3].value = "dB[SPL]" if own[0][3].value != "dB[SPL]" else "dB"
    book.save(file)
    assert bring(golden_registry, file).changed == 1
    after = open_workspace(golden_registry).current.get(RecordId("equipment", SENSOR))
    assert after is not None
    first = {**before.data["measures"][0], "unit": own[0][3].value}
    assert after.data["measures"] == [
        first,
        *before.data["measures"][1:],
        {"property": "airTemperature", "unit": "Cel"},
    ]
    assert {**after.data, "measures": None} == {**before.data, "measures": None}


def test_missing_rows_are_reported_and_kept(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(file)
    rows = {cell.value: cell.row for cell in book["equipment"]["A"]}
    book["equipment"].delete_rows(rows[SENSOR])
    book.save(file)
    before = head(golden_registry)
    done = bring(golden_registry, file)
    assert (done.missing, head(golden_registry)) == ((SENSOR,), before)


# -- what is refused -----------------------------------------------------------------------------------------------


def row_of(file: Path, id: str = SENSOR) -> int:
    return next(int(cell.row) for cell in openpyxl.load_workbook(file)["equipment"]["A"] if cell.value == id)


def test_a_cell_changed_on_both_sides_is_a_conflict(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=registry",), (), OPTIONS)
    edit_workbook(file, {(SENSOR, "notes"): "sheet", (SENSOR, "weight_kg"): 3})
    assert errors_of(golden_registry, file) == [("IMP005", row_of(file), "notes")]
    assert bring(golden_registry, file, replace(NOTHING, update=True)).changed == 1
    assert any("notes: sheet" in line for line in lines(golden_registry))


def test_all_that_is_wrong_is_told_at_once(golden_registry: Path, tmp_path: Path) -> None:
    """Cells that cannot be read, a conflict, what is looked up, and what a rule says: none waits for another to be
    mended; each with its sheet, and with what would do."""
    file = export_to(golden_registry, tmp_path / "out", "xlsx", labels="fr")
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=registry",), (), OPTIONS)
    sheet = openpyxl.load_workbook(file).sheetnames[0]
    other = "istres-noise-0"
    edit_workbook(
        file,
        {
            (SENSOR, "status"): "cassé",
            (SENSOR, "notes"): "sheet",
            (SENSOR, "installed_on"): "novembre 2026",
            (other, "support_owner"): "somebody",
            (other, "weight_kg"): -1,
            (other, "dev_eui"): "70B3",
        },
        sheet,
    )
    with pytest.raises(RefusedImport) as refusal:
        bring(golden_registry, file)
    errors = [item for item in refusal.value.outcome.introduced if item.severity == "error"]
    assert sorted((item.code, item.where.column) for item in errors) == [
        ("IMP005", "notes"),
        ("IMP006", "support_owner"),
        ("SCH103", "status"),
        ("SCH104", "dev_eui"),
        ("SCH105", "installed_on"),
        ("SCH106", "weight_kg"),
    ]
    assert {item.where.file for item in errors} == {f"{file.name} [{sheet}]"}
    by_code = {item.code: (item.message.in_("en"), item.hint.in_("en") if item.hint else "") for item in errors}
    assert by_code["SCH105"] == (
        'installed_on: "novembre 2026" is a month, and must be a day',
        "write a day, such as 2026-11-01",
    )
    assert by_code["SCH103"][1] == "correct the cell"


def test_the_same_change_on_both_sides_is_none(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=both",), (), OPTIONS)
    edit_workbook(file, {(SENSOR, "notes"): "both"})
    assert bring(golden_registry, file).changed == 0


def test_a_later_change_back_is_not_overwritten_by_the_same_sheet(
    golden_registry: Path, tmp_path: Path, git: Git
) -> None:
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=base",), (), OPTIONS)
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    edit_workbook(file, {(SENSOR, "notes"): "sheet", (SENSOR, "weight_kg"): 3})
    assert bring(golden_registry, file).changed == 1
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=base",), (), OPTIONS)
    assert errors_of(golden_registry, file) == [("IMP005", row_of(file), "notes")]
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=sheet",), (), OPTIONS)
    assert bring(golden_registry, file).changed == 0
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=base",), (), OPTIONS)
    assert bring(golden_registry, file, replace(NOTHING, update=True)).changed == 1


def test_a_list_changed_and_changed_back_is_a_conflict(golden_registry: Path, tmp_path: Path, git: Git) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(file)
    book["equipment_measures"].append([SENSOR, None, "airTemperature", "Cel"])
    book.save(file)
    before = (golden_registry / FILE).read_bytes()
    assert bring(golden_registry, file).changed == 1
    (golden_registry / FILE).write_bytes(before)
    git("commit", "--quiet", "--all", "--message=back")
    assert errors_of(golden_registry, file) == [("IMP005", None, None)]


def test_what_a_merge_brings_from_the_base_is_no_change(golden_registry: Path, tmp_path: Path, git: Git) -> None:
    git("branch", "side")
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=base",), (), OPTIONS)
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    git("checkout", "--quiet", "side")
    (golden_registry / "registry/README.txt").write_text("side")
    git("add", "--all")
    git("commit", "--quiet", "--message=side")
    git("merge", "--quiet", "--no-edit", "main")
    edit_workbook(file, {(SENSOR, "notes"): "sheet"})
    assert bring(golden_registry, file).changed == 1


def test_a_record_that_went_meanwhile(golden_registry: Path, tmp_path: Path, git: Git) -> None:
    other = "registry/equipment/zz.yaml"
    (golden_registry / other).write_text((golden_registry / FILE).read_text().replace(SENSOR, "zz"))
    git("add", "--all")
    git("commit", "--quiet", "--message=zz")
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    git("rm", "--quiet", other)
    git("commit", "--quiet", "--message=gone")
    done = bring(golden_registry, file)
    assert (done.added, done.changed) == (0, 0)
    edit_workbook(file, {("zz", "notes"): "n"})
    assert errors_of(golden_registry, file) == [("IMP005", row_of(file, "zz"), "notes")]


def test_what_is_looked_up_cannot_be_edited_but_follows(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    edit_workbook(file, {(SENSOR, "support_owner"): "somebody"})
    assert errors_of(golden_registry, file) == [("IMP006", row_of(file), "support_owner")]


def test_an_edit_of_what_is_computed_is_refused_and_not_lost(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx", "equipment", "flow")
    workspace = open_workspace(golden_registry)
    returned = import_workbook(workspace, file, NOTHING, OPTIONS)
    assert (returned.fault, returned.outcome and returned.outcome.changes) == (None, ())
    book = openpyxl.load_workbook(file)
    book["coverage"]["F2"] = "somebody"
    book.save(file)
    refusal = import_workbook(workspace, file, NOTHING, OPTIONS).fault
    assert isinstance(refusal, RefusedImport)
    assert [(each.code, each.where.file, each.where.column) for each in refusal.outcome.introduced] == [
        ("IMP006", f"{file.name} [coverage]", "partners")
    ]


def test_an_empty_cell_takes_a_field_away_and_a_required_one_is_refused(golden_registry: Path, tmp_path: Path) -> None:
    set_fields(open_workspace(golden_registry), f"equipment/{SENSOR}", ("notes=n",), (), OPTIONS)
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    edit_workbook(file, {(SENSOR, "notes"): None})
    assert bring(golden_registry, file).changed == 1
    assert not any(line.startswith("notes") for line in lines(golden_registry))
    edit_workbook(file, {(SENSOR, "status"): None})
    assert errors_of(golden_registry, file) == [("SCH101", row_of(file), "status")]


def test_without_its_ids_a_sheet_cannot_come_back(golden_registry: Path, tmp_path: Path) -> None:
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(file)
    book["equipment"].delete_cols(1)
    book.save(file)
    with pytest.raises(UsageFault):
        bring(golden_registry, file)


def test_a_missing_or_renamed_column_is_reported(golden_registry: Path, tmp_path: Path) -> None:
    names = ("status", "model", "height_m")
    file = export_to(golden_registry, tmp_path / "out", "xlsx", columns=names)
    assert bring(golden_registry, file).notes == ()
    book = openpyxl.load_workbook(file)
    heads = {cell.value: cell for cell in book["equipment"][1]}
    heads["model"].value = "model name"
    book["equipment"].delete_cols(heads["height_m"].column)
    book.save(file)
    edit_workbook(file, {(SENSOR, "status"): "faulty"})
    done = bring(golden_registry, file)
    (note,) = done.notes
    assert note.in_("en").startswith("columns of the export that the sheet no longer has: model, height_m;")
    assert done.ignored == ("model name",)
    assert changed_lines(golden_registry) == {"-status: active", "+status: faulty"}


def test_a_state_without_a_commit_or_of_another_registry_is_a_plain_sheet(
    golden_registry: Path, tmp_path: Path
) -> None:
    (golden_registry / "registry/equipment/notes.yaml").write_text("id: [\n")
    file = export_to(golden_registry, tmp_path / "out", "xlsx")
    (golden_registry / "registry/equipment/notes.yaml").unlink()
    edit_workbook(file, {(SENSOR, "notes"): "n"})
    assert ("IMP004", row_of(file), "notes") in errors_of(golden_registry, file)


# -- any edit ------------------------------------------------------------------------------------------------------

CELLS: dict[str, tuple[Json, ...]] = {
    "notes": ("a", "=1+1", "'x", "- b: c", "été\nlong", "0123", None),
    "documentation": ("https://example.org/a;b", "https://example.org/,", None),
    "weight_kg": (0, 1.5, 12, 0.123456, None),
    "height_m": (4, 4.25, None),
    "consumption_w": (0.5, 3, None),
    "confirmed_on": ("2025-01-31", "2024-02-29", None),
    "procurement_ref": ("0042", "a, b", None),
    "calibration_period_months": (6, 24, None),
}


def edits(random: Random, ids: list[str], known: set[str]) -> Iterator[tuple[tuple[str, str], Json]]:
    for _ in range(random.randint(1, 6)):
        heading = random.choice(sorted(CELLS.keys() & known))
        yield (random.choice(ids), heading), random.choice(CELLS[heading])


@pytest.mark.parametrize("seed", range(3))
def test_export_edit_import_is_exactly_the_edits(golden_registry: Path, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    for path in (golden_registry / "registry/equipment").glob("*.yaml"):
        path.write_text(add_comments(path.read_text()))
    subprocess.run(["git", "commit", "-qam", "comments"], cwd=golden_registry, check=True)
    before = {record.rid.id: record.data for record in open_workspace(golden_registry).current.of_kind("equipment")}
    comments = {path: path.read_text().count("# c") for path in (golden_registry / "registry/equipment").glob("*.yaml")}
    form, edit = random.choice((("xlsx", edit_workbook), ("csv", edit_csv)))
    file = export_to(golden_registry, tmp_path / "out", form)
    table = dict(zip(headings_en(golden_registry), headings(file), strict=True))
    wanted = dict(edits(random, sorted(before), set(table)))
    shown = {
        (id, table[heading]): str(value).replace(".", ",") if form == "csv" and isinstance(value, float) else value
        for (id, heading), value in wanted.items()
    }
    if form == "csv":
        shown = {key: cell_text(value) if isinstance(value, str) else value for key, value in shown.items()}
    edit(file, shown)
    workspace = open_workspace(golden_registry)
    kind = workspace.current.schemas.kind("equipment")
    import_records(workspace, kind, file, NOTHING, replace(OPTIONS, commit=True))
    after = {record.rid.id: record.data for record in open_workspace(golden_registry).current.of_kind("equipment")}
    places = {field.column or field.name: field.path for field in kind.fields}
    for (id, heading), value in wanted.items():
        before[id] = with_value(before[id], places[heading], value)
    assert after == before
    for path, count in comments.items():
        gone = sum(1 for (id, _), value in wanted.items() if value is None and id == path.stem)
        assert path.read_text().count("# c") >= count - gone


def add_comments(text: str) -> str:
    """A comment after every third line that has a plain value."""
    lines = text.splitlines()
    ends = ["  # c" if n % 3 == 1 and ": " in line and "#" not in line else "" for n, line in enumerate(lines)]
    return "".join(f"{line}{end}\n" for line, end in zip(lines, ends, strict=True))


def headings_en(root: Path) -> list[str]:
    made = export_tables(open_workspace(root), ExportOptions(("equipment",)), form="csv")
    return made.files[0].content.decode().splitlines()[0].split(",")


def with_value(data: Any, path: tuple[str, ...], value: Json) -> dict[str, Json]:
    found = dict(data)
    if len(path) > 1:
        inner = with_value(found.get(path[0], {}), path[1:], value)
        value = inner or None
    if value is None:
        found.pop(path[0], None)
    else:
        found[path[0]] = value
    return found
