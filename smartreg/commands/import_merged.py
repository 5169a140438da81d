"""An exported sheet that comes back, merged: the rows with their edits alone, and notes.

What the registry said between the export of a sheet and now: a field may say again what it said, though somebody
has changed it since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from smartreg.commands.import_base import Baseline
from smartreg.commands.import_lists import Lists
from smartreg.commands.import_merge import SheetMerge, fault_of_revert
from smartreg.commands.import_plan import Import
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import Json, KeyPath, Words, path_text, value_at
from smartreg.history import Step, Touch, steps_touching
from smartreg.importers.bundle import Bundle
from smartreg.importers.changes import canonical
from smartreg.importers.foreign import read_grids
from smartreg.importers.formats import WORKBOOKS
from smartreg.importers.identity import RowIdentity
from smartreg.importers.naming import ID
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read


class Said(NamedTuple):
    """The value of a field in between, and the commit that set it."""

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


@dataclass(frozen=True)
class Merged:
    """The merge of one run; `content` is the file, `meant` its rows. UsageFault when the sheet has no ids."""

    run: Import
    content: bytes
    meant: Sequence[RowIdentity]

    @cached_property
    def _merge(self) -> SheetMerge:
        run = self.run
        if run.base is None or ID not in [column.path for column in run.columns]:
            raise UsageFault(
                Words(
                    "the column of the ids is missing in the sheet",
                    "la colonne des identifiants manque dans la feuille",
                ),
                Words(
                    "put it back: it says which record a row is",
                    "remettez-la : elle dit à quelle fiche correspond chaque ligne",
                ),
            )
        return SheetMerge(run.base, run.sheet, run.columns, run.registry, run.update)

    @cached_property
    def _lists(self) -> Lists | None:
        run = self.run
        if run.sheet.form not in WORKBOOKS:
            return None
        return Lists(self._merge, read_grids(Bundle(run.sheet.file, run.sheet.form, self.content)))

    @cached_property
    def _both(self) -> tuple[list[RowIdentity], list[Finding]]:
        kept, faults = self._merge.of(self.meant)
        if self._lists is not None:
            kept, more = self._lists.of(kept)
            faults = [*faults, *more]
        return kept, [*faults, *self._find_reverted(kept)]

    def _find_reverted(self, kept: Sequence[RowIdentity]) -> Iterator[Finding]:
        """IMP005 for fields that say again what they said, and that the registry has changed since the export."""
        base, rows = self._merge.base, {one.id: one for one in kept}
        for (id, path), said in meanwhile(self.run.workspace, base, self._merge.back(kept)).items():
            one = rows[id]
            listed = self._lists.sheet_of(path) if self._lists is not None else None
            now = value_at(one.record.data, path) if one.record else None
            sides = (one.draft.values[path], now, said.value)
            where = listed or self._merge.where(one, path)
            yield fault_of_revert(f"{id}, {path_text(path)}", where, base, sides, said.commit)

    @property
    def kept(self) -> list[RowIdentity]:
        return self._both[0]

    @property
    def faults(self) -> list[Finding]:
        return self._both[1]

    def check_lookups(self, writes: Mapping[str, bytes | None]) -> list[Finding]:
        """The edits of what is only shown, once the others are made."""
        return list(self._merge.check_lookups(self.meant, self.run.registry.with_writes(writes)))

    @property
    def missing(self) -> tuple[str, ...]:
        return self._merge.find_missing(self.meant)

    @property
    def notes(self) -> tuple[Words, ...]:
        names = ", ".join(self._lists.other_kinds()) if self._lists is not None else ""
        gone = self._merge.base.find_gone(self.run.sheet)
        en, fr = (", ".join(heading.in_(lang) for heading in gone) for lang in ("en", "fr"))
        edited = Words(
            f"also edited, and not imported here: {names}; import each with its kind",
            f"modifiées aussi, et non importées ici : {names} ; importez chacune avec son type",
        )
        missing = Words(
            f"columns of the export that the sheet no longer has: {en}; their fields stay as they are, and a renamed "
            "column is read again under its old name",
            f"colonnes de l'export que la feuille n'a plus : {fr} ; leurs champs restent tels quels, et une colonne "
            "renommée se relit sous son ancien nom",
        )
        return (*([edited] if names else ()), *([missing] if gone else ()))
