"""Rows of records in SQLite, under a number for each record. A file is one record; if several files claim one id, the
first counts.

Values that do not fit their column, or are no text for SQLite, are stored as JSON in bytes; `odd` names their columns.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from smartreg.core.values import Json, Record
from smartreg.schema import Kind
from smartreg.tables.layout import Layout, Shape, StoredColumn
from smartreg.tables.table import CellType, Row

_AT_ONCE = 5_000  # records
_LARGEST = 2**63
_EXACT = 2**53  # from here on, not every integer is a number of SQLite
_SQL_TYPES: Mapping[CellType, str] = {"string": "TEXT", "date": "TEXT", "integer": "INTEGER", "boolean": "INTEGER"}
# Numbers have no type: an integer stays one.


def lay_out(base: sqlite3.Connection, layout: Layout) -> None:
    """Create the tables of all kinds, without rows."""
    base.execute("CREATE TABLE odd (owner TEXT, name TEXT, no INTEGER)")
    base.execute("CREATE TABLE state (file BLOB PRIMARY KEY, state TEXT, readable INTEGER) WITHOUT ROWID")
    for kind in layout.kinds:
        for shape in layout.of_kind(kind):
            for number, part in enumerate(shape.parts):
                names = ", ".join((*_head(shape, number), *map(_column, part)))
                if shape.table.main:
                    base.execute(f"CREATE TABLE {part[0].table} ({names})")
                else:
                    base.execute(f"CREATE TABLE {part[0].table} ({names}, PRIMARY KEY (no, n)) WITHOUT ROWID")
            if shape.table.main:
                base.execute(f"CREATE UNIQUE INDEX {shape.name}_by_id ON {shape.name} (c0, file)")


def insert(
    base: sqlite3.Connection, layout: Layout, kind: str, found: Iterable[tuple[str, str, Record | None]]
) -> None:
    """Store the rows of the records of a kind, with their files and states; None for a record that cannot be read."""
    waiting = iter(found)
    (last,) = base.execute(f"SELECT coalesce(max(no), 0) FROM {layout.of_kind(kind)[0].name}").fetchone()
    while some := list(islice(waiting, _AT_ONCE)):
        states = ((encode_path(file), state, record is not None) for file, state, record in some)
        base.executemany("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", states)
        numbered = list(enumerate((record for _, _, record in some if record is not None), last + 1))
        for shape in layout.of_kind(kind):
            _insert(base, shape, numbered)
        last += len(numbered)


def remove(base: sqlite3.Connection, layout: Layout, kind: str, id: str, file: str) -> None:
    """Remove the rows of a record."""
    query = f"SELECT no FROM {layout.of_kind(kind)[0].name} WHERE (c0, file) = (?, ?)"
    for (no,) in base.execute(query, (encode("string", id), encode_path(file))).fetchall():
        for table in (part[0].table for shape in layout.of_kind(kind) for part in shape.parts):
            base.execute(f"DELETE FROM {table} WHERE no = ?", (no,))
            base.execute("DELETE FROM odd WHERE owner = ? AND no = ?", (table, no))
    base.execute("DELETE FROM state WHERE file = ?", (encode_path(file),))


def encode_path(path: str) -> bytes:
    """Encode a path: it may hold what is no text for SQLite. The bytes sort as the characters do."""
    return path.encode("utf-8", "surrogatepass")


def decode_path(path: bytes) -> str:
    return path.decode("utf-8", "surrogatepass")


def encode(kind: CellType, value: Json) -> Json | bytes:
    """A value as stored in a column of this type."""
    if value is None:
        return None
    if kind == "string" or kind == "date":
        if isinstance(value, str) and (value.isascii() or _is_utf8(value)):
            return value
    elif kind == "boolean":
        if isinstance(value, bool):
            return int(value)
    elif type(value) is int:
        if abs(value) < (_LARGEST if kind == "integer" else _EXACT):
            return value
    elif type(value) is float and kind == "number":
        return value
    return json.dumps(value).encode()


def decode(kind: CellType, value: Json | bytes) -> Json:
    """Reverse `encode`."""
    if isinstance(value, bytes):
        found: Json = json.loads(value)
        return found
    return bool(value) if kind == "boolean" and value is not None else value


def _insert(base: sqlite3.Connection, shape: Shape, records: Sequence[tuple[int, Record]]) -> None:
    columns, kind, main = list(shape.columns), shape.table.kind, shape.table.main
    types = [column.type for column in columns]
    rows: list[tuple[Json | bytes, ...]] = []
    odd: list[tuple[str, str, int]] = []
    for no, record in records:
        for n, cells in enumerate(shape.cells_of(record)):
            stored = cells if main else cells[1:]
            row = [encode(each, cell) for each, cell in zip(types, stored, strict=True)]
            if bytes in map(type, row):
                some = [column for column, cell in zip(columns, row, strict=True) if isinstance(cell, bytes)]
                odd += [(column.table, column.name, no) for column in some]
            rows.append((no, *((encode_path(record.file), *place_of(kind, record)) if main else (n,)), *row))
    base.executemany("INSERT INTO odd VALUES (?, ?, ?)", odd)
    start = width = len(_head(shape, 0))
    for number, part in enumerate(shape.parts):
        head, end = len(_head(shape, number)), start + len(part)
        marks = ", ".join("?" * (head + len(part)))
        cut: Iterable[Row] = rows if len(shape.parts) == 1 else ((*row[:width][:head], *row[start:end]) for row in rows)
        base.executemany(f"INSERT INTO {part[0].table} VALUES ({marks})", cut)
        start = end


def place_of(kind: Kind, record: Record) -> tuple[float | None, float | None, str | None]:
    """Longitude and latitude of a record itself; or, as JSON, what it may be attached to, of which the first with a
    point counts: ids, and a point of its own after them."""
    hosts: list[Json] = []
    for name in kind.position:
        value = record.data.get(name)
        if isinstance(value, Mapping):
            lon, lat = value.get("lon"), value.get("lat")
            if _is_number(lon) and _is_number(lat):
                if not hosts:
                    return float(lon), float(lat), None  # type: ignore[arg-type]
                hosts.append([float(lon), float(lat)])  # type: ignore[arg-type]
                break
        elif isinstance(value, str) and (found := kind.by_path.get((name,))):
            hosts.append([value, *found.refs])
    return None, None, json.dumps(hosts) if hosts else None


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _head(shape: Shape, part: int) -> tuple[str, ...]:
    """The columns of a part that precede those of the layout."""
    if not shape.table.main:
        return ("no INTEGER", "n INTEGER")
    own = ("file BLOB", "lon REAL", "lat REAL", "hosts TEXT") if part == 0 else ()
    return ("no INTEGER PRIMARY KEY", *own)


def _column(column: StoredColumn) -> str:
    return f"{column.name} {_SQL_TYPES.get(column.type, '')}"
