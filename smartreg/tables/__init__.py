"""The registry as tables: one per kind, one per list field (never a list in a cell). Exporters write them.

Columns come from the schemas. Derived ones: the name beside the id of a party; point, commune, type and owner of what a
record hangs on. Rows are sorted by id; cells hold JSON scalars, or None where there is no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.tables.lists import inner_tables
from smartreg.tables.records import record_table
from smartreg.tables.table import CellType, Column, Link, Table, distinct, free, table_name

__all__ = ["CellType", "Column", "Link", "Table", "table_name", "tables"]


def tables(registry: Registry, kinds: Sequence[Kind]) -> list[Table]:
    """The tables of these kinds, each followed by those of its lists. No two tables of a registry bear one name, and a
    table's name does not depend on which others are asked for."""
    found: list[Table] = []
    taken: set[str] = set()
    for kind in registry.schemas.kinds.values():  # kinds come first: a list never takes the name of a kind
        found.append(_named(record_table(registry, kind), taken))
    main = {table.kind.name: table.name for table in found}
    for kind in registry.schemas.kinds.values():
        found.extend(_named(table, taken) for table in inner_tables(registry, kind))
    wanted = {kind.name for kind in kinds}
    order = [kind.name for kind in kinds]
    linked = [_linked(table, main) for table in found if table.kind.name in wanted]
    return sorted(linked, key=lambda table: order.index(table.kind.name))


def _named(table: Table, taken: set[str]) -> Table:
    return replace(table, name=free(table.name, taken), columns=distinct(table.columns))


def _linked(table: Table, main: Mapping[str, str]) -> Table:
    """The table with its links to others: the record that a list belongs to, and references to one kind."""
    own = main[table.kind.name]
    links = [] if table.main else [Link((table.columns[0].name,), own, ("id",))]
    for column in table.columns:
        refs = column.field.refs if column.field else ()
        if len(refs) == 1 and refs[0] in main:
            links.append(Link((column.name,), main[refs[0]], ("id",)))
    return replace(table, links=tuple(links))
