"""A lock that says: I have this file open.

SQLite breaks when a database is unlinked under another process that has it open; who holds the lock alone may do it.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

# Who holds the lock alone makes or removes a file meanwhile: a matter of milliseconds.
_TRIES = 50
_PAUSE_SECONDS = 0.005


class Presence:
    """A lock on a file of its own, which is made when absent and stays: shared, until `alone` asks for more.

    OSError where it cannot be had.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)

    def alone(self) -> bool:
        """Take the lock alone, when nobody else is present."""
        return self._taken(fcntl.LOCK_EX)

    def share(self) -> None:
        """Be present beside others; waits a moment for one who is alone."""
        for _ in range(_TRIES):
            if self._taken(fcntl.LOCK_SH):
                return
            time.sleep(_PAUSE_SECONDS)
        raise BlockingIOError

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _taken(self, how: int) -> bool:
        if self._file is None:
            return False
        try:
            fcntl.flock(self._file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
