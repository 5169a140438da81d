"""SQLite: a table per kind and per list, with keys, for SQL and for Datasette; `smartreg_about` holds the origin."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing

from smartreg.core.messages import verbatim
from smartreg.core.values import Json
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.database import StoredTable, database, is_key_held, quote_name, refuse_wide, store_table
from smartreg.exporters.origin import origin_in_rows
from smartreg.readers.exported import database_tables, has_layers, is_database, open_database
from smartreg.tables import ForeignKey
from smartreg.tables.table import CellType

ABOUT = "smartreg_about"
_TYPES: Mapping[CellType, str] = {
    "string": "TEXT",
    "date": "TEXT",
    "number": "REAL",
    "integer": "INTEGER",
    "boolean": "INTEGER",
}


def export(chosen: Chosen) -> Iterator[Written]:
    """One file. Columns have their short names; true and false are 1 and 0, dates are text. UsageFault for a table of
    more columns than SQLite takes."""
    for table in chosen.tables:
        refuse_wide(table.name, len(table.columns))
    tables = {table.name: store_table(table) for table in chosen.tables}

    def fill(base: sqlite3.Connection) -> None:
        base.execute(f"CREATE TABLE {quote_name(_free(ABOUT, tables))} (name TEXT PRIMARY KEY, value TEXT)")
        rows = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in chosen.origin.items()]
        base.executemany(f"INSERT INTO {quote_name(_free(ABOUT, tables))} VALUES (?, ?)", rows)
        for table in tables.values():
            _create(base, table, tables)
        for table in tables.values():
            _index(base, table)

    content = database(fill)
    rows = sum(len(table.rows) for table in tables.values() if table.table.main)
    note = verbatim(f"SQLite, {len(tables)} tables")
    yield Written("registry.sqlite", content, rows, note, main=True)


def _free(name: str, tables: Mapping[str, StoredTable]) -> str:
    while name.casefold() in {other.casefold() for other in tables}:
        name += "_"
    return name


def _create(base: sqlite3.Connection, table: StoredTable, tables: Mapping[str, StoredTable]) -> None:
    """Create the table with its rows. Its key is declared if it identifies the rows: two files may claim one id."""
    key = table.table.key
    lines = [f"{quote_name(name)} {_TYPES[word]}" for name, word in zip(table.names, table.types, strict=True)]
    if len({row[:key] for row in table.rows}) == len(table.rows):
        lines.append(f"PRIMARY KEY ({_list(table.names[:key])})")
    lines += [line for link in table.table.links for line in _foreign_key(link, table, tables)]
    base.execute(f"CREATE TABLE {quote_name(table.name)} (\n  " + ",\n  ".join(lines) + "\n)")
    marks = ", ".join("?" * len(table.names))
    base.executemany(f"INSERT INTO {quote_name(table.name)} VALUES ({marks})", table.rows)


def _foreign_key(link: ForeignKey, table: StoredTable, tables: Mapping[str, StoredTable]) -> Iterator[str]:
    there = tables.get(link.table)
    if there is not None and is_key_held(link, table, there):
        here = _list(_columns(link, table))
        keys = _list(there.names[: there.table.key])
        yield f"FOREIGN KEY ({here}) REFERENCES {quote_name(there.name)} ({keys})"


def _index(base: sqlite3.Connection, table: StoredTable) -> None:
    """An index on every reference that does not lead the key already."""
    for link in table.table.links:
        columns = _columns(link, table)
        if columns != table.names[: len(columns)]:
            name = quote_name("_".join(("idx", table.name, *columns)))
            base.execute(f"CREATE INDEX {name} ON {quote_name(table.name)} ({_list(columns)})")


def _columns(link: ForeignKey, table: StoredTable) -> tuple[str, ...]:
    names = dict(zip((column.name for column in table.table.columns), table.names, strict=True))
    return tuple(names[name] for name in link.columns)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(map(quote_name, names))


def _origin(_file: str, content: bytes) -> Json:
    try:
        with closing(open_database(content)) as base:
            names = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            about = min((name for name in names if name.startswith(ABOUT)), default=None)
            rows = base.execute(f"SELECT name, value FROM {quote_name(about)}").fetchall() if about else []
    except (sqlite3.Error, MemoryError):
        return None
    return origin_in_rows((str(name), str(value)) for name, value in rows)


FORMAT = Format(
    "sqlite",
    export,
    ".sqlite",
    single=True,
    binary=True,
    crs=True,
    lists=True,
    recognizes=lambda _file, content: is_database(content) and not has_layers(content),
    origin=_origin,
    compared="records",
    tables=database_tables,
)
