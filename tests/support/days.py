"""A day in a test, `@pytest.mark.day("2026-06-01")`: for the program, wherever tests start it, and for Git's commits.

A test that goes by the real day asks the program's clock (`today_in`, `core.clock.now`), and computes dates from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from smartreg.core import clock

VARIABLE = "TEST_CLOCK"  # how forks and new Pythons hear of it; the program does not read it


def go_to(moment: datetime | str, patch: pytest.MonkeyPatch) -> datetime:
    """From here on it is this moment (a day alone: its noon in UTC), until the patch is undone."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment if "T" in moment else f"{moment}T12:00:00").replace(tzinfo=UTC)
    patch.setattr(clock, "source", lambda: moment)
    for name in (VARIABLE, "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        patch.setenv(name, moment.isoformat())
    return moment


def follow(environ: Mapping[str, str]) -> None:
    """Let the program, in this process, go by the day of the test that has started it."""
    if stated := environ.get(VARIABLE):
        moment = datetime.fromisoformat(stated)
        clock.source = lambda: moment


if __name__ == "__main__":  # `python days.py WORD…` is `python -m smartreg WORD…` on that day
    follow(os.environ)
    from smartreg.cli.main import main

    main()
