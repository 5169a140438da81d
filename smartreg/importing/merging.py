"""Merge an exported sheet or map that comes back: what each field said when it was exported, what the sheet says now,
and what the registry says now.

An unchanged cell changes nothing. An edited one gives its value, unless the registry has changed the same field in the
meantime, to something else or there and back (IMP005). Looked-up values cannot be edited (IMP006). In a workbook or
database the sheets of lists come back too: their rows, where changed, become lists of the records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from typing import NamedTuple

from smartreg.core.escape import cell_text
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, Text, joined, verbatim
from smartreg.core.values import Json, KeyPath, Location, Record, path_text, short_id, value_at
from smartreg.history import History, Step, Touch, steps_touching
from smartreg.importing.changes import canonical, place_value
from smartreg.importing.columns import SheetColumn, heading_of
from smartreg.importing.comparing import differences, says, table_as_shown
from smartreg.importing.identity import RowIdentity
from smartreg.importing.moved_points import BOTH_SIDES, ExportedPoint, plain_point, settle_points
from smartreg.importing.naming import ID
from smartreg.importing.values import DECIMALS, Bad, number_in, value_of
from smartreg.readers.sheet import GridRow, NumberCell, Sheet, SheetGrid
from smartreg.registry import Point, Registry, position
from smartreg.schema import ITEM, PROPERTY, Field, Kind
from smartreg.tables import Column, Table, tables
from smartreg.tables.adapted import label_table, narrow_tables
from smartreg.tables.view import is_hidden, view
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

LOOKED_UP = "IMP006"
DBASE = ("shp", "dbf")
OBJECTS = ("json", "jsonl")
_DBASE_NAME, _DBASE_TEXT = 10, 254  # characters of a name, bytes of a text
_MOST_REFUSED = 20  # edits of one sheet that cannot come in, reported one by one
_CHOOSE = Message("put the value of the registry into the cell to keep it; --update takes what the sheet says")


@dataclass(frozen=True)
class Baseline:
    """The registry as it was exported: at which commit, for whom; the table of the kind, the others of that export, the
    records as that audience saw them, of which language labels stood for codes, which columns were asked for (none:
    all), the tables by the names of their sheets in a workbook or database, the points of the records on a map, and the
    kinds of which records were withheld."""

    commit: str
    audience: str
    kind: Kind
    table: Table
    others: tuple[Table, ...]
    records: Mapping[str, Record]
    labels: Language | None
    names: tuple[str, ...]
    sheets: Mapping[str, Table]
    shapes: Mapping[str, Point | None]
    withheld: frozenset[str]

    @cached_property
    def rows(self) -> Mapping[str, Sequence[Json]]:
        """The rows of the table by id."""
        return {str(row[0]): row for row in self.table.rows()}

    @cached_property
    def point(self) -> tuple[KeyPath, KeyPath] | None:
        """The fields that the columns of longitude and latitude fill, where they show a point that may be another
        record's."""
        place = self.kind.position[:1]
        lon, lat = (*place, "lon"), (*place, "lat")
        is_own = any(column.field is not None and column.field.path == lon for column in self.table.columns)
        return (lon, lat) if not is_own and lon in self.kind.by_path and lat in self.kind.by_path else None

    def columns(self, sheet: Sheet) -> tuple[SheetColumn, ...]:
        """The columns of a sheet that fill fields."""
        return tuple(
            SheetColumn(place, sheet.headings[place], path, self.kind.field_at(path))
            for place, index in self.places(sheet).items()
            if (path := self.path_of(index)) is not None
        )

    def places(self, sheet: Sheet) -> Mapping[int, int]:
        """Column of the sheet → column of the table."""
        return match_sheet(self.table, sheet, self.names)

    def find_missing_columns(self, sheet: Sheet) -> list[Text]:
        """The headings of exported columns that fill fields and that the sheet no longer has."""
        present = {self.table.columns[index].name for index in self.places(sheet).values()}
        exported = (
            {column.name for column in narrow_tables([self.table], self.names)[0].columns} if self.names else None
        )
        as_shapes = self.point if sheet.form == "geojson" and self.point is not None else ()
        return [
            column.heading
            for index, column in enumerate(self.table.columns)
            if column.name not in present
            and (exported is None or column.name in exported)
            and (path := self.path_of(index)) is not None
            and path not in as_shapes
        ]

    def path_of(self, index: int) -> KeyPath | None:
        """The field that a column of the table fills; None for what is looked up."""
        column = self.table.columns[index]
        if index == 0:
            return ID
        if column.field is not None:
            return column.field.path
        axis = {"lon": 0, "lat": 1}.get(column.name)
        return self.point[axis] if axis is not None and self.point is not None else None

    @cached_property
    def points(self) -> Mapping[str, ExportedPoint]:
        """The points of the records as a map showed them, by shape and by columns."""
        lon, lat = self.point or ((), ())
        shown = {id: (self.point_shown(id, lon), self.point_shown(id, lat)) for id in self.shapes}
        return {id: ExportedPoint(shape, plain_point(shown[id])) for id, shape in self.shapes.items()}

    def point_shown(self, id: str, path: KeyPath) -> Json:
        """Longitude or latitude as the table showed it for a record."""
        row = self.rows.get(id)
        for index, column in enumerate(self.table.columns):
            if row is not None and column.field is None and self.path_of(index) == path:
                return row[index]
        return None

    @property
    def list_sheets(self) -> Mapping[str, Table]:
        """The sheets of a workbook that hold lists of the records, by their names."""
        own = (item for item in self.sheets.items() if item[1].kind.name == self.kind.name)
        return {name: table for name, table in own if not table.main}

    @property
    def mergeable_lists(self) -> dict[KeyPath, str]:
        """The sheets from which lists come back, by the path of the list."""
        return {table.path: name for name, table in self.list_sheets.items() if self.is_mergeable(table)}

    def is_mergeable(self, table: Table) -> bool:
        """Whether edits of a list come back: one of records alone, whose items are plain values or have columns, from
        an export that withheld nothing."""
        simple = ITEM not in table.path and table.key == 2 and all(column.field for column in table.columns[2:])
        within_list = (item for item in self.kind.fields if item.path[: len(table.path)] == table.path)
        return simple and not any(map(self._is_withheld, within_list))

    def _is_withheld(self, item: Field) -> bool:
        """Whether the audience may lack values of a field: all of them, or references to records it does not see."""
        return any(is_hidden(part, self.audience) for part in item.path) or not self.withheld.isdisjoint(item.refs)


def dbase_names(names: Sequence[str]) -> list[str]:
    """The names of columns in a dBASE table, which takes ten characters, as GDAL and QGIS shorten them."""
    short: list[str] = []
    taken: set[str] = set()
    for name in names:
        numbered = (f"{name[:8]}_{number}" if number < 10 else f"{name[:8]}{number}" for number in range(1, 100))
        short.append(next(word for word in chain((name[:_DBASE_NAME],), numbered) if word.casefold() not in taken))
        taken.add(short[-1].casefold())
    return short


def match_sheet(table: Table, sheet: Sheet, names: Collection[str] = ()) -> Mapping[int, int]:
    """Column of a sheet → column of the table that it shows; `names`: those that the export was asked for, if any."""
    if sheet.form not in DBASE:
        return match_columns(table, sheet.headings)
    exported = [column.name for column in (narrow_tables([table], names)[0] if names else table).columns]
    full = dict(zip(map(str.casefold, dbase_names(exported)), exported, strict=True))
    return match_columns(table, [full.get(word.casefold(), word) for word in sheet.headings])


def match_columns(table: Table, headings: Sequence[str]) -> dict[int, int]:
    """Column of a sheet → column of the table that it shows, by any of its names."""
    names: dict[str, int] = {}
    for index, column in enumerate(table.columns):
        axis = path_text((*table.kind.position[:1], column.name)) if column.name in ("lon", "lat") else column.name
        for name in (column.heading.in_("en"), column.heading.in_("fr"), column.name, axis):
            names.setdefault(name.casefold(), index)
            names.setdefault(cell_text(name).casefold(), index)
    places: dict[int, int] = {}
    for place, heading in enumerate(headings):
        index_named = names.get(heading.casefold())
        if index_named is not None and index_named not in places.values():
            places[place] = index_named
    return places


def object_table(table: Table, records: Sequence[Record]) -> Table:
    """The table of a kind as JSON has it: a column for every field, those of lists with the whole list."""
    kind = table.kind
    fields = [
        item for item in kind.fields if ITEM not in item.path and (item.kind != "object" or item.name in kind.whole)
    ]
    columns = [Column(item.name, verbatim(item.name), "string", item.description, item) for item in fields]
    columns.sort(key=lambda column: column.name != "id")  # the id first

    def rows() -> Iterator[tuple[Json, ...]]:
        return (
            tuple(value_at(record.data, column.field.path) for column in columns if column.field) for record in records
        )

    return replace(table, columns=tuple(columns), make=rows)


class Merged(NamedTuple):
    """The rows of a sheet with their edits alone, and the conflicts."""

    rows: list[RowIdentity]
    faults: list[Finding]


@dataclass(frozen=True)
class SheetMerge:
    """One merge: the base, the sheet, the columns that fill fields, the registry as it is now, the sheets of a
    workbook; `ours` where the sheet counts even against what the registry has changed meanwhile."""

    base: Baseline
    sheet: Sheet
    columns: tuple[SheetColumn, ...]
    registry: Registry
    grids: Sequence[SheetGrid]
    ours: bool

    def merge(self, rows: Sequence[RowIdentity], history: History) -> Merged:
        """Merge the fields of each row, then the lists of its record; report what was changed and changed back since
        the export, by `history`."""
        moved: list[Finding] = []
        if self.sheet.beside is not None and self.base.point is not None:
            rows, moved = settle_points(self.sheet, self.base.point, self.base.points, rows)
        kept, faults = self.merge_fields(rows)
        kept, more = self._merge_lists(kept)
        return Merged(kept, [*moved, *faults, *more, *self._find_reverts(kept, history)])

    def merge_fields(self, rows: Sequence[RowIdentity]) -> Merged:
        """Keep only edits. Rows that the sheet got since stay; where their records exist already, empty cells say
        nothing: these had no cell when the sheet was exported."""
        kept: list[RowIdentity] = []
        faults: list[Finding] = []
        for row in rows:
            then = self.base.records.get(row.id)
            if then is None:
                filled = {path: value for path, value in row.draft.values.items() if value is not None}
                kept.append(row if row.record is None else row.with_values(filled))
                continue
            edits = self._edits(row, then)
            if row.record is None:
                faults += [self._fault_of_removed(row, next(iter(edits)))] if edits else []
                continue
            values, conflicts = self._merge_row(row, then, row.record, edits)
            faults.extend(conflicts)
            kept.append(row.with_values(values))
        return Merged(kept, faults)

    def find_missing(self, rows: Sequence[RowIdentity]) -> list[str]:
        """The records of the export that the sheet has no more, and the registry still has."""
        ids = {row.id for row in rows}
        present = set(self.registry.ids(self.base.kind.name))
        return [id for id in self.base.records if id not in ids and id in present]

    def notes(self) -> Iterator[Text]:
        """Edited sheets of other kinds, which are not imported, and columns that the sheet no longer has."""
        others = ", ".join(self._edited_sheets_of_other_kinds())
        if others:
            yield Message("also edited, and not imported here: {others}; import each with its kind", others=others)
        # An object of JSON names what it has, and nothing else.
        missing = self.base.find_missing_columns(self.sheet) if self.sheet.form not in OBJECTS else ()
        if missing:
            yield Message(
                "columns of the export that the sheet no longer has: {headings}; their fields stay as they are, and a "
                "renamed column is read again under its old name",
                headings=joined(missing),
            )

    # -- one row ---------------------------------------------------------------------------------------------------

    def _edits(self, row: RowIdentity, then: Record) -> dict[KeyPath, Json]:
        """The fields whose cells say another thing than they said; longitude and latitude together."""
        edits = {}
        for column in self.columns:
            if column.path == ID or column.path not in row.draft.values:
                continue
            new, old = row.draft.values[column.path], self._value_then(then, column.path)
            is_settled = self.sheet.beside is not None and column.path in (self.base.point or ())
            if canonical(new) != canonical(old) and (
                is_settled or not self._says(str(row.draft.row.cells[column.place]), old)
            ):
                edits[column.path] = new
        point = self.base.point
        if point is not None and not edits.keys().isdisjoint(point):
            edits |= {path: row.draft.values[path] for path in point if path in row.draft.values}
        return edits

    def _says(self, cell: str, value: Json) -> bool:
        """Whether a cell says a value, in a dBASE table also where that cuts a long text."""
        if says(cell, value):
            return True
        is_cut = self.sheet.form in DBASE and len(cell.encode()) > _DBASE_TEXT - 4
        return is_cut and isinstance(value, str) and value.replace("\r\n", "\n").startswith(cell.replace("\r\n", "\n"))

    def _value_then(self, then: Record, path: KeyPath) -> Json:
        if self.base.point is not None and path in self.base.point:
            return self.base.point_shown(then.rid.id, path)
        return value_at(then.data, path)

    def _value_now(self, record: Record, path: KeyPath) -> Json:
        if self.base.point is not None and path in self.base.point:
            place = position(self.registry, record)
            return None if place is None else round(place[self.base.point.index(path)], DECIMALS)
        return value_at(record.data, path)

    def _is_borrowed(self, record: Record, path: KeyPath) -> bool:
        """Whether it is half of a point that the record has from its support."""
        return self.base.point is not None and path in self.base.point and value_at(record.data, path) is None

    def _merge_row(
        self, row: RowIdentity, then: Record, record: Record, edits: Mapping[KeyPath, Json]
    ) -> tuple[dict[KeyPath, Json], list[Finding]]:
        values, faults = {}, []
        for path, new in edits.items():
            now, old = self._value_now(record, path), self._value_then(then, path)
            if self._is_borrowed(record, path) and new is None and now is not None:
                where = self._where(row, path)
                faults.append(_lookup_fault(where, where.column or path_text(path), old))
            elif canonical(now) == canonical(new):
                if self.base.point is None or path not in self.base.point:
                    continue
                values[path] = new  # the other half of the point may differ
            elif canonical(now) == canonical(old) or self.ours:
                values[path] = new
            else:
                what = f"{row.id}, {path_text(path)}"
                faults.append(_conflict(what, self._where(row, path), self.base, (old, new, now)))
        point = self.base.point or ()
        if all(canonical(self._value_now(record, path)) == canonical(values.get(path)) for path in point):
            values = {path: value for path, value in values.items() if path not in point}
        return values, faults

    def _where(self, row: RowIdentity, path: KeyPath) -> Location:
        return Location(self.sheet.file, path, row=row.number, column=heading_of(self.columns, path))

    def _fault_of_removed(self, row: RowIdentity, path: KeyPath) -> Finding:
        """IMP005 for an edited row whose record is no longer there."""
        message = Message("{row} was edited in the sheet, and is no longer in the registry", row=row.id)
        hint = Message("delete the row, or give it another id")
        return Finding(BOTH_SIDES, "error", message, self._where(row, path), hint)

    def check_lookups(self, rows: Sequence[RowIdentity], after: Registry) -> Iterator[Finding]:
        """IMP006 for edited cells of what is looked up, unless they say what is looked up `after` the edits."""
        looked_up = {
            place: index for place, index in self.base.places(self.sheet).items() if self.base.path_of(index) is None
        }
        edited = [
            (row, place, index)
            for row in rows
            if (exported := self.base.rows.get(row.id)) is not None
            for place, index in looked_up.items()
            if not self._says(str(row.draft.row.cells[place]), exported[index])
        ]
        if not edited:
            return
        table = self._table(after)
        looked_up_now = {column.name: place for place, column in enumerate(table.columns)}
        now = {str(values[0]): values for values in table.rows()}
        for row, place, index in edited:
            name = self.base.table.columns[index].name
            if (
                row.id not in now
                or name not in looked_up_now
                or not self._says(str(row.draft.row.cells[place]), now[row.id][looked_up_now[name]])
            ):
                heading = self.sheet.headings[place]
                where = Location(self.sheet.file, row=row.number, column=heading)
                yield _lookup_fault(where, heading, self.base.rows[row.id][index])

    def _table(self, registry: Registry) -> Table:
        """The table of the kind as a registry would give it to the same audience."""
        seen = view(registry, self.base.audience)
        kind = registry.schemas.kinds[self.base.kind.name]
        table = next(table for table in tables(seen, [kind]) if table.main)
        return label_table(table, self.base.labels, registry.schemas) if self.base.labels else table

    # -- lists -----------------------------------------------------------------------------------------------------

    def _merge_lists(self, rows: Sequence[RowIdentity]) -> Merged:
        """The rows with the edited lists of their records, and what cannot come in."""
        edited: dict[str, dict[KeyPath, Json]] = defaultdict(dict)
        faults: list[Finding] = []
        by_id = {row.id: row for row in rows}
        for grid, table in self._list_tables():
            if not self.base.is_mergeable(table):
                faults.extend(self._refuse_edits(grid, table))
                continue
            for id, items in self._find_edited_lists(grid, table).items():
                if id not in by_id:
                    faults.append(self._list_without_row(grid, items))
                    continue
                value, bad = self._list_of(id, grid, table, items)
                faults.extend(bad or self._check_list(by_id[id], grid, table, value))
                edited[id][table.path] = value
        return Merged([row.with_values({**row.draft.values, **edited.get(row.id, {})}) for row in rows], faults)

    def _list_tables(self) -> Iterator[tuple[SheetGrid, Table]]:
        for grid in self.grids:
            table = self.base.list_sheets.get(grid.name)
            if table is not None:
                yield grid, table

    def _edited_sheets_of_other_kinds(self) -> Iterator[str]:
        for grid in self.grids:
            table = self.base.sheets.get(grid.name)
            if table is None or table.kind.name == self.base.kind.name:
                continue
            if next(differences(grid, table_as_shown(table)), None) is not None:
                yield grid.name

    def _refuse_edits(self, grid: SheetGrid, table: Table) -> Iterator[Finding]:
        """IMP006 for what was edited in a sheet from which nothing comes back."""
        for item in islice(differences(grid, table_as_shown(table)), _MOST_REFUSED):
            where = Location(self._file(grid), row=item.row, column=item.column or None)
            yield _lookup_fault(where, item.column or item.key or grid.name, item.exported)

    def _file(self, grid: SheetGrid) -> str:
        return f"{self.sheet.file} [{grid.name}]"

    def _list_without_row(self, grid: SheetGrid, items: Sequence[GridRow]) -> Finding:
        return Finding(
            LOOKED_UP,
            "error",
            Message("no row of the sheet {sheet} is the record of this list", sheet=self.sheet.name),
            Location(self._file(grid), row=items[0].number if items else None),
            Message("put its row back, or leave its list as it was"),
        )

    def _find_edited_lists(self, grid: SheetGrid, table: Table) -> dict[str, list[GridRow]]:
        """The rows of each record whose list says another thing than it said."""
        places = {index: place for place, index in match_columns(table, grid.headings).items()}
        present: dict[str, list[GridRow]] = defaultdict(list)
        for item in grid.rows:
            present[str(_cell(item, places.get(0)) or "")].append(item)
        exported: dict[str, list[Sequence[Json]]] = defaultdict(list)
        for values in table.rows():
            exported[str(values[0])].append(values)
        return {
            id: present.get(id, [])
            for id in dict.fromkeys((*exported, *present))
            if not _says_all(present.get(id, []), exported.get(id, []), places)
        }

    def _list_of(
        self, id: str, grid: SheetGrid, table: Table, rows: Sequence[GridRow]
    ) -> tuple[list[Json] | None, list[Finding]]:
        """The list that the rows make: items that were there keep what no column shows."""
        places = {index: place for place, index in match_columns(table, grid.headings).items()}
        then = self._list_then(id, table.path)
        items: list[Json] = []
        faults: list[Finding] = []
        for row in rows:
            number = number_in(str(_cell(row, places.get(1)) or ""))
            exists = number is not None and number == int(number) and 1 <= number <= len(then)
            item: Json = then[int(number) - 1] if number is not None and exists else None
            for index in range(table.key, len(table.columns)):
                field = table.columns[index].field
                if index not in places or field is None:
                    continue
                text = str(_cell(row, places[index]) or "")
                if field.path == PROPERTY:
                    text = self.registry.schemas.property_called(text)
                value = value_of(field, NumberCell(text) if field.kind == "boolean" else text, ".")
                if isinstance(value, Bad):
                    where = Location(self._file(grid), row=row.number, column=grid.headings[places[index]])
                    faults.append(Finding(value.code, "error", value.message, where, value.hint))
                    continue
                tail = field.path[len(table.path) + 1 :]
                item = _without(item, tail) if value is None else place_value(item, tail, value)
            if item is not None and item != {}:
                items.append(item)
        return items or None, faults

    def _list_then(self, id: str, path: KeyPath) -> Sequence[Json]:
        record = self.base.records.get(id)
        items = value_at(record.data, path) if record else None
        return items if isinstance(items, list) else []

    def _check_list(self, row: RowIdentity, grid: SheetGrid, table: Table, value: Json) -> Iterator[Finding]:
        then = list(self._list_then(row.id, table.path)) or None
        now = value_at(row.record.data, table.path) if row.record else None
        if not self.ours and canonical(now) not in (canonical(then), canonical(value)):
            where = Location(self._file(grid))
            yield _conflict(f"{row.id}, {grid.name}", where, self.base, (then, value, now))

    # -- changed, and changed back -------------------------------------------------------------------------------------

    def _find_reverts(self, rows: Sequence[RowIdentity], history: History) -> Iterator[Finding]:
        """IMP005 for fields that say again what they said, and that the registry has changed since the export."""
        by_id = {row.id: row for row in rows}
        interim_values = find_interim_values(self.base, self._unchanged_fields(rows), history, self.registry)
        for (id, path), interim in interim_values.items():
            row = by_id[id]
            grids = (grid for grid, table in self._list_tables() if table.path == path)
            listed = next((Location(self._file(grid), path) for grid in grids), None)
            now = value_at(row.record.data, path) if row.record else None
            sides = (row.draft.values[path], now, interim.value)
            where = listed or self._where(row, path)
            yield _revert_fault(f"{id}, {path_text(path)}", where, self.base, sides, interim.commit)

    def _unchanged_fields(self, rows: Sequence[RowIdentity]) -> dict[str, list[KeyPath]]:
        """The fields, by id, that would be written because the registry says of them what it said at the base."""
        unchanged: dict[str, list[KeyPath]] = {}
        for row in rows if not self.ours else ():
            then, record = self.base.records.get(row.id), row.record
            if then is None or record is None:
                continue
            for path, new in row.draft.values.items():
                now = canonical(self._value_now(record, path))
                if now != canonical(new) and now == canonical(self._value_then(then, path)):
                    unchanged.setdefault(row.id, []).append(path)
        return unchanged


class InterimValue(NamedTuple):
    """The value of a field in between, and the commit that set it."""

    value: Json
    commit: str


def find_interim_values(
    base: Baseline, fields: Mapping[str, Collection[KeyPath]], history: History, registry: Registry
) -> dict[tuple[str, KeyPath], InterimValue]:
    """The `fields` (by the id of their record) that a commit after the base made to say another thing than there, each
    with the newest such commit.

    A merge may bring what the base says into a line that goes past the base: that is no other thing. Texts that cannot
    be read say nothing.
    """
    interim: dict[tuple[str, KeyPath], InterimValue] = {}
    for id, commit, before, after in _changes_since(base, fields, history, registry) if fields else ():
        for path in fields[id]:
            value, others = value_at(after, path), (value_at(before, path), value_at(base.records[id].data, path))
            if canonical(value) not in map(canonical, others):
                interim.setdefault((id, path), InterimValue(value, commit))
    return interim


def _changes_since(
    base: Baseline, ids: Collection[str], history: History, registry: Registry
) -> Iterator[tuple[str, str, Mapping[str, Json], Mapping[str, Json]]]:
    """Id, commit, and data before and after, of each change of these records since the base, newest first."""
    touches: list[tuple[str, Touch]] = []
    for step in _steps_since(base.commit, history, registry):
        of_kind = (touch for touch in step.touches if touch.rid.kind == base.kind.name)
        touches += [(step.commit.oid, touch) for touch in of_kind if touch.rid.id in ids]
    blobs = sorted({side[1] for _, touch in touches for side in (touch.before, touch.after) if side})
    texts = dict(history.repo.blobs(blobs, READ_LIMIT))
    for commit, touch in touches:
        before, after = (read(texts[side[1]], side[0]).data if side else {} for side in (touch.before, touch.after))
        if before is not None and after is not None:
            yield touch.rid.id, commit, before, after


def _steps_since(commit: str, history: History, registry: Registry) -> Iterator[Step]:
    """The commits since, newest first."""
    head = history.repo.head()
    if head is not None:
        new = history.repo.parents(head, (commit,))
        yield from (step for step in steps_touching(history, registry.schemas, None, head) if step.commit.oid in new)


def _says_all(present: Sequence[GridRow], exported: Sequence[Sequence[Json]], places: Mapping[int, int]) -> bool:
    """Whether the rows of a list say what was exported."""
    return len(present) == len(exported) and all(
        says(_cell(row, place), values[index])
        for row, values in zip(present, exported, strict=True)
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


# -- findings --------------------------------------------------------------------------------------------------------


def _conflict(what: str, where: Location, base: Baseline, sides: tuple[Json, Json, Json]) -> Finding:
    """IMP005: a field that the sheet and the registry changed, each to something else."""
    old, new, now = (_format(value) for value in sides)
    commit = short_id(base.commit)
    return Finding(
        BOTH_SIDES,
        "error",
        Message(
            "{what}: the sheet says {new}, the registry says {now} by now; when it was exported (commit {commit}) it "
            "was {old}",
            what=what,
            new=new,
            now=now,
            commit=commit,
            old=old,
        ),
        where,
        _CHOOSE,
    )


def _revert_fault(what: str, where: Location, base: Baseline, sides: tuple[Json, Json, Json], commit: str) -> Finding:
    """IMP005: a field that the registry changed by `commit`, and then back; what sheet, registry and that commit
    say."""
    new, now, between = (_format(value) for value in sides)
    exported, changed = short_id(base.commit), short_id(commit)
    return Finding(
        BOTH_SIDES,
        "error",
        Message(
            "{what}: the sheet says {new}, the registry says {now} as when it was exported (commit {exported}), but "
            "said {between} meanwhile (commit {changed})",
            what=what,
            new=new,
            now=now,
            exported=exported,
            between=between,
            changed=changed,
        ),
        where,
        _CHOOSE,
    )


def _lookup_fault(where: Location, heading: str, exported: Json) -> Finding:
    """IMP006: an edit of a value that is looked up from elsewhere."""
    was = _format(exported)
    return Finding(
        LOOKED_UP,
        "error",
        Message("{heading} is looked up here and cannot be edited", heading=heading),
        where,
        Message("put {was} back, and edit the field that it comes from", was=was),
    )


def _format(value: Json) -> Text:
    if value is None:
        return Message("nothing")
    return Message('"{value}"', value=value) if isinstance(value, str) else verbatim(str(value))
