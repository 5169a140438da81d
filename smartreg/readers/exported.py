"""The tables of an exported file of records, or database, in a form in which two of them can be compared."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, message_in
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json, Mark
from smartreg.readers.isolated import point_of
from smartreg.readers.sheet import GridRow, SheetGrid
from smartreg.readers.workbook import MAX_BLOCK

_WGS84 = (4326).to_bytes(4, "little")
_NOISE = 1e-6  # degrees: exports write six decimals
_DEEPEST = 64  # levels of objects and lists in a record


def record_tables(
    form: str,
    items: Callable[[Any], Iterator[tuple[str, str, Json]]],
    file: str,
    content: bytes,
    *,
    lines: bool = False,
) -> list[SheetGrid]:
    """The records of a JSON document, or of each of its `lines`, as tables: the id, then a column for every place where
    some record has a value, which is JSON. `items` gives the kind (or layer), id and data of each record of a document
    in the format `form`. UsageFault when it cannot be read."""
    try:
        texts = content.splitlines() if lines else [content]
        documents = [_document(file, text, number) for number, text in enumerate(texts, 1)]
        return _records([item for document in documents if document is not None for item in items(document)])
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        raise UsageFault(
            Message("{file} is no {form} of smartreg", file=file, form=form),
            Message("export it again"),
        ) from None


def _document(file: str, line: bytes, number: int) -> Json:
    """The value of a line, None for an empty one; UsageFault with the place of the fault."""
    if not line.strip():
        return None
    try:
        return read_json(line)
    except Unreadable as fault:
        mark = fault.mark and Mark(fault.mark.line + number - 1, fault.mark.column)
        raise UsageFault(Unreadable(fault.words, mark).in_file(file)) from None


def _records(items: list[tuple[str, str, Json]]) -> list[SheetGrid]:
    flat = [(kind, id, _flat(data)) for kind, id, data in items]
    grids = []
    for kind in dict.fromkeys(kind for kind, _, _ in flat):
        items_of_kind = [(id, values) for name, id, values in flat if name == kind]
        places = list(dict.fromkeys(place for _, values in items_of_kind for place in values))
        rows = (
            GridRow(number, (id, *(values.get(place) for place in places)))
            for number, (id, values) in enumerate(items_of_kind, 1)
        )
        grids.append(SheetGrid(kind, ("id", *places), tuple(rows)))
    return grids


def _flat(data: Json) -> dict[str, str]:
    pairs = list(_places(data, ""))
    values = dict(pairs)
    if len(values) < len(pairs):  # a name with a dot or a bracket in it looks like a place within another
        raise ValueError(data)
    return values


def _places(value: Json, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every plain value, and every empty object or list, with its place."""
    if depth > _DEEPEST:
        raise ValueError(path)
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _places(inner, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _places(inner, f"{path}[{index}]", depth + 1)
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def layers_in(file: str, content: bytes) -> list[SheetGrid]:
    """The tables of a GeoPackage or SQLite file. Where the shape of a layer in WGS 84 lies elsewhere than its columns
    of longitude and latitude say, these show it."""
    with closing(open_database(content)) as base:
        try:
            shapes = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
        except sqlite3.Error:  # SQLite without shapes
            shapes = {}
    grids = database_tables(file, content, numbered=bool(shapes))
    return [_with_points(grid) if shapes.get(grid.name) in grid.headings else grid for grid in grids]


def _with_points(grid: SheetGrid) -> SheetGrid:
    """The layer without its shapes, which are its last column."""
    axes = [grid.headings.index(name) for name in ("lon", "lat") if name in grid.headings]
    rows = []
    for number, cells in grid.rows:
        shape, kept = bytes.fromhex(str(cells[-1] or "")), list(cells[:-1])
        is_wgs84_point = shape[:2] == b"GP" and shape[4:8] == _WGS84 and shape[3] & 0b1110 == 0
        point = point_of(shape[8:]) if is_wgs84_point else None
        if len(axes) == 2 and isinstance(point, list):
            columns = [kept[place] for place in axes]
            kept[axes[0]], kept[axes[1]] = (
                value if not isinstance(old, float) or abs(value - old) > _NOISE else old
                for value, old in zip(point, columns, strict=True)
            )
        rows.append(GridRow(number, tuple(kept)))
    return SheetGrid(grid.name, grid.headings[:-1], tuple(rows))


def is_database(content: bytes) -> bool:
    """Whether this is a SQLite file."""
    return content.startswith(b"SQLite format 3\0")


def has_layers(content: bytes) -> bool:
    """Whether a SQLite file says that it is a GeoPackage."""
    return content[68:72] == b"GPKG"


def tables_of_layers(file: str, content: bytes) -> list[SheetGrid]:
    """The tables of a GeoPackage, as `database_tables`."""
    return database_tables(file, content, numbered=True)


def database_tables(file: str, content: bytes, *, numbered: bool = False) -> list[SheetGrid]:
    """The tables of a database; in a GeoPackage without the numbers of rows that it wants, shapes last."""
    try:
        with closing(open_database(content)) as base:
            sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
            names = [str(name) for (name,) in base.execute(sql).fetchall()]
            grids = [_table(file, base, name) for name in names if not name.startswith(("gpkg_", "smartreg_about"))]
            sql = "SELECT table_name, column_name FROM gpkg_geometry_columns"
            shapes = dict(base.execute(sql).fetchall()) if numbered else {}
            return [_strip_numbers(grid, shapes.get(grid.name)) for grid in grids] if numbered else grids
    except (sqlite3.Error, MemoryError):
        raise UsageFault(
            Message("{file} is not a readable database", file=file),
            message_in("exported", "export it again"),
        ) from None


def _table(file: str, base: sqlite3.Connection, name: str) -> SheetGrid:
    quoted = name.replace('"', '""')
    cursor = base.execute(f'SELECT * FROM "{quoted}"')
    headings = tuple(column[0] for column in cursor.description)
    rows = []
    for number, row in enumerate(cursor, 1):
        if number * len(headings) > MAX_BLOCK:
            raise UsageFault(Message("{file} is too large to compare", file=file))
        rows.append(GridRow(number, tuple(cell.hex() if isinstance(cell, bytes) else cell for cell in row)))
    return SheetGrid(name, headings, tuple(rows))


def _strip_numbers(grid: SheetGrid, shape: str | None) -> SheetGrid:
    order = list(range(1, len(grid.headings)))
    if shape in grid.headings[1:]:
        place = grid.headings.index(shape)
        order = [*(index for index in order if index != place), place]
    rows = (GridRow(row.number, tuple(row.cells[index] for index in order)) for row in grid.rows)
    return SheetGrid(grid.name, tuple(grid.headings[index] for index in order), tuple(rows))


def open_database(content: bytes) -> sqlite3.Connection:
    """A database in memory that holds what a file holds, and trusts nothing in it."""
    base = sqlite3.connect(":memory:", isolation_level=None)
    base.deserialize(content)
    base.execute("PRAGMA trusted_schema = OFF")
    base.execute("PRAGMA cell_size_check = ON")
    base.execute("PRAGMA query_only = ON")
    base.text_factory = lambda text: text.decode("utf-8", "replace")
    return base
