"""Writing commands stopped on their way: committed or absent, the user's work untouched, and the next command says so.

A thin sample of the points; `make trust` goes through all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import cast

import pytest
from crashes import ACTIONS, COMMANDS, GIT_ACTIONS, Rehearsal, copy_base, make_base, run

from smartreg.cli.session import Session
from smartreg.cli.writing import attempt

SAMPLE = 4  # points of each command


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("crashes"))


@pytest.fixture(scope="module")
def adding(base: Path) -> Rehearsal:
    """One for all tests of this command: it runs twice to find its steps."""
    return Rehearsal.of("add-sensor", base)


# Where it matters most: a commit of one file, of several, and one that also moves.
@pytest.mark.promise("R1")
@pytest.mark.parametrize("command", ["add-sensor", "import", "rename"])
def test_a_command_stopped_on_its_way(base: Path, adding: Rehearsal, command: str) -> None:
    rehearsal = adding if command == adding.name else Rehearsal.of(command, base)
    points = list(rehearsal.points())
    assert len(points) == len(rehearsal.steps) * len(ACTIONS) + rehearsal.calls * len(GIT_ACTIONS)
    assert len(rehearsal.steps) > 20
    assert rehearsal.calls > 5
    stride = len(points) // SAMPLE
    outcomes = {rehearsal.stop(action, at) for action, at in islice(points, stride // 2, None, stride)}
    assert False in outcomes


@pytest.mark.promise("R1")
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize(
    ("target", "who", "when", "way"),
    [
        ("/index", "git", "before", "short"),
        ("/index", "group", "after", "hooks"),
        ("refs/heads/main", "git", "after", "hooks"),
        ("refs/heads/main", "group", "before", "short"),
    ],
)
def test_git_killed_at_a_rename(adding: Rehearsal, target: str, who: str, when: str, way: str) -> None:
    """Alone or with the whole process group; what is said is what HEAD has, and no lock of Git's stays."""
    made = adding.kill_git(target, who, when, way)
    assert made or when == "before" or target == "/index"  # which `git add` writes, too


def test_what_the_harness_must_notice(adding: Rehearsal) -> None:
    """A commit that takes the user's own work along is no sound end."""
    spoiled = replace(adding, before=adding.before._replace(status=""))
    with pytest.raises(AssertionError, match="kill at step 1 "):
        spoiled.stop("kill", 1)


@pytest.mark.promise("R4")
def test_a_success_is_on_the_disk_before_it_is_reported(base: Path, adding: Rehearsal, tmp_path: Path) -> None:
    """R4: the record and its folder are flushed by us, the objects and the branch by Git, as Git itself counts."""
    steps = adding.steps
    placed = steps.index("rename new-0")
    started = next(n for n, step in enumerate(steps) if step.startswith("start git") and "fast-import" in step)
    assert steps[:placed].count("flush") >= 3
    assert "flush" in steps[placed:started]

    trace = tmp_path / "trace"
    root = copy_base(base)
    shutil.copy(base.parent / ".gitconfig", tmp_path)
    with (tmp_path / ".gitconfig").open("a", encoding="utf-8") as settings:
        settings.write(f"[trace2]\n eventTarget = {trace}\n")
    assert run(root, COMMANDS["add-sensor"], GIT_CONFIG_GLOBAL=str(tmp_path / ".gitconfig")).code == 0
    events = [json.loads(line) for line in trace.read_text("utf-8").splitlines()]
    flushes = [e["count"] for e in events if e["event"] == "counter" and e["name"] == "hardware-flush"]
    assert sum(flushes) >= 6, "blob, three trees, commit, branch"


def test_ctrl_c_once_it_is_done_is_not_heard() -> None:
    """ "cancelled; nothing was changed" is never said of a change in the history."""
    heard = signal.getsignal(signal.SIGINT)
    try:
        with attempt(cast(Session, None)):
            pass
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
    finally:
        signal.signal(signal.SIGINT, heard)
