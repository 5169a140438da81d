"""An exported sheet that comes back, merged: the rows with their edits alone, and notes. Also the sheets of lists
in a workbook: their rows, where changed, become lists of the records.

A field may say again what it said at the export, though somebody has changed it since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from smartreg.commands.import_base import Baseline, places_of
from smartreg.commands.import_merge import LOOKED_UP, SheetMerge, conflict, fault_of_revert, only_shown
from smartreg.commands.import_plan import Import
from smartreg.commands.verify_compare import differences, says, table_as_shown
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import Json, KeyPath, Location, Words, path_text, value_at
from smartreg.exporters.xlsx import sheet_names
from smartreg.history import Step, Touch, steps_touching
from smartreg.importing.changes import canonical, place_value
from smartreg.importing.identity import RowIdentity
from smartreg.importing.naming import ID
from smartreg.importing.readers.foreign import read_grids
from smartreg.importing.readers.formats import WORKBOOKS, Bundle
from smartreg.importing.readers.sheet import GridRow, SheetGrid
from smartreg.importing.values import Bad, number_in, value_of
from smartreg.schema import ITEM, PROPERTY
from smartreg.tables import Table
from smartreg.tables.view import AUDIENCES
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

SHOWN = 20  # most edits that cannot come in reported for one sheet


@dataclass(frozen=True)
class Lists:
    """The lists of one merge; `sheets` are those of the workbook."""

    merge: SheetMerge
    sheets: Sequence[SheetGrid]

    def of(self, meant: Sequence[RowIdentity]) -> tuple[list[RowIdentity], list[Finding]]:
        """The rows with the edited lists of their records, and what cannot come in."""
        added: dict[str, dict[KeyPath, Json]] = defaultdict(dict)
        faults: list[Finding] = []
        rows = {one.id: one for one in meant}
        for grid, table in self._pairs():
            if not _comes_back(self.merge.base, table):
                faults.extend(self._refuse_edits(grid, table))
                continue
            for id, present in self._find_edited_rows(grid, table).items():
                if id not in rows:
                    faults.append(self._nobody(grid, present))
                    continue
                value, found = self._value(id, grid, table, present)
                faults.extend(found or self._conflicts(rows[id], grid, table, value))
                added[id][table.path] = value
        listed = [
            one._replace(draft=replace(one.draft, values={**one.draft.values, **added.get(one.id, {})}))
            for one in meant
        ]
        return listed, faults

    def other_kinds(self) -> Iterator[str]:
        """The sheets of other kinds that were edited too."""
        named = sheet_names((self.merge.base.table, *self.merge.base.others), self.merge.base.labels)
        for grid in self.sheets:
            table = named.get(grid.name)
            if table is None or table.kind.name == self.merge.base.kind.name:
                continue
            if next(differences(grid, table_as_shown(table)), None) is not None:
                yield grid.name

    def _pairs(self) -> Iterator[tuple[SheetGrid, Table]]:
        base = self.merge.base
        named = sheet_names((base.table, *base.others), base.labels)
        for grid in self.sheets:
            table = named.get(grid.name)
            if table is not None and table.kind.name == base.kind.name and not table.main:
                yield grid, table

    def _refuse_edits(self, grid: SheetGrid, table: Table) -> Iterator[Finding]:
        """IMP006 for what was edited in a sheet from which nothing comes back."""
        for number, item in enumerate(differences(grid, table_as_shown(table))):
            if number < SHOWN:
                where = Location(self._file(grid), row=item.row, column=item.column or None)
                yield only_shown(where, item.column or item.key or grid.name, item.exported)

    def sheet_of(self, path: KeyPath) -> Location | None:
        """The sheet whose rows make the list at `path`; None where no sheet does."""
        return next((Location(self._file(grid), path) for grid, table in self._pairs() if table.path == path), None)

    def _file(self, grid: SheetGrid) -> str:
        return f"{self.merge.sheet.file} [{grid.name}]"

    def _nobody(self, grid: SheetGrid, present: Sequence[GridRow]) -> Finding:
        row = present[0].number if present else None
        return Finding(
            LOOKED_UP,
            "error",
            Words(
                f"no row of the sheet {self.merge.sheet.name} is the record of this list",
                f"aucune ligne de la feuille {self.merge.sheet.name} n'est la fiche de cette liste",
            ),
            Location(self._file(grid), row=row),
            Words(
                "put its row back, or leave its list as it was", "remettez sa ligne, ou laissez la liste comme avant"
            ),
        )

    # -- the list of one record --------------------------------------------------------------------------------------

    def _find_edited_rows(self, grid: SheetGrid, table: Table) -> dict[str, list[GridRow]]:
        """The rows of each record whose list says another thing than it said."""
        places = {index: place for place, index in places_of(table, grid.headings).items()}
        present: dict[str, list[GridRow]] = defaultdict(list)
        for row in grid.rows:
            present[str(_cell(row, places.get(0)) or "")].append(row)
        then: dict[str, list[Sequence[Json]]] = defaultdict(list)
        for exported in table.rows():
            then[str(exported[0])].append(exported)
        return {
            id: present.get(id, [])
            for id in dict.fromkeys((*then, *present))
            if not _alike(present.get(id, []), then.get(id, []), places)
        }

    def _value(
        self, id: str, grid: SheetGrid, table: Table, present: Sequence[GridRow]
    ) -> tuple[list[Json] | None, list[Finding]]:
        """The list that the rows make: items that were there keep what no column shows."""
        places = {index: place for place, index in places_of(table, grid.headings).items()}
        then = self._then(id, table.path)
        items: list[Json] = []
        faults: list[Finding] = []
        for row in present:
            number = number_in(str(_cell(row, places.get(1)) or ""))
            known = number is not None and number == int(number) and 1 <= number <= len(then)
            item: Json = then[int(number) - 1] if number is not None and known else None
            for index in range(table.key, len(table.columns)):
                field = table.columns[index].field
                if index not in places or field is None:
                    continue
                text = str(_cell(row, places[index]) or "")
                if field.path == PROPERTY:
                    text = self.merge.registry.schemas.property_called(text)
                value = value_of(field, text, ".")
                if isinstance(value, Bad):
                    where = Location(self._file(grid), row=row.number, column=grid.headings[places[index]])
                    faults.append(Finding(value.code, "error", value.message, where, value.hint))
                    continue
                tail = field.path[len(table.path) + 1 :]
                item = _without(item, tail) if value is None else place_value(item, tail, value)
            if item is not None and item != {}:
                items.append(item)
        return items or None, faults

    def _then(self, id: str, path: KeyPath) -> Sequence[Json]:
        record = self.merge.base.records.get(id)
        found = value_at(record.data, path) if record else None
        return found if isinstance(found, list) else []

    def _conflicts(self, one: RowIdentity, grid: SheetGrid, table: Table, value: Json) -> Iterator[Finding]:
        then = list(self._then(one.id, table.path)) or None
        now = value_at(one.record.data, table.path) if one.record else None
        if self.merge.ours or canonical(now) in (canonical(then), canonical(value)):
            return
        where = Location(self._file(grid))
        yield conflict(f"{one.id}, {grid.name}", where, self.merge.base, (then, value, now))


def sheets_of_lists(base: Baseline) -> dict[KeyPath, str]:
    """The sheets of the export from which lists of its records come back, by the place of the list."""
    named = sheet_names((base.table, *base.others), base.labels)
    own = {name: table for name, table in named.items() if table.kind.name == base.kind.name and not table.main}
    return {table.path: name for name, table in own.items() if _comes_back(base, table)}


def _comes_back(base: Baseline, table: Table) -> bool:
    return _simple(table) and base.audience == AUDIENCES[-1]


def _simple(table: Table) -> bool:
    """A list of records alone, whose items are plain values or have columns."""
    return ITEM not in table.path and table.key == 2 and all(column.field for column in table.columns[2:])


def _alike(present: Sequence[GridRow], then: Sequence[Sequence[Json]], places: Mapping[int, int]) -> bool:
    return len(present) == len(then) and all(
        says(_cell(row, place), exported[index])
        for row, exported in zip(present, then, strict=True)
        for index, place in places.items()
    )


def _cell(row: GridRow, place: int | None) -> Json:
    return row.cells[place] if place is not None and place < len(row.cells) else None


def _without(item: Json, path: KeyPath) -> Json:
    """The item without the field at `path`."""
    if not path:
        return None
    if not isinstance(item, Mapping) or path[0] not in item:
        return item
    inner = _without(item[path[0]], path[1:])
    rest = {name: value for name, value in item.items() if name != path[0]}
    return rest if inner is None or inner == {} else {**item, path[0]: inner}


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
        return SheetMerge(run.base, run.sheet, run.columns, run.registry, run.request.update)

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
