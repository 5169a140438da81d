"""Forks of the process of the tests that do one thing, where it takes several processes: they import nothing anew."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable


def begin(work: Callable[[], object]) -> int:
    """Start it in a process of its own, whose exit code tells: 0; 1 where the work gives something true; 70, with the
    trace on stderr, where it raises."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        code = int(bool(work()))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def exit_code(child: int) -> int:
    """Wait for its end; minus the signal that killed it, as `subprocess` tells it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
