"""What the registry said between the export of a sheet and now: a field may say again what it said, though somebody
has changed it since."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from smartreg.commands.import_base import Baseline
from smartreg.commands.workspace import Workspace
from smartreg.core.values import Json, KeyPath, value_at
from smartreg.history import Step, Touch, steps_touching
from smartreg.importers.changes import canonical
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read


class Said(NamedTuple):
    """What a field said meanwhile, and the commit that made it say so."""

    value: Json
    commit: str


def meanwhile(
    workspace: Workspace, base: Baseline, fields: Mapping[str, Collection[KeyPath]]
) -> dict[tuple[str, KeyPath], Said]:
    """The `fields` (by the id of their record) that a commit after the base made to say another thing than there, each
    with the newest such commit.

    A merge may bring what the base says into a line that goes past the base: that is no other thing. Texts that cannot
    be read say nothing.
    """
    found: dict[tuple[str, KeyPath], Said] = {}
    for id, commit, before, after in _changes(workspace, base, fields) if fields else ():
        for path in fields[id]:
            value, known = value_at(after, path), (value_at(before, path), value_at(base.records[id].data, path))
            if canonical(value) not in map(canonical, known):
                found.setdefault((id, path), Said(value, commit))
    return found


def _changes(
    workspace: Workspace, base: Baseline, ids: Collection[str]
) -> Iterator[tuple[str, str, Mapping[str, Json], Mapping[str, Json]]]:
    """Id, commit, and data before and after, of each change of these records since the base, newest first."""
    touches: list[tuple[str, Touch]] = []
    for step in _since(workspace, base.commit):
        of_kind = (touch for touch in step.touches if touch.rid.kind == base.kind.name)
        touches += [(step.commit.oid, touch) for touch in of_kind if touch.rid.id in ids]
    blobs = sorted({side[1] for _, touch in touches for side in (touch.before, touch.after) if side})
    texts = dict(workspace.git.blobs(blobs, READ_LIMIT))
    for commit, touch in touches:
        before, after = (read(texts[side[1]], side[0]).data if side else {} for side in (touch.before, touch.after))
        if before is not None and after is not None:
            yield touch.rid.id, commit, before, after


def _since(workspace: Workspace, commit: str) -> Iterator[Step]:
    """What was committed since, newest first."""
    head = workspace.git.head()
    if head is not None:
        new = workspace.git.parents(head, (commit,))
        steps = steps_touching(workspace.history, workspace.current.schemas, None, head)
        yield from (step for step in steps if step.commit.oid in new)
