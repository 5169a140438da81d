"""Who works on which page: a thread that reads, a thread that writes, and a process for each page that computes long.

Each has a registry of its own, because SQLite's connections belong to a thread, and jobs of one wait for each other.
Nothing waits for a write that waits (for a key to be touched, a hook, the other side of a push), nor for a long page;
that is a process, because a thread that computes keeps Python from all others.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from starlette.responses import Response

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message, Text
from smartreg.web.state import LiveRegistry
from smartreg.web.visit import Asked

Value = TypeVar("Value")


@dataclass
class Lane:
    """A thread, its registry, and what is to be known about its answer."""

    folder: Path
    indexed: bool = True
    notes: list[Text] = field(default_factory=list)
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "desk"))

    @cached_property
    def live(self) -> LiveRegistry:
        return LiveRegistry(self.folder, self.notes.append, indexed=self.indexed)

    def work(self, job: Callable[[], Value]) -> Value:
        """What a job gives that was done in this thread, to whoever waits for it."""
        return self.worker.submit(copy_context().run, job).result()


class Aside:
    """A process that answers one page. `serve`: the function that it runs, with a connection for requests and answers,
    and with what is `given`; it may end when nobody asks for long."""

    def __init__(self, serve: Callable[..., None], given: tuple[object, ...]) -> None:
        self.worker = ThreadPoolExecutor(1, "desk")
        self._serve, self._given = serve, given
        self._start()

    def _start(self) -> None:
        processes = get_context("spawn")
        self.connection, theirs = processes.Pipe()
        self.process = processes.Process(target=self._serve, args=(theirs, *self._given), daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, page: str, asked: Asked) -> Response:
        """Its answer. StateFault if the process was ended: by the system, for lack of memory, say."""
        try:
            self.connection.send((page, asked))
        except OSError:  # it was idle
            self._start()
            self.connection.send((page, asked))
        try:
            answer: Response = self.connection.recv()
        except (EOFError, OSError):
            raise StateFault(
                Message("the program that computed this page was ended, perhaps for lack of memory"),
                Message("close other programs, and open the page again"),
            ) from None
        return answer

    def stop(self) -> None:
        """End it, whatever it computes."""
        self.process.terminate()
        self.process.join()
        self.worker.shutdown()
