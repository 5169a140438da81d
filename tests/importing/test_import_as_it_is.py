"""Tables as they are published: what stands in the way of reading them is said, and does not refuse the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from importing import Bring, bring, montpellier, root, support

from smartreg.cli.run import run
from smartreg.commands.import_ import RefusedImport
from smartreg.importing.options import ImportRequest
from smartreg.readers.csv import Dialect, read_sheet

__all__ = ["bring", "montpellier", "root"]  # fixtures

CONSTANTS = ("type=street_light", "owner=montpellier", "status=in_service", "insee_code=34172")
REQUEST = ImportRequest(maps=("REF=local_ref",), key=("REF",), id_from="ep-{REF}", constants=CONSTANTS)
HEAD = "REF;lon;lat\n"
ROWS = "1;3.87;43.61\n2;3.88;43.62\n3;3.89;43.63\n"


def read(text: str, encoding: str = "utf-8") -> tuple[Sequence[str], list[Sequence[str]], list[str]]:
    """The headings, the rows and the notes of a sheet without faults."""
    sheet = read_sheet("liste.csv", text.encode(encoding), None, Dialect())
    assert sheet.faults == ()
    return sheet.headings, [tuple(row.cells) for row in sheet.rows], [note.in_("en") for note in sheet.notes]


@pytest.mark.parametrize(
    ("text", "headings", "note"),
    [
        ("a;;c\n1;2;3\n4;5;6\n", ("a", "B", "c"), "columns without a heading are called by their letter: B"),
        ("a;;B\n1;2;3\n4;5;6\n", ("a", "B 2", "B"), "columns without a heading are called by their letter: B 2"),
        ("a;b\n1;2;3\n4;5;6\n", ("a", "b", "C"), "columns without a heading are called by their letter: C"),
        ("a;b;a;a\n1;2;3;4\n", ("a", "b", "a 2", "a 3"), "headings that stand twice are numbered: a 2, a 3"),
        ("a;b;c\n1;2;3\n\nSource : Ville de Montpellier\n", ("a", "b", "c"), "below the table, not read: row 4"),
        ("a;b;c;\n1;2;3;\n", ("a", "b", "c"), None),
    ],
)
def test_headings_and_footers(text: str, headings: Sequence[str], note: str | None) -> None:
    found, rows, notes = read(text)
    assert (found, notes) == (headings, [note] if note else [])
    assert all(len(row) == len(headings) for row in rows)


def test_a_row_with_an_id_alone_is_no_footer() -> None:
    """An empty row before it does not make a row with one word something else."""
    assert read("id;b;c\n1;2;3\n\nep-2;;\n")[1] == [("1", "2", "3"), ("ep-2", "", "")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert read("Nom;Année;Quartier\nÉcole;2004;Hôpitaux\n", encoding)[1] == [("École", "2004", "Hôpitaux")]


def test_a_row_with_a_stray_quotation_mark_is_named_and_the_others_are_planned(
    root: Path, bring: Bring, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = HEAD + '1;3.87;43.61\n2;"3.88"x;43.62\n3;3.89;43.63\n'
    with pytest.raises(RefusedImport) as refusal:
        bring(REQUEST, text)
    assert [(each.code, each.where.row) for each in refusal.value.outcome.introduced] == [("IMP001", 3)]
    (file := tmp_path / "lampadaires.csv").write_text(text, "utf-8")
    assert run(["-C", str(root), "import", str(file), "-y"]) == 2
    told = capsys.readouterr()
    assert "left out, unreadable: rows 3" in told.out
    assert "--skip-unreadable" in told.err
    assert not (root / "registry/supports/34172/ep-1.yaml").exists(), "nothing is written before someone says so"

    done = bring(replace(REQUEST, skip_unreadable=True), text)
    assert done.added == 2
    assert any("rows 3" in note.in_("en") for note in done.notes)
    assert support(root, "ep-3")["local_ref"] == "3"
