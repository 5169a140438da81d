"""On which days which files changed: one lean pass of `git log`, for whoever needs no people, texts or clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from smartreg.gitio.runner import Git, text
from smartreg.named import NamedTuple

_LOG = (
    *("log", "-z", "--name-status", "--no-renames", "--full-history", "--no-merges", "--topo-order", "--relative"),
    *("--ignore-submodules=none", "--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--no-decorate"),
    *("--no-show-signature", "--no-mailmap", "--encoding=UTF-8", "-O/dev/null", "--date=short"),
    "--format=%x00%ad%x00%P%x00%(trailers:key=Smartreg-Op,valueonly,separator=%x2C)",
)


class Day(NamedTuple):
    """What one commit (no merge) changed: the author's day, the operation that its trailer names, and each file with
    Git's letter (A came, D went, M changed). `first`: it has no parent."""

    day: date
    first: bool
    op: str
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
    day, parents, op = heading
    return Day(_date(day), not parents, op.decode("utf-8", "replace").strip(), changes)


def _date(written: bytes) -> date:
    """The day as Git writes it; the first there is for a clock that no calendar has."""
    try:
        return date.fromisoformat(written.decode("ascii"))
    except ValueError:
        return date.min
