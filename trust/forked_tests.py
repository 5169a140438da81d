"""Run tests again and again, each time in a fork that loads smartreg anew: what else they need is loaded once.

python trust/forked_tests.py FILE…     reads seconds of patience, one a line; answers passed or failed

Tests that failed lately are run first, by themselves: what one fault breaks, its neighbour often breaks as well.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence

import git  # noqa: F401
import hypothesis.extra  # noqa: F401
import jsonschema  # noqa: F401
import jsonschema_rs  # noqa: F401
import prompt_toolkit  # noqa: F401
import pytest
import rapidfuzz  # noqa: F401
import rich.console  # noqa: F401
import ruamel.yaml  # noqa: F401
import typer  # noqa: F401
import yaml  # noqa: F401

OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=1")
LATELY = 8  # tests that failed lately


class Telling:
    """Tells the first test that fails to whoever reads the other end of a pipe."""

    def __init__(self, end: int) -> None:
        self._end = end

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self._end, report.nodeid.encode())


def failing(tests: Sequence[str], seconds: float) -> str | None:
    """The test that fails first, "?" for what fails otherwise or does not end (it is ended, with all that it started);
    None when all pass."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nothing, stream)
            os._exit(int(pytest.main([*OPTIONS, *tests], [Telling(theirs)])))
        finally:
            os._exit(99)
    os.close(theirs)
    code = _waited(child, seconds)
    named = os.read(ours, 1000).decode() if code == 1 else ""
    os.close(ours)
    return None if code == 0 else named or "?"


def _waited(child: int, seconds: float) -> int:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


def main() -> None:
    lately: list[str] = []
    for line in sys.stdin:
        found = failing(lately, float(line)) if lately else None
        found = found or failing(sys.argv[1:], float(line))
        if found not in (None, "?"):
            lately = [found, *(test for test in lately if test != found)][:LATELY]
        print("failed" if found else "passed", flush=True)


if __name__ == "__main__":
    assert not any(name.partition(".")[0] == "smartreg" for name in sys.modules)
    sys.path.insert(0, os.getcwd())
    main()
