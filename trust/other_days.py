"""Run a command on another day: its clock, that of Git and of every other program it starts; and the suite with it.

    python trust/other_days.py [--list]
    python trust/other_days.py DAY COMMAND…        (DAY: a name of the list, or `drawn`: one that HEAD draws)

libfaketime moves the clock. Durations and the times of files stay the machine's own; so does a browser's clock.
Without libfaketime the command runs on the real day, and standard error says so.
"""

from __future__ import annotations

import calendar
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
# Where Debian and its likes, Fedora, Homebrew and MacPorts have it.
LIBRARIES = (
    *(f"/usr/lib/{machine}-linux-gnu/faketime/libfaketime.so.1" for machine in ("x86_64", "aarch64")),
    *(f"/usr/{folder}/faketime/libfaketime.so.1" for folder in ("lib64", "lib", "local/lib")),
)
PARIS, WEST = "Europe/Paris", "America/Los_Angeles"

# Tests that another day cannot be played for, and why.
NOT_THERE = {
    "tests/index/test_trees_remembered.py::test_a_folder_that_changed_while_it_was_read_is_read_again": (
        "times of files that are ahead of the clock, which here is ahead of theirs"
    ),
}


@dataclass(frozen=True)
class Day:
    """A moment, on the clocks of a time zone, and the locale of who starts the suite."""

    name: str
    moment: datetime
    lang: str = "C"

    @property
    def zone(self) -> str:
        return str(self.moment.tzinfo)

    def __str__(self) -> str:
        return f"{self.name}: {self.moment:%Y-%m-%d %H:%M} in {self.zone}, LANG={self.lang}"


def days(today: date) -> tuple[Day, ...]:
    """All of them, each the next that comes: what a run begins at 23:56 or 1:56 sees midnight, or the clocks change."""
    leap = next(year for year in range(today.year + (today > date(today.year, 2, 28)), 9999) if calendar.isleap(year))
    year = today.year + 1 + calendar.isleap(today.year + 1)  # its February has 28 days
    late, early = time(23, 56), time(1, 56)

    def at(name: str, day: date, zone: str, lang: str = "C", clock: time = time(12)) -> Day:
        return Day(name, datetime.combine(day, clock, ZoneInfo(zone)), lang)

    return (
        at("tomorrow", today + timedelta(1), PARIS, "fr_FR.UTF-8"),
        at("month", today + timedelta(31), "UTC"),
        at("year", today + timedelta(366), WEST),
        at("three-years", today + timedelta(3 * 366), PARIS, "fr_FR.UTF-8"),
        at("february-28", date(year, 2, 28), WEST, "fr_FR.UTF-8", late),
        at("february-29", date(leap, 2, 29), PARIS),
        at("december-31", date(today.year, 12, 31), PARIS, "fr_FR.UTF-8", late),
        at("spring-paris", _sunday(year, 3, -1), PARIS, clock=early),
        at("autumn-paris", _sunday(year, 10, -1), PARIS, "fr_FR.UTF-8", clock=time(2, 56)),
        at("spring-west", _sunday(year, 3, 1), WEST, "fr_FR.UTF-8", early),
        at("autumn-west", _sunday(year, 11, 0), WEST, clock=early),
    )


def _sunday(year: int, month: int, number: int) -> date:
    """The Sunday of this number (from 0; -1: the last) in a month."""
    sundays = [week[6] for week in calendar.monthcalendar(year, month) if week[6]]
    return date(year, month, sundays[number])


def library() -> Path | None:
    """The libfaketime of this machine."""
    return next((path for path in map(Path, LIBRARIES) if path.exists()), None)


def environment(day: Day, faketime: Path) -> dict[str, str]:
    """What moves the clock of whatever is started with it, and lets pytest leave out what another day cannot be played
    for."""
    offset = round((day.moment - datetime.now(UTC)).total_seconds())
    left_out = [f"--deselect={test}" for test in NOT_THERE]
    return {
        "LD_PRELOAD": str(faketime),
        "FAKETIME": f"{offset:+d}",  # from the machine's clock, so that all processes have one
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",  # else it opens a file, as standard output where that is closed
        "NO_FAKE_STAT": "1",
        "TZ": day.zone,
        "LANG": day.lang,
        "PYTEST_ADDOPTS": shlex.join([*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *left_out]),
    }


def drawn(among: tuple[Day, ...]) -> Day | None:
    """The day that HEAD draws; None: the real one, which is as likely as each of them."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    place = int(head[:8] or "0", 16) % (len(among) + 1)
    return among[place] if place < len(among) else None


def main() -> None:
    among = days(datetime.now(UTC).date())
    name, *command = sys.argv[1:] or ["--list"]
    if not command:
        print(*among, sep="\n")
        return
    day = drawn(among) if name == "drawn" else {each.name: each for each in among}[name]
    faketime = library()
    if day is not None and faketime is None:
        print(f"no libfaketime (Debian: libfaketime): not played: {day}", file=sys.stderr)
    moved = {} if day is None or faketime is None else environment(day, faketime)
    print(f"played on {day if moved else 'the real day'}", file=sys.stderr, flush=True)
    os.execvpe(command[0], command, {**os.environ, **moved})


if __name__ == "__main__":
    main()
