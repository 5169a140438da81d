"""Handle Ctrl-C where it must not stop us halfway, and where a library would hide it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def late_interrupt() -> Iterator[None]:
    """Ctrl-C stops Git and its hooks at once, and us at the end of the block, with KeyboardInterrupt if it failed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        yield
    except Exception:
        if heard:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def no_interrupt() -> Iterator[None]:
    """Ctrl-C reaches neither us nor Git, because a rollback must finish."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def unhidden_interrupt() -> Iterator[None]:
    """Ctrl-C stops the block at once and leaves it as KeyboardInterrupt, even if a library swallows exceptions in its
    callbacks (SQLite) or turns them into other errors (DuckDB)."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):  # ignored: it stays so
        yield
        return
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        before(number, frame)

    signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard:
            raise KeyboardInterrupt
