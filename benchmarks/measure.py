"""Time programs in turn, and report the ratio of their medians."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from tempfile import TemporaryFile
from time import perf_counter
from typing import Literal

Action = Callable[[], object]
BIN = Path(sys.executable).parent


def environment() -> dict[str, str]:
    """The environment of every measured program: byte code is written, no Git settings of the user, no colours, no CI
    service, in which no index would be kept."""
    excluded = ("GIT_", "PYTHON", "SMARTREG_", "CI", "GITHUB_", "TF_BUILD")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(excluded)}
    return {
        **inherited,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }


ENVIRONMENT = environment()


def run(command: Sequence[str], folder: Path, expected: tuple[int, ...] = (0,)) -> str:
    """The standard output of a program; SystemExit, with its output, for any exit code other than `expected`."""
    # A file, not a pipe: Node loses what is still in the pipe when it exits.
    with TemporaryFile() as out:
        done = subprocess.run(
            command,
            cwd=folder,
            env=ENVIRONMENT,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
        )
        out.seek(0)
        stdout = out.read().decode("utf-8", "replace")
    if done.returncode not in expected:
        words = " ".join(command[:4])
        output = stdout + done.stderr.decode("utf-8", "replace")
        raise SystemExit(f"{words} … exited with {done.returncode}:\n{output[-2000:]}")
    return stdout


@dataclass(frozen=True)
class Pair:
    """Two actions to compare. `prepare` runs before each pair and is not timed. `faster`: report how many times faster
    ours is (at least `floor`); otherwise how many times longer ours takes (at most `floor`)."""

    name: str
    against: str
    ours: Action
    theirs: Action
    rounds: int
    prepare: Action = lambda: None
    faster: bool = False
    floor: float | None = None


@dataclass(frozen=True)
class Cost:
    """Elapsed seconds, and processor seconds, children included."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Row:
    """The medians of a pair. The floor applies to elapsed times."""

    pair: Pair
    ours: Cost
    theirs: Cost

    @property
    def ratio(self) -> float:
        return self._of(self.ours.wall, self.theirs.wall)

    @property
    def cpu_ratio(self) -> float:
        return self._of(self.ours.cpu, self.theirs.cpu)

    def _of(self, ours: float, theirs: float) -> float:
        return theirs / ours if self.pair.faster else ours / theirs

    @property
    def verdict(self) -> Literal["", "pass", "MISSED"]:
        if self.pair.floor is None:
            return ""
        reached = self.ratio >= self.pair.floor if self.pair.faster else self.ratio <= self.pair.floor
        return "pass" if reached else "MISSED"

    def cells(self) -> str:
        """The row of a Markdown table."""
        sense = "faster" if self.pair.faster else "as long"
        floor = "" if self.pair.floor is None else f"{'≥' if self.pair.faster else '≤'} {self.pair.floor:g}"
        verdict = "**missed**" if self.verdict == "MISSED" else self.verdict
        times = (
            f"{_time(self.ours.wall)} | {_time(self.theirs.wall)} | {self.ratio:.1f} × {sense}"
            f" | {_time(self.ours.cpu)}, {_time(self.theirs.cpu)}: {self.cpu_ratio:.1f}"
        )
        return f"| {self.pair.name} | {self.pair.against} | {times} | {floor} | {verdict} |"

    def line(self) -> str:
        sense = "faster" if self.pair.faster else "as long"
        floor = "" if self.pair.floor is None else f"{'≥' if self.pair.faster else '≤'} {self.pair.floor:g}"
        return (
            f"{self.pair.name:<34} {self.pair.against:<27} {_time(self.ours.wall):>9} {_time(self.theirs.wall):>9}"
            f" {self.ratio:>6.1f} × {sense:<7} {self.cpu_ratio:>8.1f} {floor:>6}  {self.verdict}".rstrip()
        )


HEADING = f"{'smartreg':<34} {'against':<27} {'ours':>9} {'theirs':>9} {'ratio':>8} {'':<7} {'cpu':>8} {'floor':>6}"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def compare(pair: Pair) -> Row:
    """Time both in turn, `rounds` times; quick ones get an extra first run that warms the page cache and does not
    count."""
    ours, theirs = [], []
    for number in range(pair.rounds + (pair.rounds > 3)):
        pair.prepare()
        mine, other = time_once(pair.ours), time_once(pair.theirs)
        if number or pair.rounds <= 3:
            ours.append(mine)
            theirs.append(other)
    return Row(pair, _median(ours), _median(theirs))


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(median(cost.wall for cost in costs), median(cost.cpu for cost in costs))


def time_once(action: Action) -> Cost:
    start, before = perf_counter(), _processor_seconds()
    action()
    return Cost(perf_counter() - start, _processor_seconds() - before)


def _processor_seconds() -> float:
    """Processor seconds of this process and of the children that it has waited for."""
    used = (getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


_PEAK = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(command: Sequence[str], folder: Path) -> int:
    """The peak memory of a program in MiB. A small process starts it, since Linux counts what the process that starts a
    program holds at that moment; this one holds the rows of tables."""
    return int(run([sys.executable, "-c", _PEAK, *command], folder)) // 1024


def compile_all() -> None:
    """Compile both sides and what they import, whatever PYTHONDONTWRITEBYTECODE says."""
    import smartreg

    folders = [str(Path(smartreg.__file__ or "").parent), sysconfig.get_path("purelib")]
    # Some packages contain files that no Python can compile, so the exit code means nothing.
    subprocess.run([sys.executable, "-m", "compileall", "-qq", *folders], env=ENVIRONMENT, check=False)


def machine() -> str:
    """The versions, cores and load that the numbers depend on."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    load = os.getloadavg()[0]
    return f"Python {platform.python_version()}, Git {git}, {os.cpu_count()} cores, load {load:.1f} at the start"
