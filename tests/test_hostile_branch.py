"""A hostile branch under review: nothing runs, nothing is fetched, nothing is written, nothing hangs (R8, R9, R10)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from crashes import make_base
from hostile import READS, Rehearsal, listening, marked_by_git


def armed(request: pytest.FixtureRequest, *, settings: bool) -> Iterator[Rehearsal]:
    folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    rehearsal = Rehearsal(make_base(folders.mktemp("base")), folders.mktemp("rehearsal"))
    with listening(rehearsal.marks) as port:
        rehearsal.arm(port, settings=settings)
        yield rehearsal


@pytest.fixture(scope="module")
def records(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    yield from armed(request, settings=False)


@pytest.fixture(scope="module")
def settings(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    yield from armed(request, settings=True)


def test_the_traps_are_set(records: Rehearsal) -> None:
    assert marked_by_git(records)


@pytest.mark.parametrize("line", READS)
def test_hostile_records(records: Rehearsal, line: str) -> None:
    assert records.look(line) == []


@pytest.mark.parametrize("line", READS[:6])
def test_hostile_settings_and_schemas(settings: Rehearsal, line: str) -> None:
    assert settings.look(line) == []
