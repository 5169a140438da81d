"""On which days which files changed: one lean pass of `git log`, for whoever needs no people, texts or clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from smartreg.gitio.runner import Git, text
from smartreg.gitio.trailers import read_operations
from smartreg.named import NamedTuple

_LOG = (
    *("log", "-z", "--name-status", "--no-renames", "--full-history", "--no-merges", "--topo-order", "--relative"),
    *("--ignore-submodules=none", "--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--no-decorate"),
    *("--no-show-signature", "--no-mailmap", "--encoding=UTF-8", "-O/dev/null", "--date=short"),
    "--format=%x00%ad%x00%P%x00%B",
)


class Day(NamedTuple):
    """What one commit (no merge) changed: the author's day, what smartreg did in it, and each file with Git's letter
    (A came, D went, M changed). `first`: it has no parent."""

    day: date
    first: bool
    ops: frozenset[str]
    changes: Sequence[tuple[str, str]]


def read(git: Git, start: str, exclude: Sequence[str], paths: Sequence[str]) -> Iterator[Day]:
    """The commits that `start` reaches, and `exclude` do not, that changed something under `paths`, newest first."""
    tokens = iter(git.read(*_LOG, start, *(f"^{oid}" for oid in exclude), "--", *paths).split(b"\0"))
    heading: list[bytes] = []
    changes: list[tuple[str, str]] = []
    for token in tokens:
        if token:
            changes.append((token.strip().decode("ascii"), text(next(tokens))))
            continue
        if heading:
            yield _day(heading, changes)
        heading, changes = list(islice(tokens, 3)), []
    if len(heading) == 3:
        yield _day(heading, changes)


def _day(heading: Sequence[bytes], changes: Sequence[tuple[str, str]]) -> Day:
    day, parents, message = heading
    ops = frozenset(operation.op for operation in read_operations(message.decode("utf-8", "replace")))
    return Day(_date(day), not parents, ops, changes)


def _date(written: bytes) -> date:
    """The day as Git writes it; the first there is for a clock that no calendar has."""
    try:
        return date.fromisoformat(written.decode("ascii"))
    except ValueError:
        return date.min
