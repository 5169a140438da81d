"""When somebody last said something of a record, by the history of Git."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

from smartreg.errors import StateFault
from smartreg.gitio import Repo
from smartreg.registry import FOLDER, record_at
from smartreg.schema import Schemas
from smartreg.values import Record, RecordId

FEW = 20  # a commit of more records goes through the registry, and is about none of them
IMPORT = "import"
# What these change in a record says nothing of the thing that it stands for.
_SILENT = frozenset({"correct", "fix", "format", "merge", "rename", "schema", "undo"})


def last_touched(repo: Repo, schemas: Schemas, start: str | None, on: date) -> Callable[[Record], date | None]:
    """The day, up to `on`, of the last commit that somebody made about a record; None where the history has none.

    The history is read when a record is first asked for, once. A record is touched when it is entered, by an import,
    and by a commit of few records; not by one that goes through the registry (a reformat, references rewritten), nor by
    a correction, a rename of another record, or an undo: these say nothing of the thing itself.
    """

    @cache
    def days() -> Mapping[RecordId, date]:
        try:
            return _days(repo, schemas, start or repo.head(), on)
        except StateFault:  # parts of the history are not here: the records' own dates have to do
            return {}

    return lambda record: days().get(record.rid)


def _days(repo: Repo, schemas: Schemas, start: str | None, on: date) -> Mapping[RecordId, date]:
    found: dict[RecordId, date] = {}
    shallow = repo.is_shallow()
    for commit in repo.days(start, (FOLDER,)) if start else ():
        if commit.day > on or (commit.first and shallow):  # where the history was cut, everything seems to be new
            continue
        named = [(letter, rid) for letter, path in commit.changes if (rid := record_at(path, schemas)) is not None]
        went = {rid for letter, rid in named if letter == "D"}
        told = commit.op == IMPORT or (commit.op not in _SILENT and len({rid for _, rid in named}) <= FEW)
        for letter, rid in named:
            if rid not in found and letter != "D" and (told or (letter == "A" and rid not in went)):
                found[rid] = commit.day
    return found
