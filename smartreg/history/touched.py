"""When somebody last said something of a record, by the history of Git."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from itertools import groupby

from smartreg.errors import StateFault
from smartreg.history.commits import OP, CommitFacts, History, Version
from smartreg.history.steps import records_of
from smartreg.schema import Schemas
from smartreg.values import Record, RecordId

FEW = 20  # a commit of more records goes through the registry, and is about none of them
IMPORT = "import"
# What these change in a record says nothing of the thing that it stands for.
_SILENT = frozenset({"correct", "fix", "format", "merge", "rename", "schema", "undo"})


def last_touched(past: History, schemas: Schemas, start: str | None, on: date) -> Callable[[Record], date | None]:
    """The day, up to `on`, of the last commit that somebody made about a record; None where the history (of HEAD, or
    of the commit `start`) has none, or parts of it are not here: the record's own dates have to do.

    A record is touched when it is entered, by an import, and by a commit of few records; not by one that goes through
    the registry (a reformat, references rewritten), nor by a correction, a rename of another record, or an undo: these
    say nothing of the thing itself.
    """

    @cache
    def tip() -> str | None:
        found = start or past.repo.head()
        try:
            if found is not None:
                past.line(found)
            return found
        except StateFault:
            return None

    def day(record: Record) -> date | None:
        until = tip()
        return _day(past, schemas, until, record.rid, on) if until else None

    return day


def _day(past: History, schemas: Schemas, start: str, rid: RecordId, on: date) -> date | None:
    versions = [version for version, one in records_of(past.versions(start, rid.id), schemas) if one == rid]
    known = past.commits(start, {version.commit for version in versions})
    cut = past.repo.is_shallow()
    days = [
        known[oid].commit.date.date()
        for oid, some in groupby(versions, lambda version: version.commit)
        if len(known[oid].commit.parents) < 2
        and (known[oid].commit.parents or not cut)  # where the history was cut, everything seems new
        and _says_something(known[oid], list(some), schemas)
    ]
    return max((day for day in days if day <= on), default=None)


def _says_something(known: CommitFacts, versions: list[Version], schemas: Schemas) -> bool:
    op = ",".join(known.facts.get(OP, ()))
    records = sum(number for folder, number in known.records.items() if folder in schemas.by_folder)
    if op == IMPORT or (op not in _SILENT and records <= FEW):
        return any(version.after for version in versions)
    return any(version.before is None for version in versions) and all(version.after for version in versions)
