"""No cell of any CSV is a formula to a spreadsheet, whatever command writes it; one apostrophe less is the value."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest
from small import Runs, runs, small_registry

from smartreg.core.escape import csv_text

__all__ = ["runs"]

FORMULAS = (
    "=1+1",
    "-2+3",
    "+A1",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM",
    " =1",
    "\u00a0+A1",
    "\u200b=1",
    "\t=1",
    "'=1",
)
HARMLESS = ("x=1", "-5", "+33 4 42 00 00 00", "2024-01-01", " x", "1,5", 'a "b"', "a\nb")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    values = enumerate((*FORMULAS, *HARMLESS))
    records = {f"n{at:02}": f"id: n{at:02}\nnote: {json.dumps(value, ensure_ascii=False)}\n" for at, value in values}
    tags = json.dumps(list(FORMULAS[:2]))
    return small_registry(tmp_path_factory.mktemp("cells") / "root", {**records, "zz": f"id: zz\ntags: {tags}\n"})


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@pytest.mark.promise("R11")
@pytest.mark.parametrize(
    "words",
    [
        ("list", "org", "--columns", "id,note", "-f", "csv"),
        ("query", "SELECT id, note FROM org ORDER BY id", "-f", "csv"),
        ("export", "org", "--columns", "note"),
    ],
    ids=lambda words: words[0],
)
def test_every_command_marks_the_same_cells(root: Path, runs: Runs, tmp_path: Path, words: tuple[str, ...]) -> None:
    code, out, _ = runs(*words, "-C", str(root))
    assert code == 0
    notes = [row[1] for row in rows(out)[:-1]]
    assert notes == [*(f"'{value}" for value in FORMULAS), *HARMLESS]

    (tmp_path / "back.csv").write_bytes(out.encode())
    code, out, err = runs("import", "org", str(tmp_path / "back.csv"), "--characters=keep", "-y", "-C", str(root))
    assert (code, err) == (0, "")
    assert subprocess.run(["git", "status", "--short"], cwd=root, capture_output=True, check=True).stdout == b""


@pytest.mark.promise("R11")
def test_lists_and_the_history_are_marked_too(root: Path, runs: Runs) -> None:
    _, listed, _ = runs("list", "org", "--columns", "tags", "--where", "id=zz", "-f", "csv", "-C", str(root))
    _, blamed, _ = runs("blame", "n05", "-f", "csv", "-C", str(root))

    assert rows(listed) == [[f"'{', '.join(FORMULAS[:2])}"]]
    assert [row[1] for row in rows(blamed)] == ["n05", f"'{FORMULAS[5]}"]


@pytest.mark.promise("R11")
def test_numbers_are_never_marked_and_a_row_is_never_an_empty_line(root: Path, runs: Runs) -> None:
    _, asked, _ = runs("query", "SELECT -1e-7 AS a UNION ALL SELECT NULL", "-f", "csv", "-C", str(root))

    assert sorted(asked.splitlines()) == ['""', "-1e-07", "a"]
    assert csv_text(["=a"], [[-1.5], [True], [None], ["-1,5"], ["\ud800"]]) == '\'=a\n-1.5\ntrue\n""\n"-1,5"\n\\ud800\n'
