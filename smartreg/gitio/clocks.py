"""The day of a commit, which cannot be set back: the latest committer date of the commit and its ancestors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from smartreg.gitio.runner import Git


class Stamp(NamedTuple):
    """The committer date of a commit (in the committer's time zone; None if unreadable), and its parents."""

    parents: Sequence[str]
    committed: datetime | None


def read_stamps(git: Git, start: str) -> dict[str, Stamp]:
    """The stamps of all commits that `start` reaches, children before their parents."""
    out = git.read("log", "--topo-order", "--no-show-signature", "--format=%H%x00%P%x00%cI", start, "--")
    rows = (line.split("\0") for line in out.decode("ascii", "replace").splitlines())
    return {oid: Stamp(parents.split(), _moment(committed)) for oid, parents, committed in rows}


def now() -> datetime:
    """The machine's clock, which dates its commits too."""
    return datetime.now(UTC)


def commit_days(stamps: Mapping[str, Stamp], until: datetime) -> dict[str, date]:
    """The latest committer day among each commit and its ancestors, dates after `until` excluded; a commit without any
    such date is missing. `stamps`: children before their parents.

    The day is in the committer's own time zone, so it is the same in every clone.
    """
    days: dict[str, date] = {}
    for oid in reversed(list(stamps)):
        parents, committed = stamps[oid]
        known = [days[parent] for parent in parents if parent in days]
        if committed is not None and committed <= until:
            known.append(committed.date())
        if known:
            days[oid] = max(known)
    return days


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a date that Git cannot read, or after the year 9999
        return None
