"""The registry as tables: one per kind, one per list field (never a list in a cell). Exporters write them.

Columns come from the schemas. Derived ones: the name beside the id of a party; point, commune, type and owner of what a
record hangs on. Rows are sorted by id; cells hold JSON scalars, or None where there is no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import TypeAlias

from smartreg.frozen import replace
from smartreg.schema import ITEM, FieldPath, Kind
from smartreg.tables.lists import inner_tables
from smartreg.tables.records import record_table
from smartreg.tables.table import CellType, Column, Link, Row, Table, free, table_name
from smartreg.tables.view import Readable, View

__all__ = ["CellType", "Column", "Link", "Readable", "Row", "Table", "View", "table_name", "tables"]

Names: TypeAlias = Mapping[tuple[str, FieldPath], str]


def tables(registry: Readable, kinds: Sequence[Kind]) -> list[Table]:
    """The tables of these kinds, each followed by those of its lists. No two tables of a registry bear one name, and
    the name of a table does not depend on which others are asked for."""
    every = registry.schemas.kinds.values()
    records = cache(lambda name: tuple(registry.of_kind(name)))  # each kind is asked for once per list
    read = {kind.name: partial(records, kind.name) for kind in every}
    found = [record_table(registry, kind, read[kind.name]) for kind in every]  # no list takes the name of a kind
    found += [table for kind in every for table in inner_tables(kind, read[kind.name])]
    taken: set[str] = set()
    named = [replace(table, name=free(table.name, taken)) for table in found]
    names = {(table.kind.name, table.path): table.name for table in named}
    linked = [replace(table, links=_links(table, names)) for table in named]
    return [table for kind in kinds for table in linked if table.kind.name == kind.name]


def _links(table: Table, names: Names) -> tuple[Link, ...]:
    """The row that a list belongs to, and the references to one kind."""
    links = [] if table.main else [_outer(table, names)]
    for column in table.columns:
        target = names.get((column.field.refs[0], ())) if column.field and len(column.field.refs) == 1 else None
        if target is not None:
            links.append(Link((column.name,), target))
    return tuple(links)


def _outer(table: Table, names: Names) -> Link:
    """What a table lies within: the record, or an item of an outer list."""
    lists = [table.path[:length] for length, part in enumerate(table.path) if part == ITEM]
    target = names[table.kind.name, lists[-1] if lists else ()]
    return Link(tuple(column.name for column in table.columns[: table.key - 1]), target)
