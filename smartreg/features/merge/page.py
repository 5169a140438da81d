"""`/settle`: what a merge left in conflict, settled field by field; then the commit of the merge."""

from __future__ import annotations

from functools import partial

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message, Text, first_few
from smartreg.edit import Outcome, WriteOptions
from smartreg.features.merge.conclude import conclude, unmerged_files
from smartreg.features.merge.conflicts import AnyConflict, Settled, settlement
from smartreg.features.merge.resolve import conflict_of, files_in_conflict, find_delete_modify
from smartreg.gitio import work_under_way
from smartreg.web.filling import Filling, fill
from smartreg.web.visit import Absent, Answer, Page, Visit


def settle_conflicts(visit: Visit) -> Answer:
    """Asks for each field in conflict whose value counts. What cannot be told by field is left for a terminal."""
    workspace, under_way = visit.workspace, work_under_way(visit.workspace.git)
    files = files_in_conflict(workspace)
    if not files and not workspace.git.merge_heads():
        raise Absent(Message("no record is in conflict"))
    lines: list[Text] = [] if under_way is None else [under_way]
    conflicts: list[AnyConflict] = []
    for file in files:
        try:
            conflicts.append(find_delete_modify(workspace, file) or conflict_of(workspace, file))
        except StateFault as fault:
            lines.append(fault.message)
    others = unmerged_files(workspace)[1]
    if others:
        names = first_few(others, SHOWN)
        lines.append(
            Message(
                "No form can settle {names}: git status says how, in a terminal.",
                names=names,
            )
        )
    if workspace.git.merge_heads():
        lines.append(Message("Once nothing is in conflict any more, this makes the commit of the merge."))
    elif under_way is not None:
        lines.append(Message("What Git is in the middle of goes on in a terminal: git status says how."))

    def write(made: Settled, options: WriteOptions) -> Outcome:
        return conclude(workspace, made.records, made.renamed, options)

    form = partial(settlement, visit, conflicts, None)
    return fill(visit, Filling(SETTLE, form, write, visit.url("/"), asks_reason=False, lines=lines))


SETTLE = Message("Settle the conflicts")
SHOWN = 3  # files
PAGES = (Page("/settle", settle_conflicts, posts=True, command="resolve RECORD", does=SETTLE),)
