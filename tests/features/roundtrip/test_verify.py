"""`verify`: whether an exported file, as it comes back from somebody, matches the registry at its commit."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import Git
from exports import save_as_ods
from program import Done, start

from smartreg import __version__
from smartreg.commands.export import ExportOptions, export_tables, write_files
from smartreg.commands.page import ChangesShown, page
from smartreg.commands.report import BilanOptions, bilan, render_files
from smartreg.commands.verify_report import report_in
from smartreg.core.errors import StateFault, UsageFault
from smartreg.exporters import FORMATS
from smartreg.features.roundtrip.verify import VerifiedExport, verify
from smartreg.workspace.output import Output
from smartreg.workspace.workspace import Workspace, open_workspace

SENSOR = "registry/equipment/istres-noise-1.yaml"
FORMS = ("csv", "xlsx", "json", "geojson", "gpkg", "sqlite")


@pytest.fixture
def workspace(golden_registry: Path) -> Workspace:
    return open_workspace(golden_registry)


def export_to(workspace: Workspace, folder: Path, form: str, *kinds: str, **more: Any) -> Path:
    """The export in a folder; the path of its main file."""
    lang, dialect = more.pop("lang", "en"), more.pop("dialect", None)
    made = export_tables(workspace, ExportOptions(kinds, **more), form=form, lang=lang, dialect=dialect)
    return next(path for path in write_files(made, Output(folder, None)) if path.suffix == FORMATS[form].suffix)


def differences_of(found: VerifiedExport) -> list[tuple[Any, ...]]:
    return [(item.what, item.row, item.key, item.column, item.exported, item.present) for item in found.differences]


# -- what was exported ---------------------------------------------------------------------------------------------


PARTS: tuple[dict[str, Any], ...] = (
    {"audience": "public", "columns": ("type", "status")},
    {"where": ("status=active",), "lang": "fr"},
    {"all_tables": True, "lang": "fr"},
)


@pytest.mark.parametrize(
    ("form", "more"),
    [*((form, {}) for form in FORMS), *((form, PARTS[place % 3]) for place, form in enumerate(FORMS))],
)
def test_an_export_is_what_the_registry_said(
    workspace: Workspace, tmp_path: Path, git: Git, form: str, more: dict[str, Any]
) -> None:
    kinds = ("equipment",) if more else ()
    file = export_to(workspace, tmp_path / "out", form, *kinds, **more)
    git("rm", "--quiet", SENSOR)
    git("commit", "--quiet", "--message=later")
    found = verify(open_workspace(workspace.root), file)
    assert (found.same, found.origin.audience) == ("bytes", more.get("audience", "internal"))


@pytest.mark.parametrize("dialect", ["standard", "excel-fr"])
def test_a_csv_file_alone_by_its_package_or_by_the_commit(workspace: Workspace, tmp_path: Path, dialect: str) -> None:
    file = export_to(workspace, tmp_path / "out", "csv", "supports", dialect=dialect, lang="fr", audience="partners")
    alone = tmp_path / "pièce jointe (1).csv"
    alone.write_bytes(file.read_bytes())
    with pytest.raises(UsageFault, match="does not name its commit"):
        verify(workspace, alone)
    assert verify(workspace, alone, package=tmp_path / "out" / "datapackage.json").same == "bytes"
    with pytest.raises(UsageFault, match=r"datapackage\.json describes the files beside it"):
        verify(workspace, tmp_path / "out" / "datapackage.json")
    found = verify(workspace, alone, at="HEAD")
    assert (found.same, found.origin.audience) == ("bytes", "partners")


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("ngsi-ld", "equipment"),
        ("sensorthings", "equipment"),
        ("dcat", "flow"),
        ("scdl", "deliberation"),
        ("parquet", "flow"),
    ],
)
def test_what_follows_a_standard_is_compared_byte_for_byte(
    workspace: Workspace, tmp_path: Path, git: Git, form: str, kind: str
) -> None:
    file = export_to(workspace, tmp_path / "out", form, kind, audience="partners", lang="fr")
    git("commit", "--quiet", "--allow-empty", "--message=later")
    found = verify(workspace, file)
    assert (found.same, found.form, found.origin.audience, found.origin.kinds) == ("bytes", form, "partners", (kind,))
    content = file.read_bytes()
    if form == "scdl":
        file.write_bytes(content.replace(b"2023-03-16", b"2023-03-17"))
    else:
        place = max(content.rfind(word) for word in (b"bruit", b"istres"))
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    changed = verify(workspace, file)
    assert (changed.same, changed.differences[-1].what) == ("no", "content")


@pytest.mark.parametrize("form", ["csv", "xlsx", "sqlite", "gpkg"])
def test_points_in_another_system_are_made_anew(workspace: Workspace, tmp_path: Path, form: str) -> None:
    file = export_to(workspace, tmp_path / "out", form, "equipment", crs="EPSG:2154")
    found = verify(workspace, file)
    assert (found.same, found.origin.crs) == ("bytes", "EPSG:2154")
    if form == "csv":
        file.write_bytes(file.read_bytes().replace(b",y_l93", b",y_l93 "))
        assert verify(workspace, file).same == "values"


@pytest.mark.parametrize(("form", "lang"), [("csv", "en"), ("xlsx", "fr")])
def test_labels_are_made_anew(workspace: Workspace, tmp_path: Path, form: str, lang: str) -> None:
    file = export_to(workspace, tmp_path / "out", form, "equipment", "supports", lang=lang, labels=lang)
    found = verify(workspace, file)
    assert (found.same, found.origin.labels) == ("bytes", lang)
    if form == "xlsx":
        openpyxl.load_workbook(file).save(file)
        assert verify(workspace, file).same == "values"


def test_a_workbook_or_a_csv_file_that_libreoffice_saved_as_ods(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "book", "xlsx", "supports", "equipment", labels="fr", lang="fr")
    book = openpyxl.load_workbook(file)
    sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    ods = save_as_ods(tmp_path / "book" / "registre.ods", sheets)
    found = verify(workspace, ods)
    assert (differences_of(found), found.same, found.form, found.origin.labels) == ([], "values", "ods", "fr")
    table = sheets["Supports"]
    column, key = table[0].index("statut"), table[1][0]
    table[1][column] = "déposé"
    save_as_ods(ods, sheets)
    (changed,) = verify(workspace, ods).differences
    assert (changed.table, changed.row, changed.key, changed.column) == ("supports", 2, key, "statut")
    assert changed.present == "déposé"

    file = export_to(workspace, tmp_path / "out", "csv", "supports", dialect="excel-fr", lang="fr")
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
    rows = [rows[0], *([as_typed(cell) for cell in row] for row in rows[1:])]
    ods = save_as_ods(tmp_path / "out" / "supports.ods", {"supports": rows})
    assert (verify(workspace, ods).same, verify(workspace, ods).form) == ("values", "csv")
    assert verify(workspace, ods, at="HEAD").same == "values"
    ods = ods.rename(tmp_path / "mailed.ods")
    with pytest.raises(UsageFault, match="does not name its commit"):
        verify(workspace, ods)


def as_typed(cell: str) -> Any:
    """What a French spreadsheet takes a cell of a CSV file for."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        return date.fromisoformat(cell)
    return float(cell.replace(",", ".")) if re.fullmatch(r"-?[1-9]\d*(,\d+)?", cell) else cell


def test_a_note_next_to_the_origin_is_not_a_part_of_it(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "xlsx", "supports")
    book = openpyxl.load_workbook(file)
    book["about"]["C2"] = "ours"
    book.save(file)
    assert verify(workspace, file).same == "values"


def test_a_part_of_a_data_set(workspace: Workspace, tmp_path: Path) -> None:
    write_files(export_tables(workspace, ExportOptions(partitioned=True), form="parquet"), Output(tmp_path, None))
    for name in ("parties", "equipment_events"):
        (file,) = tmp_path.glob(f"registry=*/kind={name}/*")
        assert verify(workspace, file).same == "bytes"


def test_a_standard_file_that_was_cut_off_is_2(workspace: Workspace, tmp_path: Path) -> None:
    for form in ("ngsi-ld", "sensorthings", "dcat", "parquet"):
        file = export_to(workspace, tmp_path / form, form, "flow" if form == "dcat" else "equipment")
        file.write_bytes(file.read_bytes()[:40])
        with pytest.raises(UsageFault, match=r"does not name its commit|is not JSON"):
            verify(workspace, file)


def test_lines_of_json_by_the_commit(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "jsonl")
    assert verify(workspace, file, at="HEAD").same == "bytes"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(reversed(lines)))
    assert verify(workspace, file, at="HEAD").same == "values"


def test_written_anew_by_a_spreadsheet_it_says_the_same(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "xlsx")
    openpyxl.load_workbook(file).save(file)
    assert verify(workspace, file).same == "values"


def test_a_csv_written_anew_with_commas_and_french_days_says_the_same(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "csv", "equipment", columns=("id", "installed_on", "lon"))
    rows = [line.split(",") for line in file.read_text().splitlines()]
    french = [[cell.replace(".", ",") for cell in row] for row in rows]
    days = [["/".join(reversed(cell.split("-"))) if cell[:3] == "202" else cell for cell in row] for row in french]
    file.write_text("\r\n".join(";".join(row) for row in days), encoding="cp1252")
    assert verify(workspace, file).same == "values"


# -- what was changed since ----------------------------------------------------------------------------------------


def edit_csv(file: Path) -> None:
    text = file.read_text()
    assert "istres-noise-1,sensor" in text
    file.write_text(text.replace("istres-noise-1,sensor", "istres-noise-1,camera"))


def edit_xlsx(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    cells = {cell.value: cell for cell in book["equipment"]["A"]}
    cells["istres-noise-1"].offset(0, 1).value = "camera"
    book.save(file)


def edit_json(file: Path) -> None:
    content = json.loads(file.read_text())
    for item in content.get("records", content.get("features")):
        if item["id"] == "istres-noise-1":
            item.get("data", item.get("properties"))["type"] = "camera"
    file.write_text(json.dumps(content))


def edit_database(file: Path) -> None:
    with sqlite3.connect(file) as base:
        base.execute("UPDATE equipment SET type = 'camera' WHERE id = 'istres-noise-1'")
    base.close()


@pytest.mark.parametrize(
    ("form", "change"),
    [
        ("csv", edit_csv),
        ("xlsx", edit_xlsx),
        ("json", edit_json),
        ("geojson", edit_json),
        ("gpkg", edit_database),
        ("sqlite", edit_database),
    ],
)
def test_a_changed_cell_is_named(
    workspace: Workspace, tmp_path: Path, form: str, change: Callable[[Path], None]
) -> None:
    file = export_to(workspace, tmp_path / "out", form, "equipment")
    change(file)
    found = verify(workspace, file)
    assert found.same == "no"
    (item,) = found.differences
    assert (item.what, item.key.strip('"'), item.column) == ("cell", "istres-noise-1", item.column)
    assert item.column in ("type", "properties.type")
    assert [str(side).strip('"') for side in (item.exported, item.present)] == ["sensor", "camera"]


def test_rows_and_columns_that_came_and_went(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "csv", "supports", columns=("owner", "status"))
    head, *rows = [line.split(",") for line in file.read_text().splitlines()]
    place = head.index("status")
    lines = [
        [*row[:place], *row[place + 1 :], extra] for row, extra in zip([head, *rows], ["more", *"x" * 9], strict=False)
    ]
    lines[-1][0] = "another"
    file.write_text("".join(",".join(line) + "\n" for line in lines))
    found = differences_of(verify(workspace, file))
    assert ("column missing", None, "", "status", None, None) in found
    assert ("column added", None, "", "more", None, None) in found
    assert ("row added", len(lines), "another", "", None, None) in found
    assert ("row missing", None, rows[-1][0], "", None, None) in found


def test_zeros_that_a_spreadsheet_took_away_are_a_difference(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "csv", "parties")
    text = file.read_text()
    file.write_text(text.replace(",13047,", ",013047,"))
    assert next(item[3:] for item in differences_of(verify(workspace, file))) == ("insee_code", "13047", "013047")


def test_another_day_or_a_sheet_more_is_a_difference(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "xlsx", "supports")
    book = openpyxl.load_workbook(file)
    day = next(row[1] for row in book["about"].iter_rows() if row[0].value == "reference_date")
    day.value = "2020-01-01"
    book.create_sheet("more")["A1"] = "x"
    book.save(file)
    assert {(item.what, item.table) for item in verify(workspace, file).differences} == {
        ("origin", "about"),
        ("table added", "more"),
    }


# -- what cannot be verified ---------------------------------------------------------------------------------------


def test_a_commit_that_is_not_here_is_3(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "json")
    commit = workspace.git.resolve("HEAD")
    file.write_text(file.read_text().replace(commit, "0" * 40))
    with pytest.raises(StateFault, match="is not here"):
        verify(workspace, file)


def test_in_a_shallow_clone_a_true_report_is_not_called_false(
    workspace: Workspace, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    sensor = workspace.root / SENSOR
    sensor.write_text(sensor.read_text("utf-8").replace("status: active", "status: faulty"), encoding="utf-8")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-09-01T12:00:00+02:00")
    git("commit", "--quiet", "--all", "--message=faulty", cwd=workspace.root)
    made = render_files(bilan(open_workspace(workspace.root), BilanOptions(), today=date.min), "markdown", "en")
    file = tmp_path / "bilan.md"
    file.write_bytes(made.files[0].content)
    shallow = tmp_path / "shallow"
    git("clone", "--quiet", "--depth=1", f"file://{workspace.root}", str(shallow))
    for folder, wanted in ((workspace.root, 0), (shallow, 3)):
        done = start("verify", str(file), cwd=folder)
        assert done.returncode == wanted, done.stdout + done.stderr
    assert "git fetch --unshallow" in done.stderr
    older = export_to(workspace, tmp_path / "out", "json", at="HEAD~1")
    done = start("verify", str(older), cwd=shallow)
    assert (done.returncode, "git fetch --unshallow" in done.stderr) == (3, True)


def test_a_state_without_a_commit_cannot_be_verified(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.root / SENSOR).unlink()
    file = export_to(open_workspace(workspace.root), tmp_path / "out", "json")
    with pytest.raises(UsageFault, match="uncommitted state"):
        verify(workspace, file)


def deep() -> bytes:
    return b'{"source": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def corners() -> bytes:
    """A workbook of two cells that are seventeen thousand million cells apart."""
    path = Path("corners.xlsx")
    book = openpyxl.Workbook()
    book["Sheet"]["A1"], book["Sheet"]["XFD1048576"] = "a", "b"
    book.save(path)
    return path.read_bytes()


def bomb() -> bytes:
    path = Path("bomb.xlsx")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(5):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", b" " * (1 << 20))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", lambda: b"{"),
        ("x.json", lambda: b'{"source": {"registry": 1, "commit": "--help", "audience": "internal"}}'),
        ("x.json", lambda: b'{"source": {"registry": 1, "commit": null, "audience": "internal", "where": [1]}}'),
        ("x.json", deep),
        ("x.geojson", lambda: b"[]"),
        ("x.csv", lambda: b"\xff\xfe\x00"),
        ("x.xlsx", lambda: b"PK\x03\x04" + b"\0" * 40),
        ("x.xlsx", corners),
        ("x.xlsx", bomb),
        ("x.sqlite", lambda: b"SQLite format 3\0" + b"\0" * 200),
        ("x.gpkg", lambda: b"SQLite format 3\0" + b"\0" * 52 + b"GPKG" + b"\xff" * 4096),
        ("x.bin", lambda: b""),
    ],
)
def test_what_is_no_export_is_2(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: Callable[[], bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("smartreg.readers.workbook.MAX_UNPACKED", 4 << 20)
    (tmp_path / name).write_bytes(content())
    with pytest.raises(UsageFault):
        verify(workspace, tmp_path / name)


# -- the command ---------------------------------------------------------------------------------------------------


def run(workspace: Workspace, *words: str) -> Done:
    return start("verify", "--lang", "en", *words, cwd=workspace.root)


def test_the_command_shows_row_column_and_both_values(workspace: Workspace, tmp_path: Path) -> None:
    file = export_to(workspace, tmp_path / "out", "csv", "equipment")
    done = run(workspace, str(file))
    assert (done.returncode, "byte for byte" in done.stdout) == (0, True)
    assert done.stdout.splitlines()[1:] == ["kind: equipment"]
    edit_csv(file)
    done = run(workspace, str(file))
    assert done.returncode == 1
    assert "istres-noise-1  type  registry: sensor   file: camera" in done.stdout
    content = json.loads(run(workspace, str(file), "--json").stdout)
    assert (content["same"], content["differences"][0]["column"]) == ("no", "type")
    assert run(workspace, str(tmp_path / "nothing.csv")).returncode == 2


@pytest.mark.parametrize("form", ["markdown", "json", "html"])
def test_a_report_is_made_anew_and_its_lines_compared(
    workspace: Workspace, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    said = "On **continue**.\n"
    texts = {"conclusion": said}
    wanted = BilanOptions(at="2024-06-30", start=date(2024, 1, 1), audience="partners", conclusion=said)
    found = bilan(workspace, wanted, today=date(2030, 1, 1))
    made = (
        render_files(found, form, "fr")
        if form != "html"
        else page(workspace, found, ChangesShown(wanted.at, "2024-06-15", "fr"))
    )
    file = tmp_path / "bilan"
    file.write_bytes(made.files[0].content)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-07-01T12:00:00+02:00")
    git("commit", "--quiet", "--allow-empty", "--message=later")
    same = verify(workspace, file, texts=texts)
    assert (same.same, same.form, same.origin.audience, same.commit) == (
        "bytes",
        form,
        "partners",
        found.origin["commit"],
    )
    with pytest.raises(UsageFault, match="made with --conclusion FILE"):
        verify(workspace, file)
    file.write_bytes(re.sub(rb"continue(?=\*\*|</strong>)", "arrête".encode(), made.files[0].content))
    (line,) = verify(workspace, file, texts=texts).differences
    assert ("continue" in (line.exported or ""), "arrête" in (line.present or "")) == (True, True)
    if form == "markdown":  # a line that somebody slipped in is one difference, and shifts no other
        first, rest = made.files[0].content.split(b"\n\n", 1)
        file.write_bytes(first + b"\n\n- slipped in\n\n" + rest.replace(b"continue", "arrête".encode()))
        assert len(verify(workspace, file, texts=texts).differences) <= 4


def test_a_report_of_another_version_says_so(workspace: Workspace, tmp_path: Path) -> None:
    made = render_files(bilan(workspace, BilanOptions(), today=date.min), "markdown", "en").files[0].content
    file = tmp_path / "bilan.md"
    for version, told in ((__version__, False), ("0.0.9", True)):
        said = made.replace(f"- smartreg: `{__version__}`".encode(), f"- smartreg: `{version}`".encode())
        file.write_bytes(said.replace(b"## Figures", b"## Numbers"))
        done = run(workspace, str(file))
        assert done.returncode == 1
        assert (f"made by smartreg 0.0.9, checked by {__version__}" in done.stdout) == told


@pytest.mark.parametrize(
    "content",
    [
        b"# Bilan\n\n- Registry: `a`\n",
        b"# Bilan\n\n- Registry: `a`\n- Commit: `none: x`\n- Reference date: `20`\n- Period: `x`\n- Audience: `a`\n",
        b'<script type="application/json" id="data">{"figures": [], "source": {}}</script>',
        b'{\n  "version": 1,\n  "source": {',
        b"# \xff",
    ],
)
def test_what_only_looks_like_a_report_is_none(content: bytes) -> None:
    assert report_in(content) is None
