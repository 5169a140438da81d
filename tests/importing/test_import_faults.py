"""What an import refuses: every case names its row and column, by its code, and writes nothing."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from fuzz_targets import workbook

from smartreg.cli.run import run
from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Localized, Text, verbatim
from smartreg.core.values import Location
from smartreg.edit import WriteOptions
from smartreg.importing.findings import Pointer, by_cause
from smartreg.importing.options import ImportRequest
from smartreg.readers.csv import LONGEST_CELL
from smartreg.readers.sheet import Row
from smartreg.workspace.workspace import open_workspace

OPTIONS = WriteOptions(on=date(2026, 1, 15))
HEADINGS = b"id,name,category,siren,insee_code\n"
GOOD = HEADINGS + b"a,A,private,,13047\n"

CASES = {
    "empty": (b"", [("IMP001", None, None)]),
    "only headings": (HEADINGS, [("IMP001", None, None)]),
    "quote not closed": (GOOD + b'b,"B,commune,,\n', [("IMP001", 3, None)]),
    "text after a quote": (GOOD + b'b,"B" x,commune,,\n', [("IMP001", 3, None)]),
    "long cell": (HEADINGS + b"a," + b"x" * (LONGEST_CELL + 1) + b",commune,,\n", [("IMP001", 2, None)]),
    "more columns than a sheet has": (b",".join([b"c%d" % n for n in range(17_000)]) + b"\n1\n", [("IMP001", 1, None)]),
    "ragged rows": (GOOD + b"b,B,commune\n\nc,C,commune,,,x\n", [("IMP001", 3, None), ("IMP001", 5, None)]),
    "NUL": (GOOD + b"b,B\0,commune,,\n", [("IMP001", 3, None)]),
    "not UTF-8 after its mark": (b"\xef\xbb\xbf" + GOOD + b"b,\xe9,commune,,\n", [("IMP001", 3, None)]),
    "control character": (GOOD + b"b,B\x07,private,,\n", [("YML006", 3, "name")]),
    "shortened number": (GOOD + b"b,B,private,2.113E+08,\n", [("IMP002", 3, "siren")]),
    "lost zero": (GOOD + b"b,B,private,5679876,\n", [("SCH104", 3, "siren")]),
    "same id twice": (GOOD + b"b,B,private,,\na,C,private,,\n", [("IMP003", 4, None)]),
    "ids that differ in case": (GOOD + b"A,C,private,,\n", [("IMP003", 3, None)]),
    "no id": (GOOD + b",B,private,,\n", [("IMP003", 3, None)]),
    "not an allowed value": (GOOD + b"b,B,town,,\n", [("SCH103", 3, "category")]),
    "required field empty": (GOOD + b"b,,private,,\n", [("SCH101", 3, "name")]),
    "check digit": (GOOD + b"b,B,private,211300471,\n", [("REC110", 3, "siren")]),
    "id that leaves its folder": (GOOD + b"../b,B,private,,\n", [("SCH104", 3, None)]),
    "unknown commune": (GOOD + b"b,B,private,,13999\n", [("REC113", 3, "insee_code")]),
    "two rows in conflict": (
        HEADINGS + b"a,A,private,211300470,\nb,B,private,211300470,\n",
        [("REF207", 2, "siren"), ("REF207", 3, "siren")],
    ),
}


@pytest.fixture
def root(git_repo: Path) -> Path:
    (git_repo / "smartreg.toml").write_text('name = "Istres"\n')
    subprocess.run(["git", "add", "--all"], cwd=git_repo, check=True)
    subprocess.run(["git", "commit", "--quiet", "--message=start"], cwd=git_repo, check=True)
    return git_repo


def both(text: Text | None) -> tuple[str, str]:
    """What a text says in English and French."""
    assert text is not None
    return text.in_("en"), text.in_("fr")


def refusal_of(root: Path, tmp_path: Path, sheet: bytes, request: ImportRequest, kind: str = "party") -> RefusedImport:
    file = tmp_path / "sheet.csv"
    file.write_bytes(sheet)
    workspace = open_workspace(root)
    with pytest.raises(RefusedImport) as refusal:
        import_records(workspace, workspace.current.schemas.kind(kind), file, request, OPTIONS)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=root, check=True, capture_output=True).stdout
    assert status == b""
    return refusal.value


@pytest.mark.promise("R5")
@pytest.mark.parametrize(("sheet", "expected"), CASES.values(), ids=CASES)
def test_refused(root: Path, tmp_path: Path, sheet: bytes, expected: list[tuple[str, int, str]]) -> None:
    refusal = refusal_of(root, tmp_path, sheet, ImportRequest())
    errors = [found for found in refusal.outcome.introduced if found.severity == "error"]
    assert [(found.code, found.where.row, found.where.column) for found in errors] == expected
    assert {found.where.file for found in errors} == {"sheet.csv"}
    assert all(found.message.in_("fr") and found.message.in_("fr") != found.message.in_("en") for found in errors)


def test_a_lost_zero_is_explained(root: Path, tmp_path: Path) -> None:
    refusal = refusal_of(root, tmp_path, CASES["lost zero"][0], ImportRequest())
    (hint,) = [found.hint for found in refusal.outcome.introduced if found.code == "SCH104"]
    assert hint is not None
    assert "zeros" in hint.in_("en")


def test_a_wrong_constant_is_reported_once(root: Path, tmp_path: Path) -> None:
    rows = b"".join(b"mast-%d,3.9,43.%d\n" % (number, number) for number in range(1, 9))
    request = ImportRequest(constants=("owner=nobody", "insee_code=34172", "type=mast", "status=planned"))
    refusal = refusal_of(root, tmp_path, b"id,lon,lat\n" + rows, request, "support")
    (found,) = [found for found in by_cause(refusal.outcome.introduced) if found.code == "REF201"]
    assert (found.where.row, found.where.path, "(8 rows: 2–9)" in found.message.in_("en")) == (2, ("owner",), True)
    assert found.hint is not None
    assert "--constant owner" in found.hint.in_("en")


def test_limits_of_a_schema_are_reported_in_its_words(root: Path, tmp_path: Path) -> None:
    """The same fault, found in the cell, as `validate` finds it in the record; and metres are no degrees."""
    street = "rue " * 80
    sheet = f"id,lon,lat,height_m,address\na,767686.4,6279032.6,900,x\nb,767687.4,6279033.6,-1,{street}\n".encode()
    request = ImportRequest(
        constants=("owner=istres", "insee_code=34172", "type=mast", "status=planned"), crs="EPSG:2154"
    )
    found = {
        (fault.code, fault.where.row, fault.where.column): fault.message.in_("en")
        for fault in refusal_of(root, tmp_path, sheet, request, "support").outcome.introduced
        if fault.code == "SCH106"
    }
    height = open_workspace(root).current.schemas.judges["support"]
    (record_fault,) = [one for one in height.faults({"height_m": 900}) if one.path == ("height_m",)]
    assert found.pop(("SCH106", 2, "height_m")) == record_fault.message.in_("en")
    assert found.pop(("SCH106", 3, "height_m")) == "height_m is -1; it must be at least 0"
    assert found.pop(("SCH106", 3, "address")).endswith("it must be at most 200 characters long")
    assert not found


def test_a_field_that_no_column_gives_is_reported_once(root: Path, tmp_path: Path) -> None:
    refusal = refusal_of(root, tmp_path, b"id,name\na,A\nb,B\nc,C\n", ImportRequest())
    (found,) = refusal.outcome.introduced
    assert (found.code, found.where.path, found.where.row) == ("SCH101", ("category",), None)


def test_all_that_a_sheet_without_names_lacks_is_reported(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    file.write_bytes(b"height_m,x\n3,1\n4,2\n")
    workspace = open_workspace(root)
    with pytest.raises(UsageFault) as refusal:
        import_records(workspace, workspace.current.schemas.kind("support"), file, ImportRequest(), OPTIONS)
    assert "no ids" in refusal.value.message.in_("en")
    assert "needs: type, owner, insee_code, location" in refusal.value.message.in_("en")
    assert refusal.value.hint
    assert "--id-from x" in refusal.value.hint.in_("en")
    assert "--map COLUMN=type" in refusal.value.hint.in_("en")


def test_what_a_plain_sheet_lacks_is_reported_once(root: Path, tmp_path: Path) -> None:
    sheet = b"nom;adresse;rue\nA;1 quai;x\nB;2 quai;y\n"
    request = ImportRequest(maps=("adresse=address",))
    (found,) = refusal_of(root, tmp_path, sheet, request, "support").outcome.introduced
    assert (found.code, found.where.row) == ("SCH101", None)
    assert found.message.in_("en") == (
        "no column gives what every support needs: type, owner, insee_code, location. "
        "Columns used: adresse → address; not used: nom, rue"
    )
    assert found.hint is not None
    assert "--map COLUMN=type" in found.hint.in_("en")


def command_printed(root: Path, file: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    """The last two lines of what an import without a terminal says: what its command lacks, and the command."""
    capsys.readouterr()
    assert run(["-C", str(root), "import", *words, str(file), "--lang", "en"]) in (1, 2)
    *_, about, command = capsys.readouterr().err.strip().split("\n")
    return about.removeprefix("help: "), command.replace(f"-C {root} ", "").replace(" --lang en", "")


def test_a_first_import_ends_with_one_command_that_brings_the_sheet_in(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every column is mapped or kept, points have their system; only what nobody but the owner knows is left open."""
    file = tmp_path / "Inventaire 2026.csv"
    file.write_text(
        "NUM;LIEU;VILLE;POINT_X;POINT_Y;COULEUR;VIDE\n"
        "7;Bellecour;lattes;775391,62;6274570,13;gris;\n8;Opéra;Lattes;775392,62;6274590,13;;\n9;Gare;Lattes;0;0;;\n"
        "8;Opéra;Lattes;775392,62;6274590,13;;\n",
        "utf-8",
    )
    about, command = command_printed(root, file, capsys, "support")
    assert about == "smartreg add-party, then all of it as one command; put your values in the place of OWNER:"
    assert command == (
        f"smartreg import support '{file}' --map POINT_X=location.lon --map POINT_Y=location.lat"
        " --map VILLE=insee_code --map NUM=local_ref --map LIEU=address --constant type=other"
        " --constant status=in_service --constant owner=OWNER --key NUM --skip-rows POINT_X=0 --keep COULEUR"
        " --crs EPSG:2154 --id-from 'inventaire-2026-{NUM}' --duplicates first -y"
    )
    assert run(["-C", str(root), "add-party", "--id=cc", "--name=CC", "--category=private", "-y"]) == 0
    words = shlex.split(command.replace("OWNER", "cc"))[1:]
    assert run(["-C", str(root), *words]) == 0
    written = (root / "registry/supports/34129/inventaire-2026-7.yaml").read_text("utf-8")
    assert ('local_ref: "7"' in written, "COULEUR: gris" in written) == (True, True), written


def test_a_column_of_values_that_a_required_field_allows_fills_it(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sheet.csv"
    file.write_text("lieu;nature;longitude;latitude\nA;mât;5,1;43,5\nB;Candélabre;5,2;43,6\n", "utf-8")
    assert "--map nature=type" in command_printed(root, file, capsys, "support", "--id-from=lieu")[1]


def test_a_commune_is_called_by_its_name(root: Path, tmp_path: Path) -> None:
    sheet = b"id,lon,lat,type,insee_code\na,3.90123,43.56123,mast,Nulle Part\nb,3.90124,43.56124,mast,Saint-Denis\n"
    request = ImportRequest(constants=("owner=istres", "status=planned"))
    found = refusal_of(root, tmp_path, sheet, request, "support").outcome.introduced
    named = {one.where.row: one.message.in_("en") for one in found if one.code == "SCH104"}
    assert named == {
        2: '"Nulle Part" is neither an INSEE code nor the name of a commune',
        3: 'several communes are called "Saint-Denis"',
    }


def test_identical_rows_are_one_thing(root: Path, tmp_path: Path) -> None:
    sheet = b"name,category\nPort,private\nGare,private\nPort,private\n"
    refusal = refusal_of(root, tmp_path, sheet, ImportRequest())
    (found,) = refusal.outcome.introduced
    assert (found.code, found.where.row, found.related[0].where.row) == ("IMP003", 4, 2)


def sheet(rows: bytes) -> bytes:
    """A workbook whose one sheet has these rows."""
    return workbook(b"\0<worksheet><sheetData>" + rows + b"</sheetData></worksheet>")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.xlsx", bytes(range(256)) * 3, "not a readable XLSX workbook"),
        (
            "odd.xlsx",
            sheet(b'<row r="1"><c r="' + b"R" * 50 + b'A1"><v>0</v></c></row>'),
            "not a readable XLSX workbook",
        ),
        ("tall.xlsx", sheet(b'<row r="4741468"><c><v>0</v></c></row>'), "not a readable XLSX workbook"),
        ("far.xlsx", sheet(b'<row r="1048576"><c><v>0</v></c></row>'), "reach row 1048576, column 1"),
        (
            "next.xlsx",
            sheet(b'<row r="1048550"><c/></row>' + b"<row><c><v>0</v></c></row>" * 20),
            "reach row 1048570, column 1",
        ),
        (
            "wide.xlsx",
            sheet(b'<row r="9"><c r="XFD9"/></row><row r="99"><c r="XFC99"><v>0</v></c></row>'),
            "row 99, column 16383",
        ),
        ("bad.csv", bytes(range(256)) * 3, "bad.csv is not a text file"),
        ("folder.csv", None, "is a folder"),
    ],
)
def test_what_is_no_sheet_at_all_is_called_so(
    root: Path, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    file = tmp_path / name
    file.mkdir() if content is None else file.write_bytes(content)
    workspace = open_workspace(root)
    with pytest.raises(UsageFault) as refusal:
        import_records(workspace, workspace.current.schemas.kind("party"), file, ImportRequest(), OPTIONS)
    assert said in refusal.value.message.in_("en")
    assert refusal.value.hint


def test_equal_errors_are_reported_once_with_ranges_and_the_sheet_s_words(root: Path, tmp_path: Path) -> None:
    """99 wrong types, a position and a day that are missing: each cause once, and nothing that only follows."""
    rows = [b"l%d,3.8%05d,43.61234,Immeuble\n" % (number, number) for number in range(1, 100)]
    constants = ("owner=montpellier", "insee_code=34172", "status=planned")
    inventory = b"id,lon,lat,type\n" + b"".join(rows)
    refusal = refusal_of(root, tmp_path, inventory, ImportRequest(constants=constants), "support")
    types = [found for found in refusal.outcome.introduced if found.code == "SCH103"]
    (found,) = by_cause(types)
    assert (len(types), "(99 rows: 2–100)" in found.message.in_("en")) == (99, True)
    assert [found.message.in_("en").endswith("(2 rows: 2–3)") for found in by_cause(types[:2])] == [True]
    sheet = (
        b"id,type,lon,lat,installed_on,status\nc1,camera,0,0,2024-01-01,active\nc2,camera,3.87123,43.61123,,active\n"
        b"c3,camera,3.87123,43.61123,2004,active\n"
    )
    request = ImportRequest(constants=("owner=montpellier", "use_cases=noise"))
    refusal = refusal_of(root, tmp_path, sheet, request, "equipment")
    by_code = {found.code: found for found in by_cause(refusal.outcome.introduced)}
    assert set(by_code) == {"GEO701", "LIF603", "SCH105", "REF201"}
    assert both(by_code["LIF603"].hint) == ("fill in the cell", "remplissez la cellule")
    assert by_code["REF201"].hint is not None
    assert "--constant use_cases" in by_code["REF201"].hint.in_("en")


def test_what_only_follows_from_a_wrong_owner_or_identifier_is_not_reported(root: Path, tmp_path: Path) -> None:
    for words in (
        ["add-party", "--id=lattes", "--name=Lattes", "--category=private"],
        ["add-use-case", "--id=air", "--title=Air", "--owner=lattes", "--domain=air_quality"],
        [
            "add-network",
            "--id=lora",
            "--name=LoRa",
            "--technology=lorawan",
            "--operator=lattes",
            "--access=own_use",
            "--lorawan-region=EU863-870",
        ],
    ):
        assert run(["-C", str(root), *words, "--no-input", "-y"]) == 0
    sheet = (
        b"id,type,owner,status,network,installed_on,dev_eui,lon,lat\n"
        b"a,sensor,nobody,active,lora,2024-01-01,70B3D57ED0061001,3.87123,43.61123\n"
        b"b,sensor,lattes,active,lora,2024-01-01,70B3,3.87223,43.61223\n"
    )
    request = ImportRequest(constants=("use_cases=air",))
    refusal = refusal_of(root, tmp_path, sheet, request, "equipment")
    found = [(one.code, one.where.row, one.where.column) for one in refusal.outcome.introduced]
    assert found == [("REF201", 2, "owner"), ("SCH104", 3, "dev_eui")]


def test_hints_speak_of_the_sheet() -> None:
    """No command names a record that does not exist."""
    finding = Finding(
        "NET402",
        "error",
        verbatim(""),
        Location("registry/equipment/a.yaml", ("notes",)),
        Localized.of(
            en="end it (smartreg retire equipment/a), or smartreg set a power.source=grid (smartreg set a model=…)",
            fr="terminez-le (smartreg retire equipment/a), ou smartreg set a power.source=grid "
            "(smartreg set a model=…)",
        ),
    )
    pointer = Pointer("s.csv", {"registry/equipment/a.yaml": Row(2, ("x",))}, ())
    (moved,) = pointer.point([finding])
    assert moved.where.row == 2
    assert both(moved.hint) == (
        "end it (leave the row out, --skip-rows), or --constant power.source=grid (--map COLUMN=model)",
        "terminez-le (écartez la ligne, --skip-rows), ou --constant power.source=grid (--map COLONNE=model)",
    )


def test_rows_are_of_the_preset_that_the_command_names(root: Path, tmp_path: Path) -> None:
    for words in (
        ["add-party", "--id=lattes", "--name=Lattes", "--category=private"],
        ["add-use-case", "--id=air", "--title=Air", "--owner=lattes", "--domain=air_quality"],
    ):
        assert run(["-C", str(root), *words, "-y"]) == 0
    place = ["--constant=location.lon=3.87123", "--constant=location.lat=43.61234"]
    sheets = {"a": "id,owner,use_cases,status\na,lattes,air,planned\n"}
    sheets["b"] = "id,owner,use_cases,status,type\nb,lattes,air,planned,camera\n"
    for id, text in sheets.items():
        (tmp_path / f"{id}.csv").write_text(text, "utf-8")
        assert run(["-C", str(root), "import", "capteurs", str(tmp_path / f"{id}.csv"), *place, "-y"]) == 0
    texts = [(root / f"registry/equipment/{id}.yaml").read_text("utf-8") for id in sheets]
    assert ["type: sensor" in texts[0], "type: camera" in texts[1]] == [True, True], texts


def test_devices_are_told_apart_by_their_serial_numbers(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "devices.csv"
    file.write_text("N° de série;Propriétaire;Date de pose\nA1;lattes;12/05/2026\nA2;lattes;13/05/2026\n", "utf-8")
    assert command_printed(root, file, capsys, "equipment")[1] == (
        f"smartreg import equipment {file} --map 'N° de série=serial_number' --map 'Date de pose=installed_on'"
        " --constant type=TYPE --constant use_cases=USE_CASES --key 'N° de série' -y"
    )


def test_a_correction_of_a_record_that_exists_stays_a_whole_command() -> None:
    correction = "smartreg set a status=faulty --unset removed_on --correct -m …"
    where = Location("registry/equipment/a.yaml", ("status",))
    finding = Finding("CHG803", "error", verbatim(""), where, verbatim(correction))
    pointer = Pointer("s.csv", {where.file: Row(2, ("x",))}, (), existing=frozenset({where.file}))
    (moved,) = pointer.point([finding])
    assert both(moved.hint) == (correction, correction)


def calls_of(root: Path, file: Path) -> int:
    """How many functions of ours a trial import of the file calls."""
    count = 0

    def note(_frame: FrameType, event: str, _value: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        code = run(["-C", str(root), "import", "support", str(file), "-n"])
    finally:
        sys.setprofile(None)
    assert code in (1, 2)
    return count


@pytest.mark.promise("R8")
@pytest.mark.parametrize("form", ["csv", "json", "geojson"])
def test_work_grows_as_the_columns_do(root: Path, tmp_path: Path, form: str) -> None:
    """Four times as many columns are four times the work, not sixteen times."""
    calls = []
    for width in (20, 20, 80, 320):  # the first run loads modules
        file, cells = tmp_path / f"{width}.{form}", {f"c{number}": number for number in range(width)}
        point = {"type": "Point", "coordinates": [4.98, 43.51]}
        feature = {"type": "Feature", "geometry": point, "properties": cells}
        content = {
            "csv": ",".join(cells) + "\n" + ",".join(map(str, cells.values())) + "\n",
            "json": json.dumps([cells]),
            "geojson": json.dumps({"type": "FeatureCollection", "features": [feature]}),
        }[form]
        file.write_text(content, "utf-8")
        calls.append(calls_of(root, file))
    _loading, few, more, many = calls
    assert many - more < 6 * (more - few)
