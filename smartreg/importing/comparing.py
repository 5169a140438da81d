"""Compare a table in a file with the one that the registry exports, cell by cell, by row and column of the file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from smartreg.core.escape import cell_text, encodable
from smartreg.core.spelling import day_in
from smartreg.core.values import Json
from smartreg.importing.values import DECIMALS, number_in
from smartreg.readers.sheet import GridRow, SheetGrid, short_name
from smartreg.tables import Table

What: TypeAlias = Literal[
    "cell",
    "row missing",
    "row added",
    "column missing",
    "column added",
    "table missing",
    "table added",
    "origin",
    "content",
]
TRUE, FALSE = {"true", "vrai", "1", "1.0"}, {"false", "faux", "0", "0.0"}


@dataclass(frozen=True)
class Difference:
    """One difference: in which table, in which row of the file (None: it is not in the file), of which record or item
    (its key), under which heading; what the registry said (`exported`) and what the file says (`present`)."""

    what: What
    table: str
    row: int | None = None
    key: str = ""
    column: str = ""
    exported: str | None = None
    present: str | None = None


class RecordedTable(NamedTuple):
    """One table as the registry exported it: the names that each column may bear (the first is shown), rows, of which
    the first `key` cells tell them apart; and whether a cell of the file says a value."""

    name: str
    columns: Sequence[Sequence[str]]
    rows: Sequence[Sequence[Json]]
    key: int
    says: Callable[[Json, Json], bool]


def table_as_shown(table: Table) -> RecordedTable:
    """A table of the registry as CSV and workbooks show it."""
    columns = [(column.heading.in_("en"), column.heading.in_("fr"), column.name) for column in table.columns]
    return RecordedTable(table.name, columns, [tuple(row) for row in table.rows()], table.key, says)


def table_of_file(grid: SheetGrid, key: int) -> RecordedTable:
    """A table of a file that was made again."""
    columns = [(name,) for name in grid.headings]
    return RecordedTable(grid.name, columns, [row.cells for row in grid.rows], key, lambda cell, value: cell == value)


def says(cell: Json, value: Json) -> bool:
    """Whether a cell of a sheet says a value, however a spreadsheet has written it: `4,98747`, `11/03/2024`, `VRAI`."""
    text = "" if cell is None else str(cell).replace("\r\n", "\n").replace("\r", "\n")
    if value is None:
        return not text
    if isinstance(value, bool):
        return text.casefold() in (TRUE if value else FALSE)
    if isinstance(value, (int, float)):
        number = cell if isinstance(cell, (int, float)) and not isinstance(cell, bool) else number_in(text)
        return number is not None and round(number, DECIMALS) == round(value, DECIMALS)
    text_of_value = encodable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    text_of_value = text_of_value.replace("\r\n", "\n").replace("\r", "\n")
    return text in (text_of_value, cell_text(text_of_value)) or (
        len(text_of_value) == 10 and day_in(text) == text_of_value
    )


def differences(present: SheetGrid, recorded: RecordedTable) -> Iterator[Difference]:
    """Every difference, in the order of the file; then what is missing in it."""
    places = _places(present, recorded)
    for place, names in enumerate(recorded.columns):
        if place not in places:
            yield Difference("column missing", recorded.name, column=names[0])
    for index, heading in enumerate(present.headings):
        if index not in places.values() and any(index < len(row.cells) and row.cells[index] for row in present.rows):
            yield Difference("column added", recorded.name, column=heading)
    if any(place not in places for place in range(recorded.key)):
        return  # nothing tells the rows apart
    recorded_rows = _index_by_key([tuple(map(_key_text, row[: recorded.key])) for row in recorded.rows])
    keys = [tuple(_key_text(_cell(row, places[at])) for at in range(recorded.key)) for row in present.rows]
    present_rows = _index_by_key(keys)
    for key, index in present_rows.items():
        row = present.rows[index]
        if key in recorded_rows:
            yield from _cells(recorded, present, places, (row, recorded.rows[recorded_rows[key]]))
        else:
            yield Difference("row added", recorded.name, row.number, " ".join(key[0]))
    for key in recorded_rows.keys() - present_rows.keys():
        yield Difference("row missing", recorded.name, key=" ".join(key[0]))


def _places(present: SheetGrid, recorded: RecordedTable) -> Mapping[int, int]:
    """Column of the registry → column of the file."""
    for test in (lambda name: name, lambda name: short_name(name).casefold()):
        headings = {test(heading): index for index, heading in reversed(list(enumerate(present.headings)))}
        places = {
            place: headings[test(name)]
            for place, names in enumerate(recorded.columns)
            for name in reversed([*names, *map(cell_text, names)])
            if test(name) in headings
        }
        if len(places) == len(recorded.columns):
            break
    return places


def _index_by_key(keys: Sequence[tuple[str, ...]]) -> dict[tuple[tuple[str, ...], int], int]:
    """Index by key; several rows of one key are numbered."""
    met: Counter[tuple[str, ...]] = Counter()
    indexes = {}
    for index, key in enumerate(keys):
        indexes[key, met[key]] = index
        met[key] += 1
    return indexes


def _key_text(value: Json) -> str:
    text = "" if value is None else str(value)
    return text[1:] if text.startswith("'") else text


def _cells(
    recorded: RecordedTable, present: SheetGrid, places: Mapping[int, int], pair: tuple[GridRow, Sequence[Json]]
) -> Iterator[Difference]:
    row, values = pair
    key = " ".join(_key_text(value) for value in values[: recorded.key])
    for place, index in places.items():
        cell = _cell(row, index)
        if not recorded.says(cell, values[place]):
            sides = (_format(values[place]), _format(cell))
            yield Difference("cell", recorded.name, row.number, key, present.headings[index], *sides)


def _cell(row: GridRow, index: int) -> Json:
    return row.cells[index] if index < len(row.cells) else None


def _format(value: Json) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
