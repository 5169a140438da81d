"""A hostile branch under review: nothing runs, nothing is fetched, nothing is written, nothing hangs (R8, R9, R10)."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator

import pytest
from crashes import git, make_base, run
from hostile import READS, Rehearsal, Starts, listening, marked_by_git


def arm_rehearsal(request: pytest.FixtureRequest, *, settings: bool) -> Iterator[Rehearsal]:
    folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    rehearsal = Rehearsal(make_base(folders.mktemp("base")), folders.mktemp("rehearsal"))
    with listening(rehearsal.marks) as port:
        rehearsal.arm(port, settings=settings)
        yield rehearsal


@pytest.fixture(scope="module")
def records(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    yield from arm_rehearsal(request, settings=False)


@pytest.fixture(scope="module")
def settings(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    yield from arm_rehearsal(request, settings=True)


def test_the_traps_are_set(records: Rehearsal) -> None:
    assert marked_by_git(records)


@pytest.mark.promise("R8", "R10")
@pytest.mark.parametrize("line", READS)
def test_hostile_records(records: Rehearsal, line: str) -> None:
    assert records.look(line) == []


@pytest.mark.promise("R10")
@pytest.mark.parametrize("line", READS[:6])
def test_hostile_settings_and_schemas(settings: Rehearsal, line: str) -> None:
    assert settings.look(line) == []


@pytest.mark.promise("R10")
def test_nothing_of_a_branch_runs_when_others_start_the_program(tmp_path_factory: pytest.TempPathFactory) -> None:
    starts = Starts(make_base(tmp_path_factory.mktemp("base")), tmp_path_factory.mktemp("starts"))
    starts.register(f"{shlex.quote(sys.executable)} -m smartreg")
    assert starts.look("git diff main~1 -- registry") != [], "the traps are set"
    found = run(starts.root, "doctor")
    assert found.code == 1
    assert "merge driver: registered so that" in found.out
    assert "textconv: registered so that" in found.out
    repaired = run(starts.root, "doctor --fix -y")
    assert repaired.code == 0, repaired.out
    assert {who: wrong for who, line in starts.lines().items() if (wrong := starts.look(line))} == {}
    merged = git(starts.root, "show", "HEAD:registry/use-cases/bruit.yaml")
    assert "domain: heat\nstatus: pilot\n" in merged, "lines that follow each other: the driver merged them"
