"""Progress of long work, reported to a watcher."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias, TypeVar

Item = TypeVar("Item")
Watcher: TypeAlias = Callable[[str, int, int], None]
"""Called with the stage of the work, how many steps of it are done, and how many there are."""

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watch(watcher: Watcher | None) -> Iterator[None]:
    """Report the progress of the block to `watcher`; None: not at all."""
    before = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(before)


def report_progress(stage: str, done: int, total: int) -> None:
    """Report the number of finished steps of a stage to the watcher."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(stage, done, total)


def end_progress() -> None:
    """Ask the watcher to clear its display before a question."""
    report_progress("", 0, 0)


def track(items: Sequence[Item], stage: str) -> Iterator[Item]:
    """Yield the items, each as one step of the stage."""
    for done, item in enumerate(items):
        report_progress(stage, done, len(items))
        yield item
