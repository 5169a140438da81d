"""When somebody last said something of a record, by the history of Git.

One pass over the history tells it of all records. What a long history told is kept beside the repository for the commit
that it ends with, and only what came after is read again; what is kept carries a checksum, and is never believed
without.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

from smartreg.errors import StateFault
from smartreg.gitio import Day, Repo
from smartreg.named import NamedTuple
from smartreg.registry import FOLDER, record_at
from smartreg.schema import Schemas
from smartreg.values import Record

FEW = 20  # a commit of more records goes through the registry, and is about none of them
MANY = 1000  # from so many commits or records on, keeping what they told is cheaper than reading them again
IMPORT = "import"
FILE = "touched-v2.json"
# What these change in a record says nothing of the thing that it stands for.
_SILENT = frozenset({"correct", "fix", "format", "merge", "rename", "schema", "undo"})


class Told(NamedTuple):
    """What a history up to the commit `head` told: of each record (`kind/id`) the day as text. `until` is the last day
    of any commit, `schemas` the digest of those by which paths are records, `commits` how many were read."""

    head: str
    schemas: str
    days: Mapping[str, str]
    until: str = ""
    commits: int = 0


def last_touched(repo: Repo, schemas: Schemas, start: str | None, on: date) -> Callable[[Record], date | None]:
    """The day, up to `on`, of the last commit that somebody made about a record; None where the history (of HEAD, or
    of the commit `start`) has none.

    The history is read when a record is first asked for, once. A record is touched when it is entered, by an import,
    and by a commit of few records; not by one that goes through the registry (a reformat, references rewritten), nor by
    a correction, a rename of another record, or an undo: these say nothing of the thing itself.
    """

    @cache
    def days() -> Mapping[str, str]:
        try:
            return _days(repo, schemas, start, on)
        except StateFault:  # parts of the history are not here: the records' own dates have to do
            return {}

    def day(record: Record) -> date | None:
        found = days().get(str(record.rid))
        return date.fromisoformat(found) if found else None

    return day


def _days(repo: Repo, schemas: Schemas, start: str | None, on: date) -> Mapping[str, str]:
    head = start or repo.head()
    if head is None:
        return {}
    if start is not None or repo.is_shallow():
        return _walked(repo, schemas, Told(head, schemas.digest, {}), None, on).days
    file = repo.git_dir / "smartreg" / FILE
    kept = _kept(file)
    # A commit of a later day was left out then, or would count now.
    if kept is None or kept.schemas != schemas.digest or kept.until > on.isoformat() or not _leads(repo, kept, head):
        kept = Told("", schemas.digest, {})
    if kept.head == head:
        return kept.days
    told = _walked(repo, schemas, kept._replace(head=head), kept.head or None, on)
    if told.until <= on.isoformat() and max(told.commits, len(told.days)) >= MANY:
        _keep(file, told)
    return told.days


def _leads(repo: Repo, kept: Told, head: str) -> bool:
    """Whether the kept commit is part of the history of `head`."""
    try:
        return kept.head == head or repo.merge_base(kept.head, head) == kept.head
    except StateFault:
        return False


def _walked(repo: Repo, schemas: Schemas, told: Told, after: str | None, on: date) -> Told:
    """What is told already, and by the commits after that one."""
    days, until, count = dict(told.days), told.until, told.commits
    shallow = repo.is_shallow()
    for commit in repo.days(told.head, (after,) if after else (), (FOLDER,)):
        count += 1
        day = commit.day.isoformat()
        until = max(until, day)
        if commit.day <= on and not (commit.first and shallow):  # where the history was cut, everything seems new
            for rid in _touched(commit, schemas):
                days[rid] = max(days.get(rid, ""), day)
    return told._replace(days=days, until=until, commits=count)


def _touched(commit: Day, schemas: Schemas) -> Iterable[str]:
    """The records that a commit says something of."""
    named = [(letter, str(rid)) for letter, path in commit.changes if (rid := record_at(path, schemas)) is not None]
    there = {rid for letter, rid in named if letter != "D"}
    silent = commit.ops and commit.ops <= _SILENT
    if IMPORT in commit.ops or (not silent and len({rid for _, rid in named}) <= FEW):
        return there
    went = {rid for letter, rid in named if letter == "D"}
    return {rid for letter, rid in named if letter == "A"} - went


def _kept(file: Path) -> Told | None:
    """What was kept; None when it is not there, or not as it was written."""
    try:
        checksum, _, content = file.read_bytes().partition(b"\n")
        if sha256(content).hexdigest().encode() == checksum:
            return Told(*json.loads(content))
    except (OSError, ValueError, TypeError):
        pass
    return None


def _keep(file: Path, told: Told) -> None:
    content = json.dumps(told).encode()
    new = file.with_name(f"{FILE}.{os.getpid()}")
    with suppress(OSError):  # a place that cannot be written to: read it all again next time
        file.parent.mkdir(exist_ok=True)
        new.write_bytes(sha256(content).hexdigest().encode() + b"\n" + content)
        new.replace(file)
