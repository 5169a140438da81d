"""Settling what a merge left in conflict and concluding it, in one step: what `resolve`, `rename`, `git add` and
`git commit` do one after another, for those who do not work on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smartreg.core.errors import Cancelled
from smartreg.core.messages import Message
from smartreg.diff import diff
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.features.merge.rename_in_merge import rename_one_side
from smartreg.features.merge.resolve import Conflict, Resolution, files_in_conflict, resolve, text_at
from smartreg.gitio import Write, blob_id, conclude_merge
from smartreg.workspace.workspace import Workspace


def conclude(
    workspace: Workspace, settled: Sequence[Resolution], renamed: Sequence[tuple[Conflict, str]], options: WriteOptions
) -> Outcome:
    """Write what was settled, and tell Git so; of a merge in which nothing else is in conflict, make the commit. The
    records that are `renamed` to keep both of two under one id come first: what else they write to is settled later,
    as it is then. What is in conflict outside of a merge is settled by a commit of its own."""
    if settled and not any(each.in_merge for each in settled):
        return resolve(workspace, settled, options)
    trial = replace(options, dry_run=True)
    plans = [rename_one_side(workspace, conflict, id, trial) for conflict, id in renamed[:1]]
    taken = {path for plan in plans for path in plan.edit.writes}
    now = [each for each in (*settled, *_settled_by_hand(workspace)) if each.file not in taken]
    plans += [resolve(workspace, now, trial)] if now else []
    outcome = _together(workspace, plans, now)
    ready = {*taken, *(each.file for each in now if not each.left)}
    if not outcome.edit.writes and not ready and workspace.git.unmerged():
        return outcome
    if options.confirm is not None and not options.confirm(outcome):
        raise Cancelled(Message("cancelled; nothing was changed"))
    writes = [Write(path, text) for path, text in sorted(outcome.edit.writes.items())]
    tree = workspace.current.tree
    expected = {path: tree.read(path) if path in tree.files() else None for path, _ in writes}
    oid = conclude_merge(workspace.git, writes, sorted(ready), expected=expected)
    return replace(outcome, commit=oid, written=True)


def unmerged_files(workspace: Workspace) -> tuple[list[str], list[str]]:
    """What Git waits for although no form asks about it: files of records without a conflict any more, as `resolve` and
    editors leave them, and others. A file as it is on this branch may be what a merge driver that failed has left."""
    registry, repo, prefix = workspace.current, workspace.git, workspace.git.prefix
    asked = files_in_conflict(workspace)
    files = [path.removeprefix(prefix) for path in repo.unmerged()]
    readable = [
        file for file in files if file not in asked and file in registry.by_file and registry.at(file) is not None
    ]
    by_hand = [file for file in readable if registry.tree.read(file) != text_at(repo, f":2:./{file}")]
    return by_hand, [file for file in files if file not in (*asked, *by_hand)]


def _settled_by_hand(workspace: Workspace) -> list[Resolution]:
    registry = workspace.current
    files = unmerged_files(workspace)[0]
    return [Resolution(registry.by_file[file], file, registry.tree.read(file)) for file in files]


def _together(workspace: Workspace, plans: Sequence[Outcome], settled: Sequence[Resolution]) -> Outcome:
    """Several plans as one: what they change in the last commit, for a file with conflicts has no values. It also says
    which text of each file counts."""
    texts = "\n".join(f"{each.file}: {'deleted' if each.text is None else blob_id(each.text)}" for each in settled)
    writes = {path: text for plan in plans for path, text in plan.edit.writes.items()}
    records = tuple(
        dict.fromkeys([*(rid for plan in plans for rid in plan.edit.records), *(each.rid for each in settled)])
    )
    edit = Edit("resolve", records, writes, "Settle conflicts", texts, settles=True)
    changes = diff(workspace.registry("HEAD"), workspace.current.with_writes(writes), records)
    return Outcome(edit, tuple(changes), tuple(finding for plan in plans for finding in plan.introduced))
