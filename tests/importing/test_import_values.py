"""`import`: what values, days and several columns mean, and which columns become attributes."""

from __future__ import annotations

from pathlib import Path

import pytest
from importing import Bring, bring, git, montpellier, root, support

from smartreg.commands.import_ import RefusedImport
from smartreg.core.errors import UsageFault
from smartreg.core.values import RecordId
from smartreg.importing.findings import by_cause
from smartreg.importing.options import ImportRequest
from smartreg.tables.view import view
from smartreg.workspace.workspace import open_workspace
from smartreg.yamlio import read

__all__ = ["bring", "montpellier", "root"]  # fixtures

HERE = ("owner=montpellier", "insee_code=34172", "location.lon=3.87123", "location.lat=43.61234")


def request(**options: object) -> ImportRequest:
    given = {"maps": ("TYPO=type",), "constants": HERE, "id_from": "{REF}", **options}
    return ImportRequest(**given)  # type: ignore[arg-type]


def findings_of(refusal: pytest.ExceptionInfo[RefusedImport]) -> list[tuple[str, int | None, str, str]]:
    found = refusal.value.outcome.introduced
    return [(one.code, one.where.row, one.message.in_("en"), one.hint.in_("en") if one.hint else "") for one in found]


def test_a_day_in_another_form_is_answered_with_the_option_that_reads_it(bring: Bring) -> None:
    with pytest.raises(RefusedImport) as refused:
        bring(request(), "REF;TYPO;status;confirmed_on\na;mast;in_service;13.5.2004\n")
    assert findings_of(refused)[0][3] == "is it 2004-05-13? If so: --date-format DD.MM.YYYY"
    # a decimal comma anywhere in the sheet says as much
    bring(request(), "REF;TYPO;status;confirmed_on;LUX\na;mast;in_service;13.5.2004;7,5\n")


def test_values_say_what_is_meant_and_are_kept(bring: Bring, root: Path) -> None:
    sheet = "REF;TYPO;ES;NUM;VOIE\na;Immeuble;TRUE;3;rue X\nb;Candélabre;false;;rue Y\nc;Mas, vieux;TRUE;;\n"
    options: dict[str, tuple[str, ...]] = {
        "set_from": ("address={NUM} {VOIE}",),
        "values": ("ES->status:TRUE=in_service,FALSE=removed",),
    }
    with pytest.raises(RefusedImport) as refused:
        bring(request(**options), sheet)
    assert [(code, row, hint) for code, row, _, hint in findings_of(refused)] == [
        ("SCH103", 2, "correct the cell; or, for all such cells: --values TYPO:Immeuble=VALUE"),
        ("SCH103", 4, "correct the cell; or, for all such cells: --values 'TYPO:\"Mas, vieux\"=VALUE'"),
    ]
    with pytest.raises(RefusedImport) as refused:
        bring(request(), "REF;TYPO\n" + "".join(f"a{n};Immeuble\nb{n};Candelabr\n" for n in range(4)) + "c;Mas\n")
    causes = by_cause(refused.value.outcome.introduced)
    assert [(one.where.row, one.hint and one.hint.in_("en").partition("--values ")[2]) for one in causes] == [
        (2, "TYPO:Immeuble=VALUE"),
        (3, "TYPO:Candelabr=street_light"),
        (10, "TYPO:Mas=mast"),
    ]
    assert "(4 rows: 2, 4, 6, 8)" in causes[0].message.in_("en")
    options["values"] += ('type:Immeuble=building,"Mas, vieux"=building',)
    assert bring(request(**options), sheet).added == 3
    found = [[support(root, id).get(name) for name in ("type", "status", "address")] for id in "abc"]
    assert found == [
        ["building", "in_service", "3 rue X"],
        ["street_light", "removed", "rue Y"],
        ["building", "in_service", None],
    ]
    mapping = (root / "registry/imports/sheet.toml").read_text("utf-8")
    assert '"ES->status" = { TRUE = "in_service", FALSE = "removed" }' in mapping
    assert '[set_from]\naddress = "{NUM} {VOIE}"' in mapping
    assert 'status = "' not in mapping.partition("[values]")[0]
    again = bring(ImportRequest(), sheet.replace("rue Y", "rue Z"))
    assert (again.added, again.changed, again.ignored) == (0, 1, ())
    for wrong in ({"values": ("type",)}, {"values": ("type:a",)}, {"set_from": ("address=NUM",)}):
        with pytest.raises(UsageFault, match="is not of the form"):
            bring(request(**wrong), sheet)


@pytest.mark.parametrize(
    ("cell", "options", "day"),
    [
        ("2004", {}, "is a year, and must be a day"),
        ("05/2004", {}, "is a month, and must be a day"),
        ("2004-05-06T10:30", {}, "is a moment, and must be a day"),
        ("2004", {"dates": "start"}, "2004-01-01"),
        ("2004-02", {"dates": "end"}, "2004-02-29"),
        ("2004-05-06 10:30:00+02:00", {"dates": "end"}, "2004-05-06"),
        ("2004-05-06T00:00:00Z", {}, "2004-05-06"),
        ("20040506", {}, "2004-05-06"),
        ("2004/05/06", {}, "2004-05-06"),
        ("05.06.2004", {"date_format": "MM.DD.YYYY"}, "2004-05-06"),
        ("06/05/2004", {"date_format": "JJ/MM/AAAA"}, "2004-05-06"),  # as French help writes it
        ("6-5-04", {"date_format": "%d-%m-%y"}, "2004-05-06"),
        ("inconnu", {}, "must be a date"),
    ],
)
def test_days_are_read_as_sheets_write_them(
    bring: Bring, root: Path, cell: str, options: dict[str, str], day: str
) -> None:
    sheet = f"REF;TYPO;status;confirmed_on\na;mast;in_service;{cell}\n"
    if not day[0].isdigit():
        with pytest.raises(RefusedImport) as refused:
            bring(request(**options), sheet)
        assert [(code, row) for code, row, _, _ in findings_of(refused)] == [("SCH105", 2)]
        assert day in findings_of(refused)[0][2]
        return
    bring(request(**options), sheet)
    assert support(root, "a")["confirmed_on"] == day


def test_identifiers_and_measures_of_devices_as_people_write_them(bring: Bring, root: Path) -> None:
    use_case = root / "registry/use-cases/air.yaml"
    use_case.parent.mkdir(exist_ok=True)
    use_case.write_text("id: air\ntitle: Air\nowner: montpellier\ndomain: air_quality\nstatus: idea\n", "utf-8")
    fixed = ("type=sensor", "owner=montpellier", "status=planned", "use_cases=air", *HERE[2:])
    rows = "id,dev_eui,measure\na,70b3d57ed0061234,NO2\nb,70:B3:D5:7E:D0:06:12:34,Niveau sonore\n"
    sheet = ImportRequest(maps=("measure=measures[0].property",), constants=fixed)
    assert bring(sheet, rows.replace("06:12:34", "06:12:35"), "equipment").added == 2
    texts = [(root / f"registry/equipment/{id}.yaml").read_text("utf-8") for id in "ab"]
    assert ["no2\n    unit: ug/m3\n" in texts[0], "noiseLevel\n    unit: dB[SPL]\n" in texts[1]] == [True, True], texts
    assert ['dev_eui: "70B3D57ED006123' in text for text in texts] == [True, True]


def test_measures_in_one_cell_have_their_usual_units(bring: Bring, root: Path) -> None:
    use_case = root / "registry/use-cases/air.yaml"
    use_case.parent.mkdir(exist_ok=True)
    use_case.write_text("id: air\ntitle: Air\nowner: montpellier\ndomain: air_quality\nstatus: idea\n", "utf-8")
    sheet = ImportRequest(constants=("type=sensor", "owner=montpellier", "status=planned", "use_cases=air", *HERE[2:]))
    rows = 'id,Grandeurs mesurées\na,"NO2; Niveau sonore"\nb,"pm10:mg/m3, no2"\nc,\n'
    assert bring(sheet, rows, "equipment").added == 3

    def measures(id: str) -> object:
        data = read((root / f"registry/equipment/{id}.yaml").read_bytes(), "").data
        return data and data.get("measures")

    no2, noise = {"property": "no2", "unit": "ug/m3"}, {"property": "noiseLevel", "unit": "dB[SPL]"}
    assert measures("a") == [no2, noise]
    assert measures("b") == [{"property": "pm10", "unit": "mg/m3"}, no2]
    assert measures("c") is None

    file = root / "registry/equipment/a.yaml"  # what people add to an item stays while the sheet names it
    file.write_text(file.read_text("utf-8").replace("ug/m3", "mg/m3"), "utf-8")
    git(root, "commit", "-qam", "unit")
    bring(sheet, rows.replace("NO2; Niveau sonore", "Niveau sonore; NO2; PM10"), "equipment")
    assert measures("a") == [noise, {**no2, "unit": "mg/m3"}, {"property": "pm10", "unit": "ug/m3"}]


def test_a_misspelled_commune_is_answered_with_the_nearest_of_the_territory(bring: Bring) -> None:
    rows = "id,type,insee_code\na,mast,Montpelier\nb,mast,Xyz\n"
    with pytest.raises(RefusedImport) as refused:
        bring(ImportRequest(constants=("owner=montpellier", "status=planned", *HERE[2:])), rows)
    assert [(code, row, hint) for code, row, _, hint in findings_of(refused)] == [
        ("SCH104", 2, 'did you mean "Montpellier" (34172)?'),
        ("SCH104", 3, "a code has five characters: 34022 (Baillargues)"),
    ]


def test_a_date_format_names_day_month_and_year(bring: Bring) -> None:
    with pytest.raises(UsageFault, match="names no day, month and year"):
        bring(request(date_format="YYYY"), "REF;TYPO;confirmed_on\na;mast;2004\n")


def test_columns_are_kept_as_attributes_that_nobody_else_sees(bring: Bring, root: Path) -> None:
    sheet = "REF;TYPO;status;N° LAMPE;Y;REM\na;mast;in_service;007;no;06 12 34 56 78\nb;mast;in_service;;;\n"
    done = bring(request(keep=("N° LAMPE", "Y", "REM")), sheet)
    assert support(root, "a")["attributes"] == {"N° LAMPE": "007", "Y": "no", "REM": "06 12 34 56 78"}
    assert "attributes" not in support(root, "b")
    assert [(one.code, one.where.column) for one in done.outcome.introduced if one.code == "REC121"] == []
    assert bring(ImportRequest(), sheet).unchanged == 2
    with pytest.raises(RefusedImport) as refused:
        bring(ImportRequest(), sheet.replace("06 12", "appeler 06 12"))
    assert [(one.code, one.where.column) for one in refused.value.outcome.introduced] == [("REC121", "REM")]
    bring(ImportRequest(), sheet.replace("007", "").replace(";no", ";oui"))
    assert support(root, "a")["attributes"] == {"Y": "oui", "REM": "06 12 34 56 78"}
    (root / "smartreg.toml").write_text('public_attributes = ["Y"]\n' + (root / "smartreg.toml").read_text("utf-8"))
    registry = open_workspace(root).current
    seen = view(registry, "public").get(RecordId("support", "a"))
    assert seen is not None
    assert seen.data["attributes"] == {"Y": "oui"}
    with pytest.raises(UsageFault, match="party has no attributes"):
        bring(ImportRequest(keep=("x",), maps=("n=name",)), "n;x\na;b\n", kind="party")


def test_columns_to_keep_given_again_replace_those_of_the_mapping(root: Path, bring: Bring) -> None:
    sheet = "REF,TYPO,status,COLOUR,NOTE\na,mast,in_service,grey,n\n"
    assert bring(request(keep=("COLOUR", "NOTE")), sheet).added == 1
    bring(ImportRequest(keep=("COLOUR",)), sheet)
    assert 'keep = ["COLOUR"]\n' in (root / "registry/imports/sheet.toml").read_text()


def test_codes_that_a_spreadsheet_made_numbers_of_are_taken_back(bring: Bring, root: Path, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["id", "name", "category", "siren"])
    book.active.append(["b", "B", "public", 552100554])  # with one zero more it would be no SIREN
    book.save(tmp_path / "parties.xlsx")
    assert bring(ImportRequest(), tmp_path / "parties.xlsx", kind="party").added == 1
    blanks = "id;name;category;siren\nc;C;public;542 051 180\nd;D;public;775670417,0\n"
    assert bring(ImportRequest(), blanks, kind="party").added == 2
    parties = [read((root / f"registry/parties/{id}.yaml").read_bytes(), "").data or {} for id in "bcd"]
    assert [party["siren"] for party in parties] == ["552100554", "542051180", "775670417"]


def test_codes_that_lost_digits_cannot_be_had_back(bring: Bring, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["id", "type", "owner", "use_cases", "dev_eui"])
    book.active.append(["a", "sensor", "montpellier", "noise", 7.0e15])
    book.active.append(["b", "sensor", "montpellier", "noise", "7,0B4E+15"])
    book.save(tmp_path / "sensors.xlsx")
    with pytest.raises(RefusedImport) as refused:
        bring(ImportRequest(), tmp_path / "sensors.xlsx", kind="equipment")
    found = [(row, message) for code, row, message, _ in findings_of(refused) if code == "IMP002"]
    assert found == [
        (
            2,
            "dev_eui: the cell holds the number 7000000000000000.0, and a spreadsheet keeps 15 digits of a number: the "
            "others are lost",
        )
    ]


def test_an_insee_code_gets_its_zero_back(bring: Bring, root: Path) -> None:
    sheet = "REF;TYPO;INSEE\na;mast;1004.0\n"
    where = ("owner=montpellier", "location.lon=5.3594", "location.lat=45.9612")
    with pytest.raises(RefusedImport) as refused:
        bring(request(maps=("TYPO=type", "INSEE=insee_code"), constants=where), sheet)
    assert '"01004" (Ambérieu-en-Bugey)' in " ".join(message for _, _, message, _ in findings_of(refused))
