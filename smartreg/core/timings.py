"""Where a run spends processor time: by phase, and by rule. Only who asks (`validate --timings`) pays for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import process_time
from typing import Any, TypeVar

Found = TypeVar("Found")


@dataclass
class RuleTime:
    """Seconds of processor in the checks of a rule, and the number of calls."""

    seconds: float = 0.0
    calls: int = 0


@dataclass
class Timings:
    """Seconds of processor by phase, each without the phases and rules within it; and by rule. A rule that is the first
    to need what several share pays for it."""

    phases: dict[str, float] = field(default_factory=dict)
    rules: dict[str, RuleTime] = field(default_factory=dict)
    _inner: list[float] = field(default_factory=lambda: [0.0], repr=False)

    @contextmanager
    def span(self) -> Iterator[Callable[[], float]]:
        """A function that gives the seconds in the block, without spans within it, once it is left."""
        started, seconds = process_time(), 0.0
        self._inner.append(0.0)
        try:
            yield lambda: seconds
        finally:
            whole = process_time() - started
            seconds = whole - self._inner.pop()
            self._inner[-1] += whole

    def timed(self, code: str, check: Callable[..., Iterator[Found]]) -> Callable[..., list[Found]]:
        """The same check, measured to its end."""

        def check_timed(*given: Any) -> list[Found]:
            time = self.rules.setdefault(code, RuleTime())
            with self.span() as seconds:
                found = list(check(*given))
            time.seconds += seconds()
            time.calls += 1
            return found

        return check_timed


_timings: ContextVar[Timings | None] = ContextVar("timings", default=None)


@contextmanager
def measure() -> Iterator[Timings]:
    """Measure the block, which then runs in one process."""
    timings = Timings()
    before = _timings.set(timings)
    try:
        yield timings
    finally:
        _timings.reset(before)


def measured() -> Timings | None:
    """The timings of the block that is measured; None if nobody asked."""
    return _timings.get()


@contextmanager
def phase(name: str) -> Iterator[None]:
    """The block is a phase of this name, if somebody measures."""
    timings = measured()
    if timings is None:
        yield
        return
    with timings.span() as seconds:
        yield
    timings.phases[name] = timings.phases.get(name, 0.0) + seconds()
