"""A progress bar on stderr after half a second of work, on a terminal only; wiped away at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

from smartreg.cli.console import rich_console
from smartreg.cli.session import Session
from smartreg.core.messages import Message, Text
from smartreg.core.progress import watch

if TYPE_CHECKING:
    from rich.progress import Progress

AFTER_S = 0.5
STAGES = {
    "read": Message("reading records"),
    "check": Message("checking"),
    "commits": Message("commits"),
    "rows": Message("rows"),
    "figures": Message("figures"),
    "write": Message("writing"),
}


@contextmanager
def show_progress(session: Session, what: Text) -> Iterator[None]:
    """Show progress and the time left while the body runs."""
    if session.console.quiet or not session.console.err.isatty():
        yield
        return
    bar = Bar(session, what)
    timer = Timer(AFTER_S, bar.show)
    timer.daemon = True
    timer.start()
    try:
        with watch(bar.update):
            yield
    finally:
        timer.cancel()
        bar.close()


class Bar:
    """A bar that Rich draws from another thread once it is shown. What was reported before counts as well."""

    def __init__(self, session: Session, what: Text) -> None:
        self._session, self._what = session, what
        self._lock = Lock()
        self._progress: Progress | None = None
        self._closed = False
        self._stage: tuple[str, int, int] = ("", 0, 0)

    def update(self, stage: str, done: int, total: int) -> None:
        """Record progress; a new stage starts at zero, and None ends the bar."""
        if not stage:
            self.close()
            return
        before, self._stage = self._stage[0], (stage, done, total)
        if self._progress is not None:
            self._draw(self._progress, anew=stage != before)

    def show(self) -> None:
        """Begin to draw."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        with self._lock:
            if self._closed:
                return
            progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=rich_console(self._session.console.err, self._session.console.color),
                transient=True,
            )
            progress.add_task(self._what.in_(self._session.lang), total=None)
            self._draw(progress, anew=True)
            progress.start()
            self._progress = progress

    def close(self) -> None:
        """Wipe the bar away."""
        with self._lock:
            self._closed = True
            if self._progress is not None:
                self._progress.stop()
            self._progress = None

    def _draw(self, progress: Progress, *, anew: bool) -> None:
        stage, done, total = self._stage
        if not stage:
            return
        task: Any = progress.task_ids[0]
        if anew:
            progress.reset(task, total=total, description=STAGES[stage].in_(self._session.lang))
        progress.update(task, completed=done, total=total)
