"""What SQL sees of the kinds: views in a schema of their own, one for each table of `export -f sqlite`, under the same
names and with the same columns; the names that schemas bring are those of views, never of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from smartreg.commands.query_beside import BESIDE, Known
from smartreg.core.values import Json, Words
from smartreg.exporters.database import COLUMNS, quote_name, sql_name, text
from smartreg.schema import Kind
from smartreg.tables import Column, Row, Tables
from smartreg.tables.database import is_odd
from smartreg.tables.layout import Selected, Shape
from smartreg.tables.store import decode
from smartreg.tables.table import CellType, free

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
    about: Words
    columns: tuple[Column, ...]
    shape: Shape | None = None
    shows: str = ""
    only: tuple[tuple[str, Json], ...] = ()
    fill: Callable[[], Iterator[Row]] | None = None

    @property
    def too_wide(self) -> bool:
        """Whether SQLite takes fewer columns."""
        return len(self.columns) > COLUMNS


def sql_tables(known: Known, tables: Tables) -> list[SqlTable]:
    """Every table, then the views. Kinds keep their names; what stands beside them gives way."""
    kinds = list(known.registry.schemas.kinds.values())
    shapes = [shape for kind in kinds for shape in tables.layout.of_kind(kind.name)]
    found = [SqlTable(sql_name(each.table), each.table.title, each.table.columns, each) for each in shapes]
    taken = {table.name.casefold() for table in found}
    for name, (about, columns, rows) in BESIDE.items():
        found.append(SqlTable(free(name, taken), about, columns, fill=partial(rows, known)))
    main = {each.shape.table.kind.name: each for each in found if each.shape and each.shape.table.main}
    return [*found, *(item for kind in kinds for item in _views(kind, main[kind.name], taken))]


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


def create_views(tables: Tables, found: Sequence[SqlTable]) -> None:
    """Make the views, as the rows are that there are by now."""
    tables.base.create_function("text_of", 2, lambda value, kind: text(decode(kind, value)), deterministic=True)
    odd, wide = tables.odd(), {table.name for table in found if table.too_wide}
    for table in found:
        if table.fill is not None or table.name in wide or table.shows in wide:
            continue
        tables.base.execute(f"DROP VIEW IF EXISTS temp.{quote_name(table.name)}")
        tables.base.execute(f"CREATE TEMP VIEW {quote_name(table.name)} {_selection(table, odd)}")


def create_tables(tables: Tables, found: Sequence[SqlTable]) -> None:
    """Make the tables beside the kinds, without rows."""
    for table in found:
        if table.fill is not None:
            parts = ", ".join(f"{quote_name(column.name)} {TYPES[column.type]}" for column in table.columns)
            tables.base.execute(f"CREATE TEMP TABLE {quote_name(table.name)} ({parts})")


def conditions(table: SqlTable) -> Iterator[str]:
    """What holds of the rows of a view."""
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
