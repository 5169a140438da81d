"""One writer at a time: a lock in the common Git directory, and which process wrote a journal.

The system releases the lock when its holder dies. Where locks do not work between computers, as on some shares, the
journal excludes other writers: only one can be in place, and it names its writer.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.files import NotRegular, make_folder, open_to_lock
from smartreg.core.locking import excludes, is_locked, try_lock
from smartreg.core.messages import Message

PATIENCE = 30.0  # seconds that a command waits for another one to finish
PAUSE = 0.02
_ENDED = frozenset("ZX")  # states of a process that does nothing any more


class BusyElsewhere(StateFault):
    """Another command is writing."""

    def __init__(self) -> None:
        super().__init__(
            Message("another smartreg command is writing to this registry"),
            Message("wait until it has finished, then try again"),
        )


@contextmanager
def hold_lock(common_dir: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of all working trees of a repository. BusyElsewhere if another command holds it; StateFault where
    files cannot be locked."""
    path = _lock_of(common_dir)
    make_folder(path.parent)
    descriptor = open_to_lock(path)
    try:
        give_up = time.monotonic() + patience
        while not _lock(descriptor, path):
            if time.monotonic() >= give_up:
                raise BusyElsewhere
            time.sleep(PAUSE)
        # A Git process that may outlive us inherits it (`Git.begin`).
        os.set_inheritable(descriptor, True)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> bool:
    try:
        if not try_lock(descriptor):
            return False
        works = excludes(path)
    except NotRegular:
        raise
    except OSError:
        works = False
    if not works:
        raise StateFault(
            Message("files cannot be locked in this folder: two commands could write at once; nothing was changed"),
            Message(
                "work in a clone on a local disk, and push; do not write on a share (docs/install.md says which are "
                "safe)"
            ),
        )
    return True


def is_held(common_dir: Path) -> bool:
    """Whether a command holds the lock."""
    return is_locked(_lock_of(common_dir))


def _lock_of(common_dir: Path) -> Path:
    return common_dir / "smartreg" / "lock"


class Writer(NamedTuple):
    """A process on a computer: its name and the id of its start (empty where there is none), the number of the process
    and the time of its start."""

    host: str
    boot: str
    pid: int
    started: str

    @property
    def is_here(self) -> bool:
        """Whether it is, or was, a process of this computer."""
        here = current_writer()
        return self.host == here.host or (self.boot == here.boot and self.boot != "")

    @property
    def is_at_work(self) -> bool:
        """Whether it is another process of this computer, and alive, as far as the system tells; its lock tells
        otherwise."""
        here = current_writer()
        return self.pid != here.pid and self.started != "" and self.started == _start_of(self.pid)


def current_writer() -> Writer:
    """This process."""
    return Writer(
        os.uname().nodename, _read("/proc/sys/kernel/random/boot_id").strip(), os.getpid(), _start_of(os.getpid())
    )


def _start_of(pid: int) -> str:
    """When a process that lives was started, in the system's own count; empty where that is not known."""
    fields = _read(f"/proc/{pid}/stat").rpartition(") ")[2].split()
    return fields[19] if fields and fields[0] not in _ENDED else ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
