"""A rename that settles a clash: two branches made a record of their own under one id, and one of them gave way."""

from __future__ import annotations

from collections.abc import Iterable

from smartreg.core.errors import StateFault
from smartreg.core.values import Json, RecordId
from smartreg.diff import same
from smartreg.gitio import Repo
from smartreg.history.audit.judging import Deed
from smartreg.registry import record_at

RENAME = "rename"


def settles_clash(repo: Repo, deed: Deed, fixed: Iterable[str]) -> bool:
    """Whether the commit does nothing but give a record another id that a branch of its own took too. Not where one of
    the `fixed` commits (sealed, or where the audit begins) before it holds the record: others rely on that id."""
    names = _names(deed)
    if RENAME not in deed.commit.ops or names is None or not _only_renames(deed, *names[1]):
        return False
    file, commit = names[0], deed.commit
    if any(repo.tree(oid, (file,)) and repo.is_ancestor(oid, commit.oid) for oid in fixed):
        return False
    return any(_is_apart(repo, commit.oid, other, file) for other in repo.makers(file))


def _names(deed: Deed) -> tuple[str, tuple[RecordId, RecordId]] | None:
    """The file that went, and what its record was called before and is called now; None when not one went for one."""
    if deed.after.registry is None or len(deed.commit.parents) != 1:
        return None
    gone = [change.path for change in deed.commit.changes if change.after is None]
    come = [change.path for change in deed.commit.changes if change.before is None]
    rids = [record_at(path, deed.after.registry.schemas) for path in (*gone, *come)]
    if len(gone) != 1 or len(come) != 1 or rids[0] is None or rids[1] is None:
        return None
    return gone[0], (rids[0], rids[1])


def _only_renames(deed: Deed, old: RecordId, new: RecordId) -> bool:
    """Whether all records that the commit changes say what they said, but for the id."""
    before, after = deed.before.registry if deed.before else None, deed.after.registry
    if before is None or after is None:
        return False
    for rid in deed.records:
        was, now = before.get(old if rid == new else rid), after.get(new if rid == old else rid)
        if (
            was is None
            or now is None
            or not same(_rename_in(was.data, old.id, new.id), _rename_in(now.data, old.id, new.id))
        ):
            return False
    return True


def _rename_in(value: Json, old: str, new: str) -> Json:
    """The value with one id for the other, wherever it is a text by itself."""
    if isinstance(value, dict):
        return {name: _rename_in(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rename_in(inner, old, new) for inner in value]
    return new if value == old else value


def _is_apart(repo: Repo, commit: str, other: str, file: str) -> bool:
    """Whether the other commit made the file on a line of history that had none when the two parted."""
    if repo.is_ancestor(other, commit) or repo.is_ancestor(commit, other):
        return False
    try:
        return not repo.tree(repo.merge_base(commit, other), (file,))
    except StateFault:
        return True
