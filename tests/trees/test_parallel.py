"""Two pieces of work at once give what they give one after the other."""

from __future__ import annotations

import os
from functools import partial

import pytest

from smartreg.core.parallel import PAYS_FROM, run_in_parallel, share_out
from smartreg.core.progress import watch


@pytest.mark.parametrize("size", [0, PAYS_FROM])
def test_both_results_come_back(size: int) -> None:
    assert run_in_parallel(size, lambda: "mine", lambda: ["theirs"] * 100_000) == ("mine", ["theirs"] * 100_000)


@pytest.mark.parametrize("size", [0, PAYS_FROM])
def test_a_fault_of_the_other_shows_here(size: int) -> None:
    def fails() -> str:
        raise LookupError("theirs")

    with pytest.raises(LookupError, match="theirs"):
        run_in_parallel(size, lambda: "mine", fails)


@pytest.mark.parametrize("size", [0, PAYS_FROM])
def test_a_fault_of_our_own_does_not_wait_for_the_other(size: int) -> None:
    def fails() -> str:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        run_in_parallel(size, fails, lambda: "x" * 10_000_000)


def test_a_child_that_is_killed_is_made_up_for() -> None:
    here = os.getpid()

    def dies_elsewhere() -> str:
        if os.getpid() != here:
            os._exit(0)
        return "again"

    assert run_in_parallel(PAYS_FROM, lambda: "mine", dies_elsewhere) == ("mine", "again")


@pytest.mark.parametrize("size", [0, PAYS_FROM])
@pytest.mark.parametrize("jobs", [0, 1, 2, 200])
def test_shared_jobs_come_back_in_their_order(size: int, jobs: int) -> None:
    done: list[str] = []
    turns = [lambda turn=turn: turn for turn in range(jobs)]
    found = share_out(size, turns, lambda: done.append("first"), stage="check")
    assert found == [*range(jobs)]
    assert done == ["first"]


@pytest.mark.parametrize("size", [0, PAYS_FROM])
def test_of_shared_jobs_that_fail_the_first_one_shows(size: int) -> None:
    def fails(turn: int) -> None:
        if turn in (3, 40, 99):
            raise LookupError(turn)

    with pytest.raises(LookupError, match="3"):
        share_out(size, [partial(fails, turn) for turn in range(100)], stage="check")


def test_shared_jobs_of_a_child_that_is_killed_are_made_up_for() -> None:
    here = os.getpid()

    def dies_elsewhere(turn: int) -> int:
        if os.getpid() != here:
            os._exit(0)
        return turn

    assert share_out(PAYS_FROM, [partial(dies_elsewhere, turn) for turn in range(50)], stage="check") == [*range(50)]


def test_progress_reports_what_is_done_of_how_much() -> None:
    seen: list[tuple[str, int, int]] = []
    with watch(lambda *step: seen.append(step)):
        share_out(40, [lambda: None] * 4, stage="read")
    share_out(40, [lambda: None] * 4, stage="read")

    assert seen == [("read", done, 40) for done in (0, 10, 20, 30)]
