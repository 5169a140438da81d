"""What the answers of the program depend on, beside what it is asked: its own files and the libraries.

Told as Python tells whether its byte code is stale: by size and time of change.

How finely file systems tell time: whether what was read is so while the times of a file or folder are the same.

Two changes that follow each other closely may have one time. So what was read too soon after a change proves nothing
later: it has to have been older than the grain of the clock when the reading began.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from functools import cache

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@cache
def program() -> str:
    """A digest that is another one when a file of smartreg, the libraries or Python are others."""
    found = hashlib.sha256(sys.version.encode())
    for line in (*_files(_PACKAGE), *_libraries()):
        found.update(line.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                about = entry.stat()
                yield f"{entry.path}\0{about.st_size}\0{about.st_mtime_ns}\n"


def _libraries() -> Iterator[str]:
    """Where packages are installed: the folder changes with every package that comes, goes or is upgraded."""
    for place in sys.path:
        if place.endswith("-packages") and os.path.isdir(place):
            yield f"{place}\0{os.stat(place).st_mtime_ns}\n"


TICK, COARSE, SECOND = 50_000_000, 2_000_000_000, 1_000_000_000  # nanoseconds; where times are whole seconds, COARSE


def is_reliable(began: int, *moments: int) -> bool:
    """Whether what has these times of change has others if it changes after `began`; all in nanoseconds."""
    return max(moments) + _grain(*moments) < began


def own_clock(written: int, began: int) -> bool:
    """Whether a file written since `began` has its time from another clock than ours, as on a disk of the network."""
    return not began - _grain(written) <= written <= time.time_ns() + TICK


def _grain(*moments: int) -> int:
    return COARSE if any(moment % SECOND == 0 for moment in moments) else TICK
