"""One writer at a time: a lock file in the common Git directory, which the system releases when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smartreg.core.errors import StateFault
from smartreg.core.values import Words

PATIENCE = 30.0  # seconds that a command waits for another one to finish
_PAUSE = 0.02


class BusyElsewhere(StateFault):
    """Another command is writing."""


@contextmanager
def hold_lock(common_dir: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of all working trees of a repository. BusyElsewhere when another command holds it."""
    place = common_dir / "smartreg"
    place.mkdir(exist_ok=True)
    descriptor = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        give_up = time.monotonic() + patience
        while not _try_lock(descriptor):
            if time.monotonic() >= give_up:
                raise BusyElsewhere(
                    Words(
                        en="another smartreg command is writing to this registry",
                        fr="une autre commande smartreg écrit dans ce registre",
                    ),
                    Words(
                        en="wait until it has finished, then try again", fr="attendez qu'elle finisse, puis réessayez"
                    ),
                )
            time.sleep(_PAUSE)
        # A Git that is started to outlive us inherits it (`Git.begin`).
        os.set_inheritable(descriptor, True)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    # The same lock as filelock's, whose import alone costs as much as half a commit, and which keeps its descriptor
    # from the Git that outlives us.
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
