"""Run tests repeatedly, each time in a fork that imports smartreg afresh; everything else is imported once.

python trust/forked_tests.py FILE…     reads timeouts in seconds, one per line; prints passed or failed

Tests that failed recently run first, alone: a mutant often breaks the same tests as its neighbour.
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
RECENT = 8  # tests that failed recently


class FailureReporter:
    """Writes the id of each failing test into a pipe."""

    def __init__(self, end: int) -> None:
        self._end = end

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self._end, report.nodeid.encode())


def first_failure(tests: Sequence[str], seconds: float) -> str | None:
    """The first test that fails, or "?" for another failure or a timeout (which kills the whole process group); None if
    all pass."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nothing, stream)
            os._exit(int(pytest.main([*OPTIONS, *tests], [FailureReporter(theirs)])))
        finally:
            os._exit(99)
    os.close(theirs)
    code = _wait(child, seconds)
    nodeid = os.read(ours, 1000).decode() if code == 1 else ""
    os.close(ours)
    return None if code == 0 else nodeid or "?"


def _wait(child: int, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


def main() -> None:
    recent: list[str] = []
    for line in sys.stdin:
        found = first_failure(recent, float(line)) if recent else None
        found = found or first_failure(sys.argv[1:], float(line))
        if found not in (None, "?"):
            recent = [found, *(test for test in recent if test != found)][:RECENT]
        print("failed" if found else "passed", flush=True)


if __name__ == "__main__":
    assert not any(name.partition(".")[0] == "smartreg" for name in sys.modules)
    sys.path.insert(0, os.getcwd())
    main()
