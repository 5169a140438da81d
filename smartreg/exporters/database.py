"""SQLite files whose bytes depend only on their content, and the SQL of tables."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from smartreg.core.errors import UsageFault
from smartreg.core.escape import encodable
from smartreg.core.messages import Message
from smartreg.core.values import Json
from smartreg.exporters.mapped_fields import day
from smartreg.tables import Column, ForeignKey, Table
from smartreg.tables.table import CellType, free

PAGE = 4096
COLUMNS = 2000  # that SQLite takes in a table
RESERVED = ("sqlite_", "gpkg_", "rtree_")  # what no table of ours may be called
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LARGEST = 2**63
# Where the header of a file holds how often and by which SQLite it was written (sqlite.org/fileformat, 1.3).
_COUNTERS, _LIBRARY = (24, 92), 96
_LIBRARY_VERSION = 3_040_000  # any: it is what SQLite notes for people who look for faults of its own


def database(fill: Callable[[sqlite3.Connection], None], application: int = 0, version: int = 0) -> bytes:
    """The bytes of a database that `fill` fills in one transaction; the two numbers identify its format."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as base:
        base.execute(f"PRAGMA page_size = {PAGE}")
        base.execute("PRAGMA encoding = 'UTF-8'")
        base.execute(f"PRAGMA application_id = {application}")
        base.execute(f"PRAGMA user_version = {version}")
        base.execute("BEGIN")
        fill(base)
        base.execute("COMMIT")
        content = bytearray(base.serialize())
    for place in _COUNTERS:
        content[place : place + 4] = (1).to_bytes(4, "big")
    content[_LIBRARY : _LIBRARY + 4] = _LIBRARY_VERSION.to_bytes(4, "big")
    return bytes(content)


def quote_name(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def cell(value: Json) -> Json:
    """A value as SQLite stores it; a value without a type there (object, list, huge number) as text."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return str(value)
    if isinstance(value, str):
        return encodable(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


@dataclass(frozen=True)
class StoredTable:
    """A table as it is stored: names that SQLite takes, the type common to all values of a column, the rows. A column
    with a value of another type than its schema says is text: a registry may hold faults."""

    table: Table
    name: str
    names: tuple[str, ...]
    types: tuple[CellType, ...]
    rows: Sequence[tuple[Json, ...]]


def store_table(table: Table) -> StoredTable:
    """The rows and types of a table."""
    rows = list(table.rows())
    used: set[str] = set()
    names = tuple(free(column.name, used) for column in table.columns)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(table.columns)
    types = tuple(_type(column, values) for column, values in zip(table.columns, columns, strict=True))
    kept = [map(text if word == "string" else cell, values) for word, values in zip(types, columns, strict=True)]
    return StoredTable(table, sql_name(table), names, types, list(zip(*kept, strict=True)))


def typed_columns(stored: StoredTable) -> Iterator[tuple[CellType, Sequence[Json]]]:
    """The type and the values of each column, for engines that know dates and booleans: a column of dates is text if
    one is no day of the calendar."""
    for place, word in enumerate(stored.types):
        values: list[Json] = [row[place] for row in stored.rows]
        if word == "boolean":
            values = [None if value is None else bool(value) for value in values]
        elif word == "date" and any(value is not None and day(value) is None for value in values):
            word = "string"
        yield word, values


def sql_name(table: Table) -> str:
    """The name of a table in SQL."""
    return f"t_{table.name}" if table.name.lower().startswith(RESERVED) else table.name


def refuse_wide(name: str, columns: int) -> None:
    """UsageFault for more columns than SQLite takes."""
    if columns > COLUMNS:
        raise UsageFault(
            Message(
                "{name} has {columns} columns; SQLite takes {columns2} at most",
                name=name,
                columns=columns,
                columns2=COLUMNS,
            ),
            Message("use smartreg export -f csv, or smartreg list"),
        )


def text(value: Json) -> str | None:
    """A value in a column of texts."""
    kept = cell(value)
    return kept if kept is None else str(kept)


def _type(column: Column, values: Iterable[Json]) -> CellType:
    fits = _FITS[column.type]
    return column.type if all(value is None or fits(value) for value in values) else "string"


_FITS: dict[CellType, Callable[[Json], bool]] = {
    "string": lambda value: isinstance(value, str),
    "date": lambda value: isinstance(value, str) and _DATE.fullmatch(value) is not None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int and -_LARGEST <= value < _LARGEST,
    "number": lambda value: type(value) is float or (type(value) is int and abs(value) < 2**53),
}


def is_key_held(link: ForeignKey, here: StoredTable, there: StoredTable) -> bool:
    """Whether every value of a link is a key of the other table: only then is it a foreign key, also for SQLite."""
    places = [index for index, column in enumerate(here.table.columns) if column.name in link.columns]
    keys = {row[: there.table.key] for row in there.rows}
    values = (tuple([row[place] for place in places]) for row in here.rows)
    return len(keys) == len(there.rows) and all(None in value or value in keys for value in values)
