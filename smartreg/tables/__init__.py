"""The registry as tables: one per kind, one per list field (never a list in a cell). Exporters write them.

Columns come from the schemas. Derived columns: the name of a party next to its id; point, commune, type and owner of
what a record is attached to. Rows are sorted by id; cells hold JSON scalars, or None if there is no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.tables.current import tables_of
from smartreg.tables.database import Tables
from smartreg.tables.layout import Shape
from smartreg.tables.table import CellType, Column, ForeignKey, Row, Table, table_name
from smartreg.tables.view import Readable, View

__all__ = [
    "CellType",
    "Column",
    "ForeignKey",
    "Readable",
    "Row",
    "Table",
    "Tables",
    "View",
    "table_name",
    "tables",
    "tables_of",
]


def tables(source: Registry | View, kinds: Sequence[Kind]) -> list[Table]:
    """The tables of these kinds, each followed by those of its lists; rows are selected on demand."""
    stored = source.tables if isinstance(source, View) else tables_of(source)
    shapes = (shape for kind in kinds for shape in stored.layout.of_kind(kind.name))
    return [replace(shape.table, make=partial(_requested_rows, stored, shape, source)) for shape in shapes]


def _requested_rows(stored: Tables, shape: Shape, source: Registry | View) -> Iterator[Row]:
    if not isinstance(source, View) or source.requested is None:
        return stored.rows(shape)
    return stored.rows(shape, [record.file for record in source.of_kind(shape.table.kind.name)])
