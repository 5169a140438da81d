"""`log`: the history of one record or of all.

`blame`: who last set each field of a record.
"""

from __future__ import annotations

from dataclasses import dataclass

from smartreg.commands.workspace import Workspace, record_named, record_of
from smartreg.core.errors import UsageFault
from smartreg.core.suggest import did_you_mean
from smartreg.core.values import RecordId, Words
from smartreg.history import OPERATIONS
from smartreg.history.blame import Blame, blame
from smartreg.history.entries import LogEntry, LogOptions, entries
from smartreg.registry import record_at
from smartreg.reporters.log_and_blame import op_word
from smartreg.schema import Schemas


@dataclass(frozen=True)
class Log:
    """The entries, newest first, of one record or (None) of all. `note` says what they may lack."""

    record: RecordId | None
    entries: tuple[LogEntry, ...]
    note: Words | None = None


def log(workspace: Workspace, *, record: str | None = None, wanted: LogOptions | None = None) -> Log:
    """The history of HEAD. A record that is gone has a history too. UsageFault for a record that there
    never was, or a convention that there is none of; StateFault without Git."""
    past, schemas = workspace.history, workspace.current.schemas
    wanted = wanted or LogOptions()
    _refuse_unknown_op(wanted.op)
    if wanted.convention is not None:
        named = workspace.current.by_name.resolve_name(("convention",), wanted.convention)
        wanted = wanted._replace(convention=named) if isinstance(named, str) else wanted
    note = _shallow() if past.repo.is_shallow() else None
    if record is None:
        found = tuple(entries(past, schemas, wanted))
        if not found and wanted.convention is not None:
            _refuse_unknown_convention(workspace, schemas, wanted.convention)
        return Log(None, found, note)
    try:
        rid = record_named(workspace.current, record)
    except UsageFault:
        former = _find_past_record(workspace, schemas, record)
        if former is None:
            raise
        rid = former
    return Log(rid, tuple(entries(past, schemas, wanted, rid)), note)


def _refuse_unknown_op(op: str | None) -> None:
    if op is not None and op not in OPERATIONS:
        en, fr = ", ".join(OPERATIONS), ", ".join(f"{one} = {op_word(one, False, 'fr')}" for one in OPERATIONS)
        raise UsageFault(
            Words(f'no operation "{op}"; there are {en}', f"il n'y a pas d'opération « {op} » ; il y a {fr}"),
            did_you_mean(op, OPERATIONS),
        )


def _refuse_unknown_convention(workspace: Workspace, schemas: Schemas, word: str) -> None:
    """Nothing was found: because there is no such convention, now or in any commit, or because of other conditions."""
    known = workspace.current.ids("convention")
    if word in known or next(entries(workspace.history, schemas, LogOptions(convention=word, limit=1)), None):
        return
    raise UsageFault(
        Words(f'no convention "{word}"', f"il n'y a pas de convention « {word} »"),
        did_you_mean(word, known) or Words("smartreg list convention", "smartreg list convention"),
    )


def _find_past_record(workspace: Workspace, schemas: Schemas, word: str) -> RecordId | None:
    """A record of the past by `kind/id`, by its path, or by an id that only one kind ever had."""
    head, _, tail = word.rpartition("/")
    if head in schemas.names:
        candidates = [RecordId(schemas.names[head], tail)]
    elif (rid := record_at(word, schemas)) is not None:
        candidates = [rid]
    else:
        candidates = [RecordId(kind, word) for kind in schemas.kinds]
    seen = [rid for rid in candidates if next(entries(workspace.history, schemas, LogOptions(limit=1), rid), None)]
    return seen[0] if len(seen) == 1 else None


def _shallow() -> Words:
    return Words(
        "this clone is shallow: the history may be longer (git fetch --unshallow)",
        "ce clone est superficiel : l'historique peut être plus long (git fetch --unshallow)",
    )


def blame_record(workspace: Workspace, *, record: str, at: str | None = None) -> tuple[Blame, Words | None]:
    """The fields of a record as it lies in the working tree, or `at` a revision, each with the commit that set it; and
    what the history here may lack. UsageFault for a record that there is not, StateFault without Git."""
    repo = workspace.git
    registry = workspace.registry(at, lend=True)
    found = record_of(registry, record)
    start = repo.head() if at is None else repo.resolve(at)
    note = _cut_off() if repo.is_shallow() else None
    return blame(workspace.history, registry.schemas, found.rid, found.data, start), note


def _cut_off() -> Words:
    return Words(
        "this clone is shallow: what its oldest commit has may be older (git fetch --unshallow)",
        "ce clone est superficiel : ce que contient son plus ancien commit peut être antérieur (git fetch --unshallow)",
    )
