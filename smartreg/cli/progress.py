"""A sign of life on stderr after half a second of work; on a terminal only, wiped away at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from smartreg.cli.session import Session
from smartreg.core.values import Words

AFTER_S, EVERY_S = 0.5, 0.2
WIPE = "\r\x1b[K"


@contextmanager
def working(session: Session, what: Words) -> Iterator[None]:
    """Show that something goes on while the body runs, with the seconds that it takes."""
    console = session.console
    if console.quiet or not console.err.isatty():
        yield
        return
    done = threading.Event()
    start = time.monotonic()

    def live() -> None:
        wait = AFTER_S
        while not done.wait(wait):
            wait = EVERY_S
            console.err.write(f"{WIPE}{what.in_(session.lang)} … {time.monotonic() - start:.0f} s")
            console.err.flush()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if time.monotonic() - start >= AFTER_S:
            console.err.write(WIPE)
            console.err.flush()
