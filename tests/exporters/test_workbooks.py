"""`export --each commune`: a workbook to be filled in for every commune, and the list of those that went out."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from communes import ISTRES, MARTIGUES, MIRAMAS, OPTIONS, cells, metropolis
from importing import git
from program import Done, start

from smartreg.commands.export import ExportOptions, SplitExport, export_each
from smartreg.commands.guide import findings_to_ask
from smartreg.commands.workbooks import read_events, record_sent, refuse_uncommitted, workbook_states
from smartreg.core.errors import StateFault, UsageFault
from smartreg.features.roundtrip.verify import verify
from smartreg.workspace.workspace import open_workspace

LAMPS = "registry/supports"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return metropolis(tmp_path_factory.mktemp("base") / "registry", (ISTRES, MARTIGUES, MIRAMAS))


@pytest.fixture
def root(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base, tmp_path / "registry", symlinks=True))


def make(root: Path, folder: Path, each: str = "commune", **wanted: Any) -> SplitExport:
    options = {"audience": "partners", "labels": "fr", **wanted}
    made = export_each(open_workspace(root), ExportOptions(**options), each, "fr")
    folder.mkdir(exist_ok=True)
    for part in made.parts:
        for file in part.exported.files:
            (folder / file.name).write_bytes(file.content)
    return made


def smartreg(root: Path, *words: str) -> Done:
    return start("-C", str(root), *words, cwd=root.parent)


def test_each_commune_gets_its_supports_and_what_hangs_on_them(root: Path, tmp_path: Path) -> None:
    made = make(root, tmp_path / "out")
    assert [(part.value, part.name, part.rows) for part in made.parts] == [
        (ISTRES, "Istres (13047)", 3),
        (MARTIGUES, "Martigues (13056)", 3),
        (MIRAMAS, "Miramas (13063)", 3),
    ]
    file = tmp_path / "out/istres-13047.xlsx"
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == [
        *("À lire d'abord", "Questions ouvertes", "Supports", "Équipements connectés"),
        *("Équipements conn… – Cas d'usage", "Équipemen… – Grandeurs mesurées", "à propos"),
    ]
    assert [row[0] for row in cells(file, "Supports")[1:]] == ["istres-ep-1", "istres-ep-2"]
    assert [row[0] for row in cells(file, "Équipements connectés")[1:]] == ["istres-noise-1"]
    rules = [rule.formula1 for rule in book["Supports"].data_validations.dataValidation]
    assert any("candélabre (lampadaire)" in rule for rule in rules), "the drop-downs have labels"
    lines = [str(row[1]) for row in cells(file, "À lire d'abord") if row[0] is not None]
    assert len(lines) == 10
    assert lines[0].startswith(
        "Ce classeur contient ce que dit le registre « Métropole d'Aix-Marseille-Provence » pour Istres (13047) au "
    )


def test_the_questions_lead_to_the_cells_that_are_empty_or_doubtful(root: Path, tmp_path: Path) -> None:
    file = root / f"{LAMPS}/{ISTRES}/istres-ep-2.yaml"
    file.write_text(file.read_text("utf-8").replace("lat: 43.5", "lat: 44.5"), "utf-8")
    git(root, "commit", "-qam", "Move a support far away")
    make(root, tmp_path / "out", kinds=["support"], columns=["lamps"])
    book = openpyxl.load_workbook(tmp_path / "out/istres-13047.xlsx")
    asked = [tuple(cell.value for cell in row[1:]) for row in book["Questions ouvertes"].iter_rows(min_row=2)]
    assert ("Supports", "2", "istres-ep-1", "materiau", "à compléter") in asked
    assert any(row[2] == "istres-ep-2" and row[3] == "longitude" for row in asked), asked
    links = [row[2].hyperlink.location for row in book["Questions ouvertes"].iter_rows(min_row=2)]
    headings = [row.value for row in book["Supports"][1]]
    letter = openpyxl.utils.get_column_letter(headings.index("materiau") + 1)
    assert f"'Supports'!{letter}2" in links


def test_a_named_set_chooses_the_columns_and_stays_true_when_it_changes(root: Path, tmp_path: Path) -> None:
    make(root, tmp_path / "out", kinds=["support"], columns=["lamps"])
    (headings, *_rows) = cells(tmp_path / "out/istres-13047.xlsx", "Supports")
    assert headings == (
        *("identifiant", "type_support", "identifiant_proprietaire", "code_insee_commune", "statut"),
        *("hauteur_m", "materiau", "longitude", "latitude"),
    )
    settings = root / "smartreg.toml"
    settings.write_text(settings.read_text("utf-8").replace('"height_m", ', ""), "utf-8")
    git(root, "commit", "-qam", "Ask for less")
    found = verify(open_workspace(root), tmp_path / "out/istres-13047.xlsx")
    assert found.same == "bytes", "the workbook names the columns, not the set"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns]\nlamps = []\n", "columns.lamps"),
        ("[columns]\n'a,b' = ['type']\n", "columns.a,b"),
        ("[columns]\nlamps = 'type'\n", "must be a list"),
        ("[columns]\nlamps = [3]\n", "must be a text"),
    ],
)
def test_sets_of_columns_are_checked(root: Path, text: str, said: str) -> None:
    settings = root / "smartreg.toml"
    settings.write_text(settings.read_text("utf-8").partition("[columns]")[0] + text, "utf-8")
    with pytest.raises(UsageFault) as fault:
        open_workspace(root).config  # noqa: B018  # reads them
    assert said in fault.value.message.in_("en")


@pytest.mark.promise("R13")
def test_each_workbook_is_what_the_registry_says_at_its_commit(root: Path, tmp_path: Path) -> None:
    for each in ("commune", "owner"):
        made = make(root, tmp_path / each, each)
        again = make(root, tmp_path / "again", each)
        assert [part.exported.files for part in made.parts] == [part.exported.files for part in again.parts]
        for part in made.parts:
            found = verify(open_workspace(root), tmp_path / each / part.exported.files[0].name)
            assert found.same == "bytes"


@pytest.mark.promise("R11")
def test_a_commune_learns_nothing_that_is_not_for_partners(root: Path, tmp_path: Path) -> None:
    """Neither costs and notes, nor that a record exists which it may not see, not even in a question."""
    twin = "visibility: internal\nserial_number: S1\nmanufacturer: Sondes\ncost_eur: 99\n"
    sensor = root / "registry/equipment/istres-noise-1.yaml"
    text = sensor.read_text("utf-8")
    (root / "registry/equipment/hidden-1.yaml").write_text(text.replace("istres-noise-1", "hidden-1") + twin, "utf-8")
    sensor.write_text(f"{text}serial_number: S1\nmanufacturer: Sondes\nnotes: Serrure forcée\n", "utf-8")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "A secret twin")
    workspace = open_workspace(root)
    findings = findings_to_ask(workspace, workspace.current, "2026-01-15")
    assert any("hidden-1" in finding.message.in_("en") for some in findings.values() for finding in some)
    make(root, tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out/istres-13047.xlsx")
    every = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert "istres-noise-1" in every
    assert "hidden-1" not in every
    assert "Serrure" not in every


def test_what_has_no_commune_is_in_no_workbook_and_counted(root: Path, tmp_path: Path) -> None:
    file = root / "registry/equipment/van.yaml"
    text = (root / "registry/equipment/istres-noise-1.yaml").read_text("utf-8")
    file.write_text(text.replace("istres-noise-1", "van").replace("support: istres-ep-1", "mobile: true"), "utf-8")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "A van")
    made = make(root, tmp_path / "out")
    assert (len(made.parts), made.without) == (3, 1)


@pytest.mark.promise("R14")
def test_what_no_commit_holds_is_not_sent(root: Path, tmp_path: Path) -> None:
    (root / f"{LAMPS}/{ISTRES}/istres-ep-2.yaml").unlink()
    with pytest.raises(StateFault):
        refuse_uncommitted(make(root, tmp_path / "out"))


def test_fields_that_name_no_records_are_refused(root: Path, tmp_path: Path) -> None:
    for each, kinds in (("type", []), ("height_m", ["support"]), ("colour", [])):
        with pytest.raises(UsageFault):
            make(root, tmp_path / "out", each, kinds=kinds)


def test_the_list_says_what_went_out(root: Path, tmp_path: Path) -> None:
    workspace = open_workspace(root)
    made = make(root, tmp_path / "out")
    done = record_sent(workspace, made, OPTIONS)
    assert done.commit is not None
    assert git(root, "show", "--name-only", "--format=%s", "HEAD").split("\n", 2)[::2] == [
        "Send 3 workbooks, one for each commune",
        "registry/imports/workbooks.csv\n",
    ]
    registry = open_workspace(root).current
    assert registry.faults == []
    events = read_events(registry.tree)
    assert [(event.day, event.what, event.file, event.value) for event in events] == [
        ("2026-01-15", "sent", "istres-13047.xlsx", ISTRES),
        ("2026-01-15", "sent", "martigues-13056.xlsx", MARTIGUES),
        ("2026-01-15", "sent", "miramas-13063.xlsx", MIRAMAS),
    ]
    assert next((state.name, state.returned) for state in workbook_states(registry)) == ("Istres (13047)", None)
    later = record_sent(open_workspace(root), made, replace(OPTIONS, on=OPTIONS.on.replace(month=6)))
    assert later.commit is not None
    states = list(workbook_states(open_workspace(root).current))
    assert [state.sent for state in states] == ["2026-06-15"] * 3


def test_a_damaged_list_is_named_with_its_line(root: Path) -> None:
    file = root / "registry/imports/workbooks.csv"
    file.parent.mkdir()
    file.write_text("day,what,file,each,value,commit,sha256\n2026-01-15,lost,a.xlsx,b,c,d,e\n", "utf-8")
    with pytest.raises(UsageFault) as fault:
        read_events(open_workspace(root).current.tree)
    assert "workbooks.csv:2" in fault.value.message.in_("en")


def test_the_command_writes_the_workbooks_and_commits_the_list(root: Path, tmp_path: Path) -> None:
    for words, said in (
        (("-o", "out.xlsx"), "workbooks need a folder"),
        ((), "workbooks need a folder"),
        (("-o", "out/", "-f", "csv"), "--each writes workbooks"),
        (("-o", "out/", "--at", "HEAD"), "--each and --at"),
    ):
        refused = smartreg(root, "export", "--each", "commune", *words)
        assert refused.returncode == 2
        assert said in refused.stderr
    done = smartreg(root, "export", "--each", "commune", "-o", f"{tmp_path}/out/", "--columns", "lamps", "--lang", "fr")
    assert done.returncode == 0, done.stderr
    assert "Istres (13047)" in done.stdout
    assert "registry/imports/workbooks.csv" in done.stderr
    assert "partners" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("istres-13047.xlsx", "martigues-13056.xlsx", "miramas-13063.xlsx"),
    ]
    assert "Envoi de 3 classeurs, un par commune" in smartreg(root, "status", "--lang", "fr").stdout
    again = smartreg(root, "export", "--each", "commune", "-o", f"{tmp_path}/out/")
    assert again.returncode == 2
    assert "--force" in again.stderr
    shown = smartreg(root, "status", "--returns")
    assert shown.stdout.splitlines()[0] == "Workbooks: 0 of 3 came back"
    assert "istres-13047.xlsx" in shown.stdout
    assert "not back yet" in shown.stdout
    states = json.loads(smartreg(root, "status", "--returns", "--json").stdout)["workbooks"]
    assert {(state["name"], state["returned"]) for state in states} >= {("Istres (13047)", None)}
