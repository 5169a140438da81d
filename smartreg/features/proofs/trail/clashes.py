"""Renames that settle a clash: two branches each added a record under the same id, and one of them was renamed."""

from __future__ import annotations

from collections.abc import Iterable

from smartreg.core.errors import StateFault
from smartreg.core.values import Json, RecordId
from smartreg.diff import same
from smartreg.features.proofs.trail.commit_step import CommitStep
from smartreg.gitio import Repo
from smartreg.registry import record_at

RENAME = "rename"


def settles_clash(repo: Repo, step: CommitStep, fixed: Iterable[str]) -> bool:
    """Whether the commit only gives a new id to a record whose id another branch took too. Not if one of the earlier
    `fixed` commits (sealed, or where the audit begins) contains the record, because others rely on that id."""
    names = _names(step)
    if RENAME not in step.commit.ops or names is None or not _only_renames(step, *names[1]):
        return False
    file, commit = names[0], step.commit
    if any(repo.entry(oid, file) and repo.is_ancestor(oid, commit.oid) for oid in fixed):
        return False
    return any(_is_apart(repo, commit.oid, other, file) for other in repo.makers(file))


def _names(step: CommitStep) -> tuple[str, tuple[RecordId, RecordId]] | None:
    """The removed file, and its record's old and new name; None unless one record replaced one."""
    if step.after.registry is None or len(step.commit.parents) != 1:
        return None
    gone = [change.path for change in step.commit.changes if change.after is None]
    come = [change.path for change in step.commit.changes if change.before is None]
    rids = [record_at(path, step.after.registry.schemas) for path in (*gone, *come)]
    if len(gone) != 1 or len(come) != 1 or rids[0] is None or rids[1] is None:
        return None
    return gone[0], (rids[0], rids[1])


def _only_renames(step: CommitStep, old: RecordId, new: RecordId) -> bool:
    """Whether all records that the commit changes are the same as before, except for the id."""
    before, after = step.before.registry if step.before else None, step.after.registry
    if before is None or after is None:
        return False
    for rid in step.records:
        was, now = before.get(old if rid == new else rid), after.get(new if rid == old else rid)
        if (
            was is None
            or now is None
            or not same(_rename_in(was.data, old.id, new.id), _rename_in(now.data, old.id, new.id))
        ):
            return False
    return True


def _rename_in(value: Json, old: str, new: str) -> Json:
    """The value with one id replaced by the other, wherever it is a complete text."""
    if isinstance(value, dict):
        return {name: _rename_in(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rename_in(inner, old, new) for inner in value]
    return new if value == old else value


def _is_apart(repo: Repo, commit: str, other: str, file: str) -> bool:
    """Whether the other commit created the file on a branch that did not have it when the two diverged."""
    if repo.is_ancestor(other, commit) or repo.is_ancestor(commit, other):
        return False
    try:
        return repo.entry(repo.merge_base(commit, other), file) is None
    except StateFault:
        return True
