"""The sheets of lists in a workbook that comes back: their rows, where changed, become lists of the records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from smartreg.commands.import_base import Baseline, places_of
from smartreg.commands.import_merge import LOOKED_UP, SheetMerge, conflict, only_shown
from smartreg.commands.verify_compare import differences, says, table_as_shown
from smartreg.core.findings import Finding
from smartreg.core.values import Json, KeyPath, Location, Words, value_at
from smartreg.exporters.xlsx import sheet_names
from smartreg.importers.changes import canonical, place_value
from smartreg.importers.identity import RowIdentity
from smartreg.importers.sheet import GridRow, SheetGrid
from smartreg.importers.values import Bad, number_in, value_of
from smartreg.schema import ITEM, PROPERTY
from smartreg.tables import Table
from smartreg.tables.view import AUDIENCES

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
