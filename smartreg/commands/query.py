"""`query`: SQL that reads the registry in some state: a copy of its tables in memory, for one statement."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice

from smartreg.commands.origin import source_of
from smartreg.commands.query_beside import Known
from smartreg.commands.query_guard import FAULTS, Guard, check_statement, fault_of, guard, plain, read_by
from smartreg.commands.query_views import TYPES, SqlTable, conditions, create_tables, create_views, sql_tables
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.interrupts import unhidden_interrupt
from smartreg.core.slug import strip_accents
from smartreg.core.values import Json, Language, Words
from smartreg.exporters.database import quote_name
from smartreg.tables import Tables, tables_of
from smartreg.tables.layout import Layout
from smartreg.tables.table import free

MOST = 1_000_000  # rows that one query may give
LARGEST = 256_000_000  # characters and bytes in them
SECONDS = 30  # that a query may take unless asked for more


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


def time_limit(seconds: int) -> Callable[[], bool]:
    """Tells whether the time is up. It runs from the first question on: while tables are filled, which may take long
    the first time that somebody asks for the history, no SQL runs."""
    begin = cache(time.monotonic)
    return lambda: time.monotonic() > begin() + seconds


def query(workspace: Workspace, sql: str, asking: Asking) -> Answer:
    """Run one SELECT. UsageFault for anything else, for SQL that does not fit, and for what takes too long, too much
    memory or gives too many rows."""
    text = check_statement(sql)
    known = _load_known(workspace, asking)
    tables = tables_of(known.registry)
    found = sql_tables(known, tables)
    create_views(tables, found)
    create_tables(tables, found)
    tables.base.create_function("fold", 1, _fold, deterministic=True)
    with closing(tables.base) as base:
        _fill(tables, found, read_by(base, text))
        seen = guard(base, asking.expired)
        try:
            with unhidden_interrupt():
                cursor = base.execute(text)
                columns, rows = cursor.description, _rows(cursor, (asking.limit or MOST) + 1)
        except FAULTS as error:
            raise fault_of(error, text, seen, _columns(found)) from None
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


def describe_tables(workspace: Workspace, asking: Asking) -> Answer:
    """The tables and views that there are, a row per column."""
    known = _load_known(workspace, asking)
    found = sql_tables(known, Tables(Layout(known.registry.schemas), lambda _kind: ()))
    rows = tuple(row for table in found for row in _describe(table, asking.lang))
    return Answer(("table", "column", "type", "description"), rows, False, source_of(workspace, known.registry))


def _describe(table: SqlTable, lang: Language) -> Iterator[tuple[str, ...]]:
    if table.shows:
        tests = " AND ".join(conditions(table))
        yield (table.name, "*", "view", f"{table.shows} WHERE {tests}" if tests else table.shows)
        return
    for column in table.columns:
        title = column.field.title if column.field else column.description
        yield (table.name, column.name, TYPES[column.type].lower(), title.in_(lang))


def _load_known(workspace: Workspace, asking: Asking) -> Known:
    registry = workspace.current if asking.at is None else workspace.registry(asking.at, lend=True)

    def findings() -> Sequence[Finding]:
        return workspace.checker(registry, asking.on).check(registry, incremental=True).findings

    return Known(workspace, registry, findings, asking.lang)


def _columns(found: Sequence[SqlTable]) -> dict[str, Sequence[str]]:
    return {table.name: [column.name for column in table.columns] for table in found}


def _fill(tables: Tables, found: Sequence[SqlTable], seen: Guard) -> None:
    """Have the rows of all that is read."""
    try:
        odd = tables.odd()
        tables.need(each.shape.table.kind.name for each in found if each.shape and each.shape.name in seen.read)
        if tables.odd() != odd:
            create_views(tables, found)
        for table in found:
            if table.fill and table.name in seen.read:
                marks = ", ".join("?" * len(table.columns))
                tables.base.executemany(f"INSERT INTO temp.{quote_name(table.name)} VALUES ({marks})", table.fill())
        for each in found:
            if each.shape and each.shape.name in seen.read and each.shape.places & seen.columns:
                tables.load_places(each.shape.table.kind.name)
    except MemoryError:
        raise UsageFault(
            Words("the registry is too large for one query", "le registre est trop grand pour une requête"),
            Words(
                "read fewer tables, or: smartreg export -f sqlite",
                "lisez moins de tables, ou : smartreg export -f sqlite",
            ),
        ) from None


def _fold(value: Json) -> Json:
    """A text without accents, in lower case."""
    return strip_accents(value) if isinstance(value, str) else value
