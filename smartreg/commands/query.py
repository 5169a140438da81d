"""`query`: SQL that reads the registry in some state; a database in memory, made for the one statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from itertools import islice

from smartreg.commands.origin import source_of
from smartreg.commands.query_guard import FAULTS, fault_of, guard, judged, plain
from smartreg.commands.query_tables import Known, SqlTable, sql_tables
from smartreg.errors import UsageFault
from smartreg.exporters.database import quoted
from smartreg.frozen import dataclass
from smartreg.interrupts import unhidden_interrupt
from smartreg.tables.table import CellType, free
from smartreg.values import Json, Language, Words
from smartreg.verdicts import judge
from smartreg.workspace import Workspace

MOST = 1_000_000  # rows that one query may give
LARGEST = 256_000_000  # characters and bytes in them
TYPES: Mapping[CellType, str] = {
    "string": "TEXT",
    "date": "TEXT",
    "number": "REAL",
    "integer": "INTEGER",
    "boolean": "INTEGER",
}


@dataclass(frozen=True)
class Asking:
    """The state (a revision or date; None: the working tree), the day by which findings are judged, the language of
    labels and messages, how many rows are wanted (None: all), and whether the time is up."""

    at: str | None
    on: date
    lang: Language
    limit: int | None
    expired: Callable[[], bool]


@dataclass(frozen=True)
class Answer:
    """Columns (names of their own) and rows; `more`: there are further rows. `source`: where the data is from."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    more: bool
    source: Mapping[str, Json]


def query(workspace: Workspace, sql: str, asking: Asking) -> Answer:
    """Run one SELECT. UsageFault for anything else, for SQL that does not fit, and for what takes too long, too much
    memory or gives too many rows."""
    text = judged(sql)
    known = _known(workspace, asking)
    tables = sql_tables(known)
    needed = _read_by(text, tables, asking)
    with closing(_filled(tables, needed)) as base:
        seen = guard(base, asking.expired)
        try:
            with unhidden_interrupt():
                cursor = base.execute(text)
                columns, rows = cursor.description, _rows(cursor, (asking.limit or MOST) + 1)
        except FAULTS as error:
            raise fault_of(error, text, seen, _columns(tables)) from None
    if columns is None:
        raise UsageFault(Words("this SQL gives no rows", "ce SQL ne donne pas de lignes"))
    if asking.limit is None and len(rows) > MOST:
        raise UsageFault(
            Words(f"the query gives more than {MOST} rows", f"la requête donne plus de {MOST} lignes"),
            Words("narrow it, or say how many: --limit", "restreignez-la, ou dites combien : --limit"),
        )
    taken: set[str] = set()
    kept = rows if asking.limit is None else rows[: asking.limit]
    return Answer(
        tuple(free(column[0], taken) for column in columns),
        tuple(tuple(map(plain, row)) for row in kept),
        len(rows) > len(kept),
        source_of(workspace, known.registry),
    )


def _rows(cursor: sqlite3.Cursor, most: int) -> list[tuple[Json, ...]]:
    rows, size = [], 0
    for row in islice(cursor, most):
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if size > LARGEST:
            raise MemoryError
        rows.append(row)
    return rows


def described(workspace: Workspace, asking: Asking) -> Answer:
    """The tables and views that there are, a row per column."""
    known = _known(workspace, asking)
    rows = tuple(row for table in sql_tables(known) for row in _described(table, asking.lang))
    return Answer(("table", "column", "type", "description"), rows, False, source_of(workspace, known.registry))


def _described(table: SqlTable, lang: Language) -> Iterator[tuple[str, ...]]:
    if table.shows:
        tests = " AND ".join(_tests(table))
        yield (table.name, "*", "view", f"{table.shows} WHERE {tests}" if tests else table.shows)
        return
    for column in table.columns:
        title = column.field.title if column.field else column.description
        yield (table.name, column.name, TYPES[column.type].lower(), title.in_(lang))


def _known(workspace: Workspace, asking: Asking) -> Known:
    registry = workspace.current if asking.at is None else workspace.registry(asking.at)
    return Known(
        workspace, registry, lambda: judge(workspace.checker(registry, asking.on), registry).findings, asking.lang
    )


def _columns(tables: Sequence[SqlTable]) -> dict[str, Sequence[str]]:
    return {table.name: [column.name for column in table.columns] for table in tables}


def _read_by(sql: str, tables: Sequence[SqlTable], asking: Asking) -> Collection[str]:
    """The tables that a statement reads, found out by preparing it on empty ones."""
    with closing(_database(tables, ())) as base:
        seen = guard(base, asking.expired)
        try:
            with unhidden_interrupt():
                base.execute(sql)
        except FAULTS as error:
            raise fault_of(error, sql, seen, _columns(tables)) from None
    return seen.read


def _filled(tables: Sequence[SqlTable], needed: Collection[str]) -> sqlite3.Connection:
    try:
        return _database(tables, needed)
    except MemoryError:
        raise UsageFault(
            Words("the registry is too large for one query", "le registre est trop grand pour une requête"),
            Words(
                "read fewer tables, or: smartreg export -f sqlite",
                "lisez moins de tables, ou : smartreg export -f sqlite",
            ),
        ) from None


def _database(tables: Sequence[SqlTable], needed: Collection[str]) -> sqlite3.Connection:
    """All tables and views, those that are `needed` with their rows."""
    base = sqlite3.connect(":memory:", isolation_level=None)
    base.execute("BEGIN")
    for table in tables:
        base.execute(_view(table)) if table.shows else _create(base, table, table.name in needed)
    base.execute("COMMIT")
    return base


def _create(base: sqlite3.Connection, table: SqlTable, filled: bool) -> None:
    found = table.fill() if filled and table.fill else None
    types = found.types if found else tuple(column.type for column in table.columns)
    names = [column.name for column in table.columns]
    parts = ", ".join(f"{quoted(name)} {TYPES[word]}" for name, word in zip(names, types, strict=True))
    base.execute(f"CREATE TABLE {quoted(table.name)} ({parts})")
    if found:
        base.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({', '.join('?' * len(names))})", found.rows)


def _view(table: SqlTable) -> str:
    tests = " AND ".join(_tests(table)) or "1"
    return f"CREATE VIEW {quoted(table.name)} AS SELECT * FROM {quoted(table.shows)} WHERE {tests}"


def _tests(table: SqlTable) -> Iterator[str]:
    for name, value in table.only:
        text = str(int(value) if isinstance(value, bool) else value).replace("'", "''")
        yield f"{quoted(name)} = '{text}'"
