"""Stop a writing command at each of its kill and error points, in parallel, each worker in a folder of its own."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from crashes import Rehearsal

_OWN: dict[str, Path] = {}  # the folder of this worker


def stop_at_each(
    rehearsal: Rehearsal, points: Sequence[tuple[str, int]], folder: Path, workers: int = 2
) -> Iterator[tuple[str, str | None]]:
    """The name of each point, and what is wrong after a stop there, if anything. `folder`: where each worker copies the
    registry to."""
    forks = multiprocessing.get_context("fork")
    numbers = forks.Queue()
    for number in range(workers):
        numbers.put(folder / f"{rehearsal.name}-{number}")
    with forks.Pool(workers, _settle, (numbers, rehearsal.base.parent)) as pool:
        yield from pool.imap_unordered(_stop, [(rehearsal, action, at) for action, at in points])


def _settle(places: multiprocessing.Queue[Path], source: Path) -> None:
    _OWN["folder"] = Path(shutil.copytree(source, places.get(), symlinks=True))


def _stop(task: tuple[Rehearsal, str, int]) -> tuple[str, str | None]:
    rehearsal, action, at = task
    own = replace(rehearsal, base=_OWN["folder"] / rehearsal.base.name)
    label = rehearsal.label(action, at)
    try:
        own.stop(action, at)
    except AssertionError as fault:
        return label, str(fault) or f"{label}: an assertion failed"
    except Exception as fault:  # a failure of the harness counts as open, too
        return label, f"{label}: not tried: {fault!r}"
    return label, None
