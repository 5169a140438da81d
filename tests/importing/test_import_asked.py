"""The second year of an inventory on a terminal: what its sheet no longer says is asked, and the import goes on to the
commit in the same run. Without a terminal, each refusal ends with the command that brings it in."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from importing import Bring, Somebody, bring, git, montpellier, root
from terminal import talk
from test_import_second_years import KEYED, NAMED_BY_TYPE, counts, lights, moved, next_year, sheet

from smartreg.asking.choices import Choices
from smartreg.asking.question import Answers, Question, Questions, fill_in
from smartreg.cli.run import run
from smartreg.commands.import_ import RefusedImport, missing_columns, read_file
from smartreg.core.values import Json
from smartreg.forms.importing import doubt_answers, missing_column_answers
from smartreg.importing.options import ImportRequest
from smartreg.workspace.workspace import open_workspace

__all__ = ["bring", "montpellier", "root"]  # fixtures

KEPT = ("registry/imports/sheet.toml", "registry/imports/sheet.keys")
RENAMED = sheet(next_year(), "num_pl,TYPE,HAUT,lon,lat")
DOUBTFUL = sheet([moved(lights()[0], -12), moved(lights()[1], 3), *lights()[2:11], moved(lights()[11], 13)], without=0)


def write(root: Path, text: str) -> Path:
    file = root.parent / "sheet.csv"
    file.write_text(text, "utf-8")
    return file


def answer(root: Path, exchange: list[tuple[str, str]]) -> tuple[int, str]:
    program = (sys.executable, "-m", "smartreg", "import", str(root.parent / "sheet.csv"), "--lang", "en")
    return talk(program, root, root.parent, exchange)


def follow(root: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Import without a terminal, then run the command that each refusal ends with; the commands."""
    capsys.readouterr()
    commands = [f"smartreg import support {root.parent / 'sheet.csv'} --lang en"]
    while run(["-C", str(root), *shlex.split(commands[-1])[1:]]) in (1, 2):
        assert git(root, "status", "--porcelain") == ""
        said = capsys.readouterr().err.strip().split("\n")[-1]
        assert said.startswith("smartreg import "), said
        assert said not in commands
        commands.append(said)
    return commands[1:]


def kept(root: Path) -> list[str]:
    """What the registry keeps of the import, and the records that it changed."""
    return [*((root / path).read_text("utf-8") for path in KEPT), git(root, "diff", "--raw", "HEAD~", "--", "registry")]


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    ("later", "exchange", "steps", "counts"),
    [
        (
            RENAMED,
            [
                ("registry/imports/sheet.toml names columns that the sheet lacks:", ""),
                ('no column "NUMERO" any more: which one is it now?', ""),
                ("1 num_pl  holds 11 of the 12 values that it held", ""),
                ("[num_pl]", "1\r"),
                ("Write this?", "\r"),
            ],
            ["--renamed NUMERO=num_pl"],
            "1 added, 3 changed, 8 unchanged, 0 rows left out, 1 gone",
        ),
        (
            DOUBTFUL,
            [
                ("it is gone, with all that it filled", ""),
                ("[-]", "\r"),
                ("nothing in the sheet says any more which record a row is", ""),
                ("[place]", "\r"),
                ("[support-{TYPE}]", "\r"),
                ("row 2 (street_light, 8, 3.871234, 43.599892): which record is it?", ""),
                ("1 1000  12 m away", ""),
                ("[1000]", "\r"),
                ("row 13", ""),
                ("2 -  a new record", ""),
                ("[1077]", "1\r"),
                ("Write this?", "\r"),
            ],
            ["--map NUMERO=- --match place --id-from 'support-{TYPE}'", "--pair 2=1000 --pair 13=1077"],
            "0 added, 3 changed, 9 unchanged, 0 rows left out",
        ),
    ],
    ids=["renamed column", "doubtful rows"],
)
def test_a_second_year_comes_in_by_enter_and_numbers_and_by_the_printed_commands(
    root: Path,
    bring: Bring,
    capsys: pytest.CaptureFixture[str],
    later: str,
    exchange: list[tuple[str, str]],
    steps: list[str],
    counts: str,
) -> None:
    """Both ways write the same records, and keep the same of it for the next year."""
    bring(KEYED, sheet(lights()))
    silent = Path(shutil.copytree(root, root.parent / "silent/registry", symlinks=True))
    for place in (root, silent):
        write(place, later)
    code, shown = answer(root, exchange)
    assert code == 0, shown
    assert counts in shown
    assert git(root, "status", "--porcelain") == ""
    commands = follow(silent, capsys)
    assert len(commands) == len(steps)
    assert all(step in command for step, command in zip(steps, commands, strict=True)), commands
    assert kept(root) == kept(silent)


@pytest.mark.promise("R5")
def test_new_numbers_at_the_same_places_are_asked_about(root: Path, bring: Bring) -> None:
    """Before anything is written: a renumbered inventory is not there twice."""
    bring(KEYED, sheet(lights()))
    write(root, sheet([[f"N{row[0]}", *row[1:]] for row in lights()]))
    title = "no row has the key of a record, and 12 of 12 stand where records of this file do: find them by"
    code, shown = answer(root, [(title, ""), ("[place]", "\r"), ("Write this?", "\r")])
    assert code == 0, shown
    assert "0 added, 12 changed, 0 unchanged" in shown
    assert 'match = "place"' in (root / KEPT[0]).read_text("utf-8")


def test_who_cancels_loses_no_answer_and_nothing_is_written(root: Path, bring: Bring) -> None:
    bring(KEYED, sheet(lights()))
    before = git(root, "rev-parse", "HEAD")
    file = write(root, DOUBTFUL)
    typed = [("[-]", "\r"), ("[place]", "\r"), ("[support-{TYPE}]", "\r"), ("[1000]", "\r"), ("[1077]", "\x03")]
    code, shown = answer(root, typed)
    assert code == 130
    options = "--map NUMERO=- --pair 2=1000 --match place --id-from 'support-{TYPE}'"
    assert f"with your answers: smartreg import support {file} --lang en {options}" in " ".join(shown.split())
    assert (git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")) == (before, "")


def ask_with(typed: dict[str, Json], shown: list[list[str]]) -> Callable[[Question, Answers], Json]:
    """Answers by the path of the question, Enter for the others; `shown`: the choices of each question."""

    def ask(question: Question, _answers: Answers) -> Json:
        choices = question.choices() if question.choices is not None else Choices(())
        shown.append([choice.value for choice in choices.items])
        return typed.get(str(question.path[0]), question.default)

    return ask


def form_of_missing_columns(root: Path, file: Path) -> Callable[[Answers], Questions[ImportRequest]]:
    workspace = open_workspace(root)
    kind = workspace.current.schemas.kind("support")
    read = read_file(workspace, kind, file, ImportRequest())
    missing = missing_columns(workspace, kind, file, ImportRequest(), read)
    assert missing is not None
    return partial(missing_column_answers, Somebody(workspace), missing, read.sheet, ImportRequest())


def test_a_column_that_was_taken_for_one_is_no_choice_for_the_next(root: Path, bring: Bring) -> None:
    bring(KEYED, sheet(lights()))
    file = write(root, sheet(lights(), "num_pl,TYPE,hauteur,lon,lat"))
    form = form_of_missing_columns(root, file)
    shown: list[list[str]] = []
    assert fill_in(form, Answers(), ask_with({}, shown)).renamed == ("NUMERO=num_pl", "HAUT=hauteur")
    assert shown == [["num_pl", "-", "hauteur"], ["hauteur", "-"]]
    shown.clear()
    request = fill_in(form, Answers(), ask_with({"NUMERO": "-"}, shown))
    assert shown == [["num_pl", "-", "hauteur"], ["hauteur", "-", "num_pl"], ["place", "key"], []]
    assert (request.renamed, request.maps, request.match) == (("HAUT=hauteur",), ("NUMERO=-",), "place")


def test_a_renumbered_and_renamed_key_is_found_by_places_too(root: Path, bring: Bring) -> None:
    """The new column holds none of last year's numbers: they are the keys from now on."""
    bring(KEYED, sheet(lights()))
    file = write(root, sheet([[f"N{row[0]}", *row[1:]] for row in lights()], "num_pl,TYPE,HAUT,lon,lat"))
    form = form_of_missing_columns(root, file)
    request = fill_in(form, Answers(), ask_with({"NUMERO": "num_pl"}, []))
    assert counts(bring(request, file)) == {"changed": 12}


def test_a_record_that_was_given_to_one_row_is_no_choice_of_the_next(root: Path, bring: Bring) -> None:
    """Two rows on both sides of one record: whoever takes it for the first is not asked about the second."""
    bring(replace(NAMED_BY_TYPE, match="place"), sheet(lights(1), without=0))
    later = sheet([moved(lights(1)[0], metres) for metres in (-12, 12)], without=0)
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), later)
    doubts = refusal.value.doubts
    assert [doubt.draft.row.number for doubt in doubts] == [2, 3]
    workspace = open_workspace(root)
    kind = workspace.current.schemas.kind("support")
    form = partial(doubt_answers, Somebody(workspace), kind, doubts)
    shown: list[list[str]] = []
    pairs = fill_in(form, Answers(), ask_with({}, shown))
    assert (pairs, len(shown)) == (("2=ep-street-light",), 1)
    assert fill_in(form, Answers(), ask_with({"2": "-"}, [])) == ("2=-", "3=ep-street-light")
    assert counts(bring(ImportRequest(pairs=pairs), later)) == {"added": 1, "changed": 1}


@pytest.mark.promise("R5")
def test_what_nothing_names_is_found_by_its_place_from_the_first_year_on(root: Path, bring: Bring) -> None:
    """Ids that are made from points name nothing: a new survey of the same things makes no new records."""

    def nameless(rows: list[list[str]]) -> Path:
        return write(root, sheet([row[2:] for row in rows], "HAUT,lon,lat"))

    Somebody(open_workspace(root)).import_(nameless(lights(6)), {"kind": "support", "=type": "street_light"})
    rows = [moved(row, 2) for row in lights(6)]
    assert counts(bring(ImportRequest(), nameless(rows))) == {"changed": 6}
    with pytest.raises(RefusedImport) as refusal:
        bring(ImportRequest(), nameless([moved(rows[0], -12), *rows[1:]]))
    assert [doubt.draft.row.number for doubt in refusal.value.doubts] == [2]
