"""`blame`: who last set each field of a record."""

from __future__ import annotations

from smartreg.commands.workspace import Workspace, record_of
from smartreg.core.values import Words
from smartreg.history import Blame, blame


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
