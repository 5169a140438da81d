"""The build is green on any day: nothing here compares a day that is written down with the machine's clock."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from program import ROOT, copy_example, start

CLOCK = "smartreg/core/clock.py"
OWN_CLOCK = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns"}
# What asks the machine, and why it may.
TIMES_OF_FILES = "compares with times of files, which are on the machine's clock"
MAY_ASK = {
    CLOCK: "is the program's clock",
    "smartreg/gitio/pending_reads.py": TIMES_OF_FILES,
    "smartreg/gitio/stale_locks.py": TIMES_OF_FILES,
    "smartreg/index/mtime.py": TIMES_OF_FILES,
    "smartreg/trees/refresh.py": TIMES_OF_FILES,
    "smartreg/web/uploads.py": TIMES_OF_FILES,
    "tests/gitio/test_gitio_recover.py": TIMES_OF_FILES,
    "tests/index/test_trees_remembered.py": TIMES_OF_FILES,
    "tests/support/authority.py": "makes certificates that OpenSSL judges by the machine's clock",
}
DATE = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b|\bdate(?:time)?\((20\d\d), (\d\d?), (\d\d?)\b")
MARKED = ("mark.day(", "go_to(")
# Modules with days to come, none of which the program compares with its clock.
STATED = {
    "their calls state the day that is judged (`on`, `OPTIONS`, `--on`)": (
        "conventions test_abroad test_agreements test_audit test_check test_check_change test_coverage test_days "
        "test_dossier test_export test_export_audience test_first_screen test_history_index test_impact "
        "test_incremental test_lifecycle test_observatory test_page_browser test_past test_places test_review "
        "test_verdicts test_verdicts_in_git test_verify succession_story"
    ),
    "releases of NOW, read at NOW": "observatories published stored",
    "values that are refused or kept, whatever the day": (
        "test_cli_prompts test_convention_story test_gitio_read test_reviewed test_schemas test_since test_timestamps"
    ),
}


def sources(folder: str) -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / folder).rglob("*.py")):
        yield file.relative_to(ROOT).as_posix(), file.read_text("utf-8")


@pytest.mark.parametrize("folder", ["smartreg", "tests"])
def test_one_clock_is_asked_for_the_time(folder: str) -> None:
    found = {
        f"{path}:{node.lineno}"
        for path, text in sources(folder)
        if path not in MAY_ASK
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split("datetime.datetime")[-1] in OWN_CLOCK
    }
    assert found == set(), "ask smartreg.core.clock, or mark the test with its day"


def test_no_test_has_a_day_to_come_that_may_meet_the_clock() -> None:
    """Days to come as of the last commit: later commits know more days of the past, and are refused fewer."""
    shown = subprocess.run(["git", "log", "-1", "--format=%cs"], cwd=ROOT, capture_output=True, text=True, check=False)
    if not shown.stdout:
        pytest.skip("no history here: not a clone")
    last = date.fromisoformat(shown.stdout.strip()) + timedelta(1)
    stated = {name for names in STATED.values() for name in names.split()}
    found = {
        f"{path}: {match[0]}"
        for path, text in sources("tests")
        if Path(path).stem not in stated and not any(mark in text for mark in MARKED)
        for match in DATE.finditer(text)
        if (day := day_of(match)) is not None and day > last
    }
    assert found == set(), "mark the test with its day, or compute the date from today"


def day_of(match: re.Match[str]) -> date | None:
    try:
        return date(*(int(part) for part in match.groups() if part))
    except ValueError:  # 2024-13-01, which a test wants refused
        return None


@pytest.mark.parametrize("on", ["2026-12-01", "2028-02-29", "2037-12-31"])
def test_the_registry_of_this_repository_does_not_expire(tmp_path: Path, on: str) -> None:
    done = start("validate", "--on", on, cwd=copy_example(tmp_path))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("day", "shown"), [("february-29", "02-29"), ("december-31", "12-31")])
def test_another_day_is_that_of_git_and_of_every_program(day: str, shown: str) -> None:
    """The suite is played on other days by this (`make trust`, CI)."""
    own = "from datetime import *; print(f'{datetime.now():%m-%d}'); print(f'{date.today():%m-%d}')"
    git = "git -c user.name=x -c user.email=x@example.org var GIT_COMMITTER_IDENT"
    script = f'date +%m-%d; "{sys.executable}" -c "{own}"; date -d "@$({git} | cut -d" " -f3)" +%m-%d'
    environ = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "FAKETIME")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "trust" / "other_days.py"), day, "bash", "-c", script],
        env=environ, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    if "no libfaketime" in done.stderr:
        pytest.skip("needs libfaketime")
    assert done.stdout.split() == [shown] * 4
