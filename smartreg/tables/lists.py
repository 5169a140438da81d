"""The tables inside a kind: one per list, with a row per item; for free objects, with a row per value.

A row begins with the id of the record and, for nested lists, the positions in the outer ones (from 1).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from smartreg.core.messages import SOURCE, Localized, Message
from smartreg.core.spelling import fold
from smartreg.core.values import Json, Record
from smartreg.schema import ITEM, Field, FieldPath, Kind
from smartreg.tables.table import (
    Column,
    Read,
    Row,
    Table,
    always,
    cell_type,
    distinct,
    reader,
    registry_column,
    registry_of,
    table_name,
)

PLACE = Message("Place in the list, from 1")
KEY = Column("key", Message("key"), "string", Message("Which value"), required=True)
VALUE = Column("value", Message("value"), "string", Message("The value"))


class Inner(NamedTuple):
    """A list or a free object, and the columns of its rows; none if the schema does not name its parts."""

    field: Field
    columns: tuple[tuple[FieldPath, Column], ...]


class ListTable(NamedTuple):
    """The table of a list, and the rows that a record has in it."""

    table: Table
    rows_of: Callable[[Record], Iterator[Row]]


def list_tables(kind: Kind, sources: Mapping[str, str]) -> Iterator[ListTable]:
    """The tables of the lists of a kind, outer ones before inner ones. `sources`: the UUID of each other registry to
    which a reference may lead, by alias."""
    loose: list[FieldPath] = []
    for field in kind.fields:
        if any(field.path[: len(path)] == path for path in loose):
            continue
        inner = _inner(kind, field)
        if inner is not None:
            if not inner.columns:
                loose.append(field.path)
            yield _table(kind, inner, sources)


def _inner(kind: Kind, field: Field) -> Inner | None:
    """The table that shows a field; None if it is no list or free object, or has `x-column: false`."""
    item = kind.by_path.get((*field.path, ITEM))
    if field.kind == "object":
        named = any(other.path[:-1] == field.path for other in kind.fields)
        return None if named or field.column is None else Inner(field, ())
    if field.kind != "array":
        return None
    if item is not None and item.kind == "object":
        return _objects(kind, field, item)
    if field.column is None:
        return None
    return Inner(field, () if item is None or item.kind == "array" else (((), _plain(kind, field, item)),))


def _objects(kind: Kind, field: Field, item: Field) -> Inner | None:
    start = len(item.path)
    parts = [other for other in kind.fields if other.path[:start] == item.path and ITEM not in other.path[start:]]
    plain = [other for other in parts if other.kind not in ("array", "object")]
    shown = tuple((other.path[start:], _part(kind, other, start)) for other in plain if other.column is not None)
    return None if plain and not shown else Inner(field, shown)


def _plain(kind: Kind, field: Field, item: Field) -> Column:
    """The column of a list of plain values, named after the kind that they refer to, or after the list."""
    named = len(item.refs) == 1 and item.refs[0] != kind.name
    name = f"{item.refs[0]}_id" if named else field.path[-1]
    heading = Localized.of(en=name, fr=field.heading.in_("fr") if field.heading else name)
    return Column(name, heading, cell_type(item), item.description, item, True)


def _part(kind: Kind, field: Field, start: int) -> Column:
    name = "_".join(field.path[start:])
    heading = Localized.of(en=name, fr=field.heading.in_("fr") if field.heading else name)
    return Column(name, heading, cell_type(field), field.description, field, always(kind, field.path, start))


def _table(kind: Kind, inner: Inner, sources: Mapping[str, str]) -> ListTable:
    path = inner.field.path
    ranks = list(_ranks(kind, path))
    led = [number for number, (_, column) in enumerate(inner.columns) if _may_lead_abroad(column, sources)]
    abroad = [inner.columns[number][1] for number in led]
    if inner.columns:
        keys = [_owner(kind), *ranks, Column("n", Message("n"), "integer", PLACE, required=True)]
        columns = distinct([*keys, *(column for _, column in inner.columns), *map(registry_column, abroad)])
    else:
        keys = [_owner(kind), *ranks, KEY]
        columns = distinct([*keys, VALUE])
    starts = [at for at, part in enumerate(path, 1) if part == ITEM]
    parts = [reader(path[start : end - 1]) for start, end in pairwise((0, *starts, len(path) + 1))]
    tails = [reader(tail) for tail, _ in inner.columns]

    def rows_of(record: Record) -> Iterator[Row]:
        for places, value in _values(record.data, parts):
            if tails:
                for place, item in enumerate(value if isinstance(value, list) else (), 1):
                    cells = [tail(item) for tail in tails]
                    yield (record.rid.id, *places, place, *cells, *(registry_of(cells[at], sources) for at in led))
            else:
                for key, leaf in _leaves(value):
                    yield (record.rid.id, *places, key, leaf)

    name = "_".join((table_name(kind), *(part for part in path if part != ITEM)))
    title = Message("{title}: {field_title}", title=kind.title, field_title=inner.field.title)
    about = title, inner.field.description
    return ListTable(Table(name, kind, path, *about, columns, len(keys)), rows_of)


def _may_lead_abroad(column: Column, sources: Mapping[str, str]) -> bool:
    return bool(sources) and column.field is not None and column.field.may_refer_abroad


def _owner(kind: Kind) -> Column:
    word = fold(kind.title.in_("fr")).replace("-", "_") or kind.name
    return Column(
        f"{kind.name}_id",
        Message("{kind}_id", kind=Localized.of(en=kind.name, fr=word)),
        "string",
        kind.title,
        required=True,
    )


def _ranks(kind: Kind, path: FieldPath) -> Iterator[Column]:
    """The positions in the outer lists: `measures_n` for what is inside an item of `measures`."""
    for length, part in enumerate(path):
        if part == ITEM:
            around = kind.by_path[path[:length]]
            name = "_".join(word for word in around.path if word != ITEM)
            heading = Message("{name}_n", name=name, heading=around.heading if around.heading else name)
            yield Column(heading.in_(SOURCE), heading, "integer", PLACE, required=True)


def _values(data: Json, parts: Sequence[Read], places: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Json]]:
    """The values that the last of `parts` reads, with the positions in the lists that the others read."""
    value = parts[0](data)
    if len(parts) > 1:
        for place, item in enumerate(value if isinstance(value, list) else (), 1):
            yield from _values(item, parts[1:], (*places, place))
    elif value is not None:
        yield places, value


def _leaves(value: Json, key: str = "") -> Iterator[tuple[str, Json]]:
    """Every plain value inside, with its key path as people type it; an empty list or object counts as a value."""
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            shown = name if name and not set(name) & set(".[]") else json.dumps(name, ensure_ascii=False)
            yield from _leaves(item, f"{key}.{shown}" if key else shown)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{key}[{index}]")
    else:
        yield key, None if isinstance(value, (Mapping, list)) else value
