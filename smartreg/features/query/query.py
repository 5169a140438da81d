"""`query`: SQL that reads the registry in some state: a copy of its tables in memory, for one statement.

What SQL sees of the kinds: views in a schema of their own, one for each table of `export -f sqlite`, under the same
names and with the same columns; the names that schemas bring are those of views, never of tables.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.interrupts import unhidden_interrupt
from smartreg.core.messages import Language, Message, Text
from smartreg.core.parallel import can_be_ended, in_child
from smartreg.core.spelling import strip_accents
from smartreg.core.values import Json
from smartreg.exporters.database import COLUMNS, quote_name, sql_name, text
from smartreg.features.query.guard import FAULTS, STEPS, Guard, check_statement, fault_of, guard, plain, read_by
from smartreg.features.query.virtual_tables import VIRTUAL_TABLES, QueryContext
from smartreg.schema import Kind
from smartreg.tables import Column, Row, Tables, tables_of
from smartreg.tables.database import decode, is_odd
from smartreg.tables.layout import Selected, Shape, layout_of
from smartreg.tables.table import CellType, free
from smartreg.workspace.origin import source_of
from smartreg.workspace.workspace import Workspace

TYPES: Mapping[CellType, str] = {
    "string": "TEXT",
    "date": "TEXT",
    "number": "REAL",
    "integer": "INTEGER",
    "boolean": "INTEGER",
}


@dataclass(frozen=True)
class SqlTable:
    """A table or view: name, what it holds, its columns. One of `shape` has the columns of a table of a kind; one that
    `shows` another has its rows, those alone that have the values `only`; any other has the rows that `fill` gives."""

    name: str
    about: Text
    columns: tuple[Column, ...]
    shape: Shape | None = None
    shows: str = ""
    only: tuple[tuple[str, Json], ...] = ()
    fill: Callable[[], Iterator[Row]] | None = None


def sql_tables(context: QueryContext, tables: Tables) -> list[SqlTable]:
    """Every table, then the views. Kinds keep their names; other tables give way."""
    kinds = list(context.registry.schemas.kinds.values())
    shapes = [shape for kind in kinds for shape in tables.layout.of_kind(kind.name)]
    relations = [SqlTable(sql_name(each.table), each.table.title, each.table.columns, each) for each in shapes]
    taken = {table.name.casefold() for table in relations}
    for name, (about, columns, rows) in VIRTUAL_TABLES.items():
        relations.append(SqlTable(free(name, taken), about, columns, fill=partial(rows, context)))
    main = {each.shape.table.kind.name: each for each in relations if each.shape and each.shape.table.main}
    return [*relations, *(item for kind in kinds for item in _views(kind, main[kind.name], taken))]


def _views(kind: Kind, shown: SqlTable, taken: set[str]) -> Iterator[SqlTable]:
    """A kind by its other names, and its presets (sensors, gateways …)."""
    fields = {column.field.name: column.name for column in shown.columns if column.field}
    for name in dict.fromkeys((kind.name, kind.noun.replace("-", "_"))):
        if name.casefold() not in taken:
            yield SqlTable(free(name, taken), shown.about, shown.columns, shows=shown.name)
    for name, values in kind.presets.items():
        plural = f"{name.replace('-', '_')}s"
        if plural.casefold() not in taken and values.keys() <= fields.keys():
            only = tuple((fields[field], value) for field, value in values.items())
            yield SqlTable(free(plural, taken), shown.about, shown.columns, shows=shown.name, only=only)


def create_views(tables: Tables, relations: Sequence[SqlTable]) -> None:
    """Make the views, as the rows are that there are by now."""
    tables.base.create_function("text_of", 2, lambda value, kind: text(decode(kind, value)), deterministic=True)
    odd, wide = tables.odd(), {table.name for table in relations if len(table.columns) > COLUMNS}
    for table in relations:
        if table.fill is not None or table.name in wide or table.shows in wide:
            continue
        tables.base.execute(f"DROP VIEW IF EXISTS temp.{quote_name(table.name)}")
        tables.base.execute(f"CREATE TEMP VIEW {quote_name(table.name)} {_selection(table, odd)}")


def conditions(table: SqlTable) -> Iterator[str]:
    """The conditions, in SQL, that the rows of a view meet."""
    for name, value in table.only:
        word = str(int(value) if isinstance(value, bool) else value).replace("'", "''")
        yield f"{quote_name(name)} = '{word}'"


def _selection(table: SqlTable, odd: frozenset[tuple[str, str]]) -> str:
    if table.shape is None:
        return f"AS SELECT * FROM temp.{quote_name(table.shows)} WHERE {' AND '.join(conditions(table)) or '1'}"
    names = ", ".join(quote_name(column.name) for column in table.columns)
    pairs = zip(table.columns, table.shape.selected, strict=True)
    texts = ", ".join(_sql(column, selected, odd) for column, selected in pairs)
    return f"({names}) AS SELECT {texts} FROM {table.shape.source}"


def _sql(column: Column, selected: Selected, odd: frozenset[tuple[str, str]]) -> str:
    """The values as `export -f sqlite` has them: where one is not of the type of the column, all are text."""
    if is_odd(selected, odd):
        boolean = any(source.type == "boolean" for source in selected.sources)
        return f"CAST(text_of({selected.sql}, '{'boolean' if boolean else 'string'}') AS TEXT)"
    if column.type == "number":
        return f"CAST({selected.sql} AS REAL)"
    return selected.sql if selected.plain else f"CAST({selected.sql} AS TEXT)"


MOST = 1_000_000  # rows that one query may give
LARGEST = 256_000_000  # characters and bytes in them
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR)
SECONDS = 30  # that a query may take unless asked for more


@dataclass(frozen=True)
class Asking:
    """The state (a revision or date; None: the working tree), the day by which findings are judged, the language of
    labels and messages, how many rows are wanted (None: all), and for how many seconds SQL may run. The time counts
    from the first row that is looked for: filling tables may take long the first time that somebody asks for the
    history, and no SQL runs meanwhile."""

    at: str | None
    on: date
    lang: Language
    limit: int | None
    seconds: float = SECONDS


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
    text = check_statement(sql)
    context = _open_context(workspace, asking)
    tables = tables_of(context.registry)
    relations = sql_tables(context, tables)
    columns, rows = _ask(tables, relations, text, asking)
    if columns is None:
        raise UsageFault(Message("this SQL returns no rows"))
    if asking.limit is None and len(rows) > MOST:
        raise UsageFault(
            Message("the query returns more than {most} rows", most=MOST),
            Message("narrow it, or say how many: --limit"),
        )
    taken: set[str] = set()
    kept = rows if asking.limit is None else rows[: asking.limit]
    return Answer(
        tuple(free(column, taken) for column in columns),
        tuple(kept),
        len(rows) > len(kept),
        source_of(workspace, context.registry),
    )


class _Damaged(Exception):
    """The tables in the index cannot be read."""


def _ask(
    tables: Tables, relations: Sequence[SqlTable], sql: str, asking: Asking
) -> tuple[Sequence[str] | None, Sequence[tuple[Json, ...]]]:
    """The columns and rows of a statement, once the tables that it reads are filled."""
    while True:
        try:
            _prepare(tables, relations)
            _fill(tables, relations, read_by(tables.base, sql))
            with closing(tables.base) as base:
                return _run(base, sql, _columns(relations), asking)
        except (_Damaged, sqlite3.DatabaseError):
            if not tables.use_memory():
                raise


def _prepare(tables: Tables, relations: Sequence[SqlTable]) -> None:
    """Make what SQL sees, as the rows are that there are by now; the tables other than those of kinds without rows."""
    create_views(tables, relations)
    for table in relations:
        if table.fill is not None:
            parts = ", ".join(f"{quote_name(column.name)} {TYPES[column.type]}" for column in table.columns)
            tables.base.execute(f"CREATE TEMP TABLE {quote_name(table.name)} ({parts})")
    tables.base.create_function("fold", 1, _fold, deterministic=True)
    tables.base.create_aggregate("median", 1, Percentile)  # type: ignore[arg-type]
    tables.base.create_aggregate("percentile", 2, Percentile)  # type: ignore[arg-type]


_Rows: TypeAlias = list[tuple[Json, ...]]
_AT_ONCE = 1_000  # rows that are passed on together


def _run(
    base: sqlite3.Connection, sql: str, schema: Mapping[str, Sequence[str]], asking: Asking
) -> tuple[Sequence[str] | None, _Rows]:
    """The columns and rows of the statement; no columns for one that gives none. It runs in a process that can be
    ended: some functions of SQLite look at no clock for minutes (`instr` on long values)."""
    work = partial(_answers, base, sql, (asking.limit or MOST) + 1)
    columns, rows = None, []
    with unhidden_interrupt(), closing(_answers_in_time(base, work, asking.seconds)) as answers:
        try:
            for what, value in answers:
                if what == "columns":
                    columns = value
                elif what == "rows":
                    rows += value
                elif what == "damage":
                    raise _Damaged
                else:
                    error, seen = value[0], Guard(behind=value[1], refused=value[2])
                    raise fault_of(MemoryError() if error is None else sqlite3.Error(error), sql, seen, schema)
        except (TimeoutError, MemoryError) as fault:
            error = fault if isinstance(fault, MemoryError) else sqlite3.Error("interrupted")
            raise fault_of(error, sql, Guard(), schema) from None
    return columns, rows


_Part: TypeAlias = tuple[str, Any]
"""`columns` with their names (None for none), `rows`, `damage` of the index, or a `fault`: what SQLite says (None: too
much memory), and what its guard has seen."""


def _answers_in_time(
    base: sqlite3.Connection, work: Callable[[], Iterator[_Part]], seconds: float
) -> Generator[_Part, None, None]:
    if can_be_ended():
        yield from in_child(work, seconds)
        return
    end = time.monotonic() + seconds
    base.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    yield from work()


def _answers(base: sqlite3.Connection, sql: str, most: int) -> Iterator[_Part]:
    seen = guard(base)
    try:
        cursor = base.execute(sql)
        yield "columns", None if cursor.description is None else [name for name, *_ in cursor.description]
        size, left = 0, most
        while rows := cursor.fetchmany(min(_AT_ONCE, left)):
            size += sum(len(value) for row in rows for value in row if isinstance(value, (str, bytes)))
            if size > LARGEST:
                raise MemoryError
            yield "rows", [tuple(map(plain, row)) for row in rows]
            left -= len(rows)
    except FAULTS as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
            yield "damage", None
        yield "fault", (None if isinstance(error, MemoryError) else str(error), seen.behind, seen.refused)


def describe_tables(workspace: Workspace, asking: Asking) -> Answer:
    """The tables and views that there are, a row per column."""
    context = _open_context(workspace, asking)
    relations = sql_tables(context, Tables(layout_of(context.registry.schemas), lambda _kind: ()))
    rows = tuple(row for table in relations for row in _describe(table, asking.lang))
    return Answer(("table", "column", "type", "description"), rows, False, source_of(workspace, context.registry))


def _describe(table: SqlTable, lang: Language) -> Iterator[tuple[str, ...]]:
    if table.shows:
        tests = " AND ".join(conditions(table))
        yield (table.name, "*", "view", f"{table.shows} WHERE {tests}" if tests else table.shows)
        return
    for column in table.columns:
        title = column.field.title if column.field else column.description
        yield (table.name, column.name, TYPES[column.type].lower(), title.in_(lang))


def _open_context(workspace: Workspace, asking: Asking) -> QueryContext:
    registry = workspace.current if asking.at is None else workspace.registry(asking.at, use_current_schemas=True)

    def findings() -> Sequence[Finding]:
        return workspace.checker(registry, asking.on).check(registry, incremental=True).findings

    return QueryContext(workspace, registry, findings, asking.lang, asking.on)


def _columns(relations: Sequence[SqlTable]) -> dict[str, Sequence[str]]:
    return {table.name: [column.name for column in table.columns] for table in relations}


def _fill(tables: Tables, relations: Sequence[SqlTable], seen: Guard) -> None:
    """Have the rows of all that is read."""
    try:
        odd, base = tables.odd(), tables.base
        tables.need(each.shape.table.kind.name for each in relations if each.shape and each.shape.name in seen.read)
        if tables.base is not base:
            _prepare(tables, relations)
        elif tables.odd() != odd:
            create_views(tables, relations)
        for table in relations:
            if table.fill and table.name in seen.read:
                marks = ", ".join("?" * len(table.columns))
                tables.base.executemany(f"INSERT INTO temp.{quote_name(table.name)} VALUES ({marks})", table.fill())
        for each in relations:
            if seen.points and each.shape and each.shape.places and each.shape.name in seen.read:
                tables.load_places(each.shape.table.kind.name)
    except MemoryError:
        raise UsageFault(
            Message("the registry is too large for one query"),
            Message("read fewer tables, or: smartreg export -f sqlite"),
        ) from None


class Percentile:
    """`percentile(value, p)`, as that of SQLite's shell: the value below which `p` percent (0 to 100) of the numbers
    lie, between two of them in proportion; `median(value)` is that of 50. NULL and texts do not count."""

    def __init__(self) -> None:
        self._numbers: list[float] = []
        self._percent = 50.0

    def step(self, value: Json, percent: Json = 50) -> None:
        if not isinstance(percent, (int, float)) or not 0 <= percent <= 100:
            raise ValueError(percent)
        self._percent = percent
        if isinstance(value, (int, float)):
            self._numbers.append(value)

    def finalize(self) -> float | None:
        if not self._numbers:
            return None
        numbers, place = sorted(self._numbers), (len(self._numbers) - 1) * self._percent / 100
        low = int(place)
        high = min(low + 1, len(numbers) - 1)
        return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def _fold(value: Json) -> Json:
    """A text without accents, in lower case."""
    return strip_accents(value) if isinstance(value, str) else value
