"""Locks between processes: a file that the system unlocks when its holder dies.

`flock` locks nothing on some shares of a network: there, it fails, or every handle gets the lock (`excludes`). Where it
works on one computer and not between two, no program can tell.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

from smartreg.core.files import open_to_lock


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock the file, if no other handle of it has the lock; `shared`: or all others share it, too. OSError where
    there are no locks."""
    # The same lock as filelock's, whose import alone costs as much as half a commit, and which would not pass its
    # descriptor to a Git that outlives us.
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def excludes(path: str | os.PathLike[str]) -> bool:
    """Whether the lock that this process holds on a file keeps another handle of the file from locking it."""
    other = open_to_lock(path)
    try:
        return not try_lock(other)
    finally:
        os.close(other)


def is_locked(path: str | os.PathLike[str]) -> bool:
    """Whether somebody holds the lock of a file, asked without making or keeping one."""
    with suppress(OSError):
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            return not try_lock(file, shared=True)
        finally:
            os.close(file)
    return False
