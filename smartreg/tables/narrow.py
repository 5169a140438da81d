"""`--columns`: tables with fewer columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from smartreg.tables.table import Column, Row, Table


def names_of(table: Table) -> Iterator[str]:
    """What the columns of a table, or the list that it shows, may be called: `owner_id`, or `owner` as the field."""
    if table.main:
        for column in table.columns:
            yield from _names(column)
    else:
        yield from _list_names(table)


def narrow_tables(tables: Sequence[Table], names: Collection[str]) -> list[Table]:
    """The columns of these names and the keys; of lists, those that are named, whole."""
    found = []
    for table in tables:
        if table.main:
            found.append(_only(table, names))
        elif not _list_names(table).isdisjoint(names):
            found.append(table)
    return found


def _list_names(table: Table) -> set[str]:
    field = table.kind.by_path.get(table.path)
    if field is None:  # computed
        return {table.name}
    return {field.name, *([field.column] if field.column else ())}


def _names(column: Column) -> set[str]:
    return {column.name, *([column.field.name] if column.field else ())}


def _only(table: Table, names: Collection[str]) -> Table:
    places = [
        place for place, column in enumerate(table.columns) if place < table.key or not _names(column).isdisjoint(names)
    ]
    columns = tuple(table.columns[place] for place in places)
    kept = {column.name for column in columns}

    def rows() -> Iterator[Row]:
        return (tuple([row[place] for place in places]) for row in table.rows())

    links = tuple(link for link in table.links if kept.issuperset(link.columns))
    return replace(table, columns=columns, make=rows, links=links)
