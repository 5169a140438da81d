"""`import FOLDER`: the workbooks of the communes come back, each one import and one commit, with whom it comes from."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from communes import ISTRES, MARTIGUES, MIRAMAS, OPTIONS, TODAY, cells, edit, metropolis, send, take_back
from crashes import Fault, run
from importing import git
from program import Done, start

from smartreg.cli.run import run as cli
from smartreg.commands.import_ import RefusedImport
from smartreg.commands.returns import REFUSED, ReturnedWorkbook, write_refused
from smartreg.commands.workbooks import read_events, workbook_states
from smartreg.core.values import Data, RecordId
from smartreg.importing.options import ImportRequest
from smartreg.workspace.output import Output
from smartreg.workspace.set_ import set_fields
from smartreg.workspace.workspace import open_workspace
from smartreg.yamlio import read

SUPPORTS, EQUIPMENT = "Supports", "Équipements connectés"
HEIGHT, MATERIAL, STATUS = "hauteur_m", "materiau", "statut"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry from which the workbooks of three communes went out, into `out` beside it."""
    root = metropolis(tmp_path_factory.mktemp("base") / "registry", (ISTRES, MARTIGUES, MIRAMAS))
    send(root, root.parent / "out")
    return root


@pytest.fixture
def root(base: Path, tmp_path: Path) -> Path:
    shutil.copytree(base.parent / "out", tmp_path / "back")
    return Path(shutil.copytree(base, tmp_path / "registry", symlinks=True))


@pytest.fixture
def back(root: Path) -> Path:
    """The folder of what came back."""
    return root.parent / "back"


@pytest.fixture
def file(back: Path) -> Path:
    """The workbook of Istres, the only one that came back: the others would be read, too, and say nothing more."""
    for other in ("martigues-13056.xlsx", "miramas-13063.xlsx"):
        (back / other).unlink()
    return back / "istres-13047.xlsx"


def bring(root: Path, back: Path, **typed: Any) -> list[ReturnedWorkbook]:
    return take_back(root, back, ImportRequest(**typed))


def record(root: Path, path: str) -> Data:
    data = read((root / "registry" / path).read_bytes(), path).data
    assert data is not None
    return data


def subjects(root: Path) -> list[str]:
    return git(root, "log", "--format=%s", "--reverse").splitlines()[2:]


def errors(returned: ReturnedWorkbook) -> list[tuple[str, str, int | None, str | None]]:
    assert isinstance(returned.fault, RefusedImport)
    found = returned.fault.outcome.introduced
    return [(each.code, each.where.file, each.where.row, each.where.column) for each in found]


def new_sensor(id: str, support: str) -> dict[str, object]:
    return {
        "identifiant": id,
        "type_equipement": "capteur",
        "identifiant_proprietaire": "istres",
        STATUS: "prévu",
        "identifiant_support": support,
    }


@pytest.mark.promise("R5")
def test_a_workbook_is_one_import_of_all_its_sheets(root: Path, back: Path, file: Path) -> None:
    """Edited cells, a new support, a sensor on it, and the lists of the sensor: one commit, with the list."""
    new = {
        "identifiant": "istres-mat-9",
        "type_support": "mât",
        "identifiant_proprietaire": "istres",
        "code_insee_commune": ISTRES,
        STATUS: "en service",
        "longitude": 4.99,
        "latitude": 43.514,
    }
    edit(file, SUPPORTS, ("istres-ep-1", MATERIAL, "acier"), ("istres-ep-2", HEIGHT, 9.5), rows=[new])
    edit(file, EQUIPMENT, rows=[new_sensor("istres-bruit-9", "istres-mat-9")])
    lists = openpyxl.load_workbook(file).sheetnames[4:6]
    edit(file, lists[0], rows=[{"identifiant_equipement_connecte": "istres-bruit-9", "rang": 1, "cas_usage": "noise"}])
    measure = {"identifiant_equipement_connecte": "istres-bruit-9", "rang": 1, "grandeurs_mesurees": "niveau sonore"}
    edit(file, lists[1], rows=[measure])

    (returned,) = bring(root, back)
    assert returned.fault is None
    assert (returned.count("added"), returned.count("changed"), returned.count("unchanged")) == (2, 2, 1)
    assert subjects(root)[1:] == ["Import 4 records from istres-13047.xlsx"]
    assert sorted(git(root, "show", "--name-only", "--format=", "HEAD").split()) == [
        *("registry/equipment/istres-bruit-9.yaml", "registry/imports/workbooks.csv"),
        *(f"registry/supports/{ISTRES}/istres-{id}.yaml" for id in ("ep-1", "ep-2", "mat-9")),
    ]
    assert record(root, f"supports/{ISTRES}/istres-ep-1.yaml")["material"] == "steel"
    assert record(root, "equipment/istres-bruit-9.yaml")["use_cases"] == ["noise"]
    assert record(root, "equipment/istres-bruit-9.yaml")["measures"] == [{"property": "noiseLevel"}]
    trailers = git(root, "log", "-1", "--format=%(trailers)")
    assert "Smartreg-On-Behalf-Of: Istres (13047)" in trailers
    author = git(root, "log", "-1", "--format=%an <%ae>").strip()
    assert author == "SIG Montpellier <sig@example.org>", "the author stays who imports"
    states = {state.name: state.returned for state in workbook_states(open_workspace(root).current)}
    assert states == {"Istres (13047)": TODAY.isoformat(), "Martigues (13056)": None, "Miramas (13063)": None}


@pytest.mark.promise("R5")
def test_one_workbook_comes_in_without_a_folder(
    root: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All its sheets in one commit, as one of a folder; also an export of several kinds that was sent to nobody."""
    monkeypatch.chdir(root)
    edit(file, SUPPORTS, ("istres-ep-1", HEIGHT, 11))
    edit(file, EQUIPMENT, ("istres-noise-1", "numero_serie", "SN-9"))
    assert cli(["import", str(file), "-y"]) == 0
    assert subjects(root)[1:] == ["Import 2 records from istres-13047.xlsx"]
    assert "Smartreg-On-Behalf-Of: Istres (13047)" in git(root, "log", "-1", "--format=%(trailers)")
    assert cli(["import", str(file), "-y"]) == 0
    assert "came back on" in capsys.readouterr().out
    assert len(subjects(root)) == 2

    assert cli(["export", "-o", str(root.parent / "all.xlsx")]) == 0
    for sheet, id, heading, value in (
        ("supports", "istres-ep-1", "height_m", 12),
        ("equipment", "istres-noise-1", "model", "N2"),
    ):
        edit(root.parent / "all.xlsx", sheet, (id, heading, value))
    assert cli(["import", str(root.parent / "all.xlsx"), "-y"]) == 0
    assert subjects(root)[-1] == "Import 2 records from all.xlsx"
    assert record(root, "equipment/istres-noise-1.yaml")["model"] == "N2"
    edit(root.parent / "all.xlsx", "supports", ("istres-ep-1", "height_m", "high"))
    assert cli(["import", str(root.parent / "all.xlsx"), "-y"]) == 1
    assert (root.parent / REFUSED / "all.xlsx").exists()


def test_each_workbook_of_a_folder_is_a_commit_and_comes_in_once(root: Path, back: Path) -> None:
    edit(back / "istres-13047.xlsx", SUPPORTS, ("istres-ep-1", HEIGHT, 11))
    edit(back / "miramas-13063.xlsx", SUPPORTS, ("miramas-ep-1", HEIGHT, 12))
    (back / "~$istres-13047.xlsx").write_bytes(b"the lock of Excel")
    (back / "notes.txt").write_text("not a workbook", "utf-8")
    first = bring(root, back)
    assert [(each.name, each.count("changed")) for each in first] == [
        *(("istres-13047.xlsx", 1), ("martigues-13056.xlsx", 0), ("miramas-13063.xlsx", 1)),
    ]
    assert subjects(root)[1:] == [
        "Import 1 record from istres-13047.xlsx",
        "Note that martigues-13056.xlsx came back",
        "Import 1 record from miramas-13063.xlsx",
    ]
    again = bring(root, back)
    assert [each.before for each in again] == [TODAY.isoformat()] * 3
    assert len(subjects(root)) == 4


def test_what_cannot_go_in_goes_back_with_its_cells_marked(root: Path, back: Path) -> None:
    """All errors of all sheets at once; the others of the folder go in. The corrected workbook goes in afterwards."""
    file = back / "istres-13047.xlsx"
    edit(file, SUPPORTS, ("istres-ep-1", HEIGHT, "dix mètres"), ("istres-ep-2", STATUS, "cassé"))
    edit(file, EQUIPMENT, ("istres-noise-1", "date_confirmation", "novembre 2026"))
    edit(back / "miramas-13063.xlsx", SUPPORTS, ("miramas-ep-1", HEIGHT, 12))
    istres, martigues, miramas = bring(root, back)
    assert (martigues.fault, miramas.fault) == (None, None)
    assert sorted(errors(istres)) == [
        ("SCH102", f"istres-13047.xlsx [{SUPPORTS}]", 2, HEIGHT),
        ("SCH103", f"istres-13047.xlsx [{SUPPORTS}]", 3, STATUS),
        ("SCH105", f"istres-13047.xlsx [{EQUIPMENT}]", 2, "date_confirmation"),
    ]
    workspace = open_workspace(root)
    written = write_refused(workspace, istres, Output(back / REFUSED, None))
    assert [path.name for path in written] == ["istres-13047.xlsx", "istres-13047.txt"]
    book = openpyxl.load_workbook(written[0])
    assert book.sheetnames[:3] == ["À lire d'abord", "Questions ouvertes", SUPPORTS]
    headings = [cell.value for cell in book[SUPPORTS][1]]
    cell = book[SUPPORTS].cell(2, headings.index(HEIGHT) + 1)
    assert (cell.value, cell.fill.fgColor.rgb) == ("dix mètres", "FFFFC7CE")
    assert cell.comment is not None
    assert "--" not in cell.comment.text
    assert book[SUPPORTS].cell(2, 1).comment is None
    assert [row[3] for row in cells(written[0], "Questions ouvertes")[1:]] == [
        *("istres-ep-1", "istres-ep-2", "istres-noise-1"),
    ]
    mail = written[1].read_text("utf-8")
    assert mail.startswith("Objet : istres-13047.xlsx : 3 cellules à corriger\n")
    letter = openpyxl.utils.get_column_letter(headings.index(HEIGHT) + 1)
    assert f"{SUPPORTS}, {letter}2 ({HEIGHT})" in mail
    assert "smartreg" not in mail.lower().replace("smart métropole", "")

    shutil.copy(written[0], file)
    edit(file, SUPPORTS, ("istres-ep-1", HEIGHT, 10), ("istres-ep-2", STATUS, "en service"))
    edit(file, EQUIPMENT, ("istres-noise-1", "date_confirmation", None))
    corrected = bring(root, back)[0]
    assert corrected.fault is None
    assert corrected.on_behalf_of == "Istres (13047)"
    assert record(root, f"supports/{ISTRES}/istres-ep-1.yaml")["height_m"] == 10


def test_a_colleagues_change_is_not_overwritten(root: Path, back: Path, file: Path) -> None:
    """Three ways, as for one sheet: what both changed is a conflict, unless --update takes the workbook's."""
    workspace = open_workspace(root)
    set_fields(workspace, "support/istres-ep-1", ["height_m=14"], [], OPTIONS)
    edit(file, SUPPORTS, ("istres-ep-1", HEIGHT, 11), ("istres-ep-2", HEIGHT, 8.5))
    (istres,) = bring(root, back)
    assert errors(istres) == [("IMP005", f"istres-13047.xlsx [{SUPPORTS}]", 2, HEIGHT)]
    assert record(root, f"supports/{ISTRES}/istres-ep-1.yaml")["height_m"] == 14
    (taken,) = bring(root, back, update=True)
    assert (taken.fault, taken.count("changed")) == (None, 2)
    assert record(root, f"supports/{ISTRES}/istres-ep-1.yaml")["height_m"] == 11


def test_what_hangs_together_is_judged_together(root: Path, back: Path, file: Path) -> None:
    """A support and the sensor on it end in one workbook; one alone is refused at its row."""
    edit(file, SUPPORTS, ("istres-ep-1", STATUS, "déposé"))
    (alone,) = bring(root, back)
    if alone.fault is not None:
        assert all(code.startswith("REF") for code, *_ in errors(alone))
    edit(file, EQUIPMENT, ("istres-noise-1", STATUS, "annulé"))
    (both,) = bring(root, back)
    assert both.fault is None
    assert record(root, "equipment/istres-noise-1.yaml")["status"] == "cancelled"


def test_rows_that_are_gone_are_told_and_stay(root: Path, back: Path, file: Path) -> None:
    book = openpyxl.load_workbook(file)
    book[SUPPORTS].delete_rows(3)
    del book["Questions ouvertes"]
    book.save(file)
    (istres,) = bring(root, back)
    assert istres.missing == ["istres-ep-2"]
    assert RecordId("support", "istres-ep-2") in open_workspace(root).current


def test_a_workbook_of_another_commune_cannot_be_passed_off(root: Path, back: Path) -> None:
    """Who it comes from is what the list says of what went out; a workbook that says something else claims nothing."""
    file = back / "istres-13047.xlsx"
    book = openpyxl.load_workbook(file)
    for row in book["à propos"].iter_rows():
        if row[2].value == "where":
            row[1].value = '["insee_code=Monsieur le Préfet"]'
    book.save(file)
    (back / "miramas-13063.xlsx").unlink()
    istres, martigues = bring(root, back)
    assert istres.on_behalf_of is None
    assert martigues.on_behalf_of == "Martigues (13056)"


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 and nothing else", "not a readable XLSX workbook"),
        (b"<html>", "is a web page"),
    ],
)
def test_hostile_files_are_refused_and_stop_nothing(root: Path, back: Path, content: bytes, said: str) -> None:
    (back / "istres-13047.xlsx").write_bytes(content)
    (back / "miramas-13063.xlsx").unlink()
    istres, martigues = bring(root, back)
    assert istres.fault is not None
    assert said in istres.fault.message.in_("en")
    assert martigues.fault is None


@pytest.mark.promise("R11")
def test_formulas_and_links_stay_text_or_are_refused(root: Path, back: Path, file: Path) -> None:
    """A formula comes in as what it showed, never as a formula; what goes back runs nothing."""
    edit(
        file,
        SUPPORTS,
        ("istres-ep-1", "adresse", '=HYPERLINK("https://example.org";"x")'),
        ("istres-ep-2", HEIGHT, "?"),
    )
    (istres,) = bring(root, back)
    written = write_refused(open_workspace(root), istres, Output(back / REFUSED, None))
    book = openpyxl.load_workbook(written[0])
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    links = [cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert links
    assert all(link.target is None and link.location for link in links), "links lead into the workbook alone"


def smartreg(root: Path, *words: str) -> Done:
    return start("-C", str(root), *words, cwd=root.parent)


def test_log_blame_audit_and_status_say_according_to_whom(root: Path, back: Path) -> None:
    edit(back / "istres-13047.xlsx", SUPPORTS, ("istres-ep-1", HEIGHT, 11))
    edit(back / "miramas-13063.xlsx", SUPPORTS, ("miramas-ep-1", HEIGHT, "douze"))
    (back / "martigues-13056.xlsx").unlink()
    tried = smartreg(root, "import", str(back), "-n")
    assert tried.returncode == 1
    assert not (back / REFUSED).exists()
    asked = smartreg(root, "import", str(back))
    assert asked.returncode == 2
    assert "-y" in asked.stderr
    done = smartreg(root, "import", str(back), "-y")
    assert done.returncode == 1
    assert "istres-13047.xlsx  0 added, 1 changed, 2 unchanged" in done.stdout
    assert "according to Istres (13047)" in done.stdout
    assert f"miramas-13063.xlsx [{SUPPORTS}]" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 imported, 0 came back before, 1 cannot go in"
    assert sorted(path.name for path in (back / REFUSED).iterdir()) == ["miramas-13063.txt", "miramas-13063.xlsx"]
    again = json.loads(smartreg(root, "import", str(back), "-y", "--json").stdout)["workbooks"]
    assert [each["came_back_before"] is not None for each in again] == [True, False]

    assert "according to Istres (13047)" in smartreg(root, "log", "support/istres-ep-1").stdout
    entries = json.loads(smartreg(root, "log", "support/istres-ep-1", "--json").stdout)["entries"]
    assert [entry["on_behalf_of"] for entry in entries] == ["Istres (13047)", None]
    blamed = smartreg(root, "blame", "support/istres-ep-1").stdout
    assert "according to Istres (13047)" in next(row for row in blamed.splitlines() if row.startswith("height_m"))
    assert "selon Istres (13047)" in smartreg(root, "blame", "support/istres-ep-1", "--lang", "fr").stdout
    assert "Workbooks: 1 of 3 came back" in smartreg(root, "status", "--returns").stdout
    (root / "registry/parties/istres.yaml").write_text("id: [", "utf-8")
    git(root, "commit", "-qam", "Break it\n\nSmartreg-Op: import\nSmartreg-On-Behalf-Of: Istres (13047)")
    assert "according to Istres (13047)" in smartreg(root, "audit").stdout


def test_a_folder_takes_no_options_of_one_sheet(root: Path, back: Path) -> None:
    (root / "empty").mkdir()
    for words, said in (((str(back), "--map", "a=b"), "--map"), ((str(root / "empty"),), "is a folder")):
        refused = smartreg(root, "import", *words)
        assert refused.returncode == 2
        assert said in refused.stderr


@pytest.mark.promise("R5")
def test_a_kill_between_two_workbooks_leaves_whole_ones(root: Path, back: Path, tmp_path: Path) -> None:
    """Killed in the middle of the second one: the first is in, the rest comes in when it is run again."""
    names = ("istres", "martigues", "miramas")
    for name, code in zip(names, (ISTRES, MARTIGUES, MIRAMAS), strict=True):
        edit(back / f"{name}-{code}.xlsx", SUPPORTS, (f"{name}-ep-1", HEIGHT, 11), (f"{name}-ep-2", HEIGHT, 12))
    trial = Path(shutil.copytree(root, tmp_path / "trial", symlinks=True))
    log = tmp_path / "steps.txt"
    assert run(trial, "import ../back -y", Fault(log=log)).code == 0
    commits = [at for at, step in enumerate(log.read_text("utf-8").splitlines(), 1) if "commit" in step]
    middle = (commits[0] + commits[-1]) // 2
    ended = run(root, "import ../back -y", Fault(at=middle, action="kill"))
    assert ended.code == -9
    after = len(subjects(root))
    assert 1 <= after - 1 <= 2, "whole commits alone"
    again = run(root, "import ../back -y")
    assert again.code == 0, again.err
    assert len(subjects(root)) == 4, "each came in once"
    events = read_events(open_workspace(root).current.tree)
    assert [event.what for event in events] == ["sent"] * 3 + ["returned"] * 3
    for name, code in zip(names, (ISTRES, MARTIGUES, MIRAMAS), strict=True):
        assert record(root, f"supports/{code}/{name}-ep-2.yaml")["height_m"] == 12
    assert subprocess.run(["git", "fsck", "--strict"], cwd=root, check=False, capture_output=True).returncode == 0
    listed = csv.reader(io.StringIO((root / "registry/imports/workbooks.csv").read_text("utf-8")))
    assert len(list(listed)) == 7


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_workbooks_that_libreoffice_saved_come_back(root: Path, back: Path, tmp_path: Path) -> None:
    edit(back / "istres-13047.xlsx", SUPPORTS, ("istres-ep-1", MATERIAL, "acier"))
    (back / "miramas-13063.xlsx").unlink()
    office = f"-env:UserInstallation=file://{tmp_path}/office"  # made anew, it takes as long as the rest
    sent = Path(shutil.copytree(root, tmp_path / "sent", symlinks=True))
    for registry, form in ((root, "xlsx"), (sent, "ods")):
        saved = tmp_path / form
        command = ["soffice", office, "--headless", "--convert-to", form, "--outdir", str(saved)]
        subprocess.run([*command, *map(str, back.iterdir())], check=True, capture_output=True, timeout=240)
        returned = bring(registry, saved)
        found = [(each.name, each.fault, each.count("changed")) for each in returned]
        assert found == [(f"istres-13047.{form}", None, 1), (f"martigues-13056.{form}", None, 0)]
        assert all(each.on_behalf_of for each in returned)
