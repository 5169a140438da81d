"""Two pieces of work at once, on two cores.

A forked child sees everything that is in memory and sends one pickled result back; threads would wait for each other
(one interpreter lock). Pays from about 3 000 records on; below, and where there is no fork or no second core, the two
pieces run one after the other with the same result.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

Own = TypeVar("Own")
Other = TypeVar("Other")

PAYS_FROM = 3_000


def beside(size: int, own: Callable[[], Own], other: Callable[[], Other]) -> tuple[Own, Other]:
    """The results of both; `other` may run in a child, must be picklable and must not touch files that stay open.
    `size`: how many records it is about. Whatever goes wrong in the child is done again here, so that a fault shows as
    it would without one."""
    if size < PAYS_FROM or (os.cpu_count() or 1) < 2 or not hasattr(os, "fork"):
        return own(), other()
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _send(receiving, sending, other)
    os.close(sending)
    try:
        with os.fdopen(receiving, "rb") as pipe:
            mine = own()
            answer = pipe.read()
    finally:
        # The pipe is closed by now: a child that still writes into it ends, and is not waited for in vain.
        _, status = os.waitpid(child, 0)
    import pickle

    theirs: Other = pickle.loads(answer) if status == 0 and answer else other()
    return mine, theirs


def _send(receiving: int, sending: int, work: Callable[[], object]) -> None:
    """In the child: work, send, end at once. Nothing of the parent's is flushed, closed or cleaned up."""
    import pickle

    code = 1
    try:
        os.close(receiving)
        with os.fdopen(sending, "wb") as pipe:
            pickle.dump(work(), pipe, protocol=pickle.HIGHEST_PROTOCOL)
        code = 0
    finally:
        os._exit(code)
