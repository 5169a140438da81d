"""`diff`: what lies between two states of the registry, record by record and field by field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from smartreg.diff import Change
from smartreg.diff import diff as changes_between
from smartreg.errors import UsageFault
from smartreg.findings import Finding
from smartreg.impact import Comparison, Side, impacts, other_files
from smartreg.registry import Registry
from smartreg.trees import MemoryTree
from smartreg.values import RecordId, Words
from smartreg.workspace import INDEX, Workspace, record_named

HEAD = "HEAD"
WORKING = Side(Words("working tree", "fichiers de travail"))
STAGED = Side(Words("index", "index"))
NOTHING = Side(Words("no commit yet", "aucun commit"))


def diff(
    workspace: Workspace,
    *,
    rev: str | None = None,
    other: str | None = None,
    staged: bool = False,
    records: Sequence[str] = (),
    on: date | None = None,
) -> Comparison:
    """From HEAD to the working tree; from `rev` (revision or date) to the working tree; from `rev` to `other`; with
    `staged`, to the index. `records` keeps only these. With `on`, the findings that the later side brings are looked
    for too, by that date. UsageFault for a revision or record that is not there."""
    if staged and other is not None:
        raise UsageFault(
            Words("--staged compares one revision with the index", "--staged compare une révision avec l'index"),
            Words("give one revision, or leave --staged out", "donnez une révision, ou retirez --staged"),
        )
    start, before = _earlier(workspace, rev)
    end, after = _later(workspace, other, staged)
    only = [_named(before, after, word) for word in records] or None
    changes = tuple(changes_between(before, after, only))
    others = other_files(before, after) if only is None else ()
    introduced = None if on is None else _introduced(workspace, (before, after), changes, on)
    return Comparison(start, end, changes, impacts(after, changes), others, introduced)


def _earlier(workspace: Workspace, rev: str | None) -> tuple[Side, Registry]:
    if rev is None and workspace.git.head() is None:
        return NOTHING, workspace.of_tree(MemoryTree({}))
    return _revision(workspace, rev or HEAD)


def _later(workspace: Workspace, other: str | None, staged: bool) -> tuple[Side, Registry]:
    if staged:
        return STAGED, workspace.registry(INDEX)
    return (WORKING, workspace.current) if other is None else _revision(workspace, other)


def _revision(workspace: Workspace, rev: str) -> tuple[Side, Registry]:
    registry = workspace.registry(rev)
    oid = registry.tree.commit
    return Side(Words(rev, rev), oid, workspace.git.short(oid) if oid else None), registry


def _named(before: Registry, after: Registry, word: str) -> RecordId:
    """A record of either side."""
    try:
        return record_named(after, word)
    except UsageFault as fault:
        try:
            return record_named(before, word)
        except UsageFault:
            raise fault from None


def _introduced(
    workspace: Workspace, sides: tuple[Registry, Registry], changes: Sequence[Change], on: date
) -> tuple[Finding, ...]:
    """What the changed records bring; both sides are judged by the rules and settings of the later one."""
    before, after = sides
    rids = [change.rid for change in changes]
    return tuple(workspace.checker(after, on).check_edit(before, after, rids)) if rids else ()
