"""Two pieces of work at once, on two cores; and work that can be stopped whatever it does.

A forked child sees everything in memory and sends one pickled result back; threads would wait for each other (the
interpreter lock). Worthwhile from about 3 000 records; below that, or without fork or a second core, the two pieces run
one after the other with the same result. Not `concurrent.futures`: it pickles the work as well as the result, and work
here is a function over a registry in memory, which cannot be pickled.
"""

from __future__ import annotations

import marshal
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, NoReturn, TypeVar, cast

from smartreg.core.progress import report_progress, watch
from smartreg.core.timings import measured

Own = TypeVar("Own")
Other = TypeVar("Other")
Result = TypeVar("Result")

PAYS_FROM = 3_000


def run_in_parallel(size: int, own: Callable[[], Own], other: Callable[[], Other]) -> tuple[Own, Other]:
    """The results of both; `other` may run in a child, must be picklable and must not touch files that stay open.
    `size`: the number of records. Whatever fails in the child is repeated here, so that a fault looks as it would
    without one."""
    if not _pays(size):
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
        # The pipe is closed by now, so a child that still writes to it ends, and we do not wait in vain.
        _, status = os.waitpid(child, 0)
    import pickle

    theirs: Other = pickle.loads(answer) if status == 0 and answer else other()
    return mine, theirs


def share_out(
    size: int, jobs: Sequence[Callable[[], Result]], first: Callable[[], None] = lambda: None, *, stage: str
) -> list[Result]:
    """The results of all jobs, in order. This process starts with the first, after `first`, and a child with the last,
    until the two meet, because neighbouring jobs need the same things. Otherwise like `run_in_parallel`; if several
    jobs fail, the first one's fault is raised. `stage`: the stage whose steps the jobs are."""
    if not _pays(size):
        first()
        return _run_in_turn(size, jobs, stage)
    taking, giving = os.pipe()
    # One byte per job: the process that reads one may do one more, so that no job is started twice.
    os.set_blocking(giving, False)
    given = os.write(giving, bytes(len(jobs)))
    os.close(giving)

    def take_turns(turns: Iterable[int]) -> dict[int, Result]:
        results: dict[int, Result] = {}
        for turn in turns:
            if not os.read(taking, 1):
                break
            report_progress(stage, min(len(results) * 2, given) * size // given, size)  # the child does as much
            try:
                results[turn] = jobs[turn]()
            except Exception:  # shows up when it is repeated in turn
                while os.read(taking, given):
                    pass
        return results

    def here() -> dict[int, Result]:
        first()
        return take_turns(range(given))

    try:
        mine, theirs = run_in_parallel(size, here, lambda: take_turns(reversed(range(given))))
    finally:
        os.close(taking)
    results = mine | theirs
    return [results[turn] if turn in results else job() for turn, job in enumerate(jobs)]


def can_be_ended() -> bool:
    """Whether `in_child` has a child to end."""
    return hasattr(os, "fork")


def in_child(work: Callable[[], Iterable[Result]], seconds: float) -> Iterator[Result]:
    """The values that `work` yields in a child process, as they come: values that `marshal` takes. The system ends the
    child after `seconds`, and so do Ctrl-C and whoever stops reading, even within a function of a library that never
    looks up. Like `run_in_parallel`, `work` must not touch files that stay open.

    Raises TimeoutError after `seconds`, and MemoryError if the system ended the child for another reason.
    """
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _yield_into(receiving, sending, work, seconds)
    os.close(sending)
    status = None
    try:
        with os.fdopen(receiving, "rb") as pipe:
            while (item := _load(pipe)) is not _END:
                yield cast(Result, item)
        _, status = os.waitpid(child, 0)
    finally:
        if status is None:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if ended_by == signal.SIGALRM:
        raise TimeoutError
    if status:
        raise MemoryError


_END = object()
_SIZE = 8  # bytes of a length


def _load(pipe: IO[bytes]) -> object:
    """The next value; `_END` where the child has ended, maybe within one."""
    size = int.from_bytes(pipe.read(_SIZE), "little")
    content = pipe.read(size)
    return marshal.loads(content) if size and len(content) == size else _END


def _yield_into(receiving: int, sending: int, work: Callable[[], Iterable[Any]], seconds: float) -> NoReturn:
    code = 1
    try:
        os.close(receiving)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
        with os.fdopen(sending, "wb") as pipe, watch(None):
            for item in work():
                content = marshal.dumps(item)
                pipe.write(len(content).to_bytes(_SIZE, "little"))
                pipe.write(content)
        code = 0
    finally:
        os._exit(code)


def _run_in_turn(size: int, jobs: Sequence[Callable[[], Result]], stage: str) -> list[Result]:
    results = []
    for number, job in enumerate(jobs):
        report_progress(stage, number * size // len(jobs), size)
        results.append(job())
    return results


def _pays(size: int) -> bool:
    return size >= PAYS_FROM and (os.cpu_count() or 1) > 1 and hasattr(os, "fork") and measured() is None


def _send(receiving: int, sending: int, work: Callable[[], object]) -> None:
    """In the child: work, send, exit at once, without flushing, closing or cleaning up anything of the parent's."""
    import pickle

    code = 1
    try:
        os.close(receiving)
        with os.fdopen(sending, "wb") as pipe, watch(None):
            pickle.dump(work(), pipe, protocol=pickle.HIGHEST_PROTOCOL)
        code = 0
    finally:
        os._exit(code)
