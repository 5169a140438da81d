"""The machine's clock: the one place that asks it what time it is.

Gate and audit go by it, so nothing outside the process moves it: no option, no variable of the environment. Times of
files are another clock: what compares them (`index/mtime.py`, `gitio/stale_locks.py`) reads `time.time_ns` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime


def _read_machine() -> datetime:
    return datetime.now(UTC)


source: Callable[[], datetime] = _read_machine  # a test puts its day here (tests/support/days.py)


def now() -> datetime:
    """This moment, in UTC."""
    return source()


def today_here() -> date:
    """Today in the time zone of the machine: for what belongs to no registry yet."""
    return now().astimezone().date()
