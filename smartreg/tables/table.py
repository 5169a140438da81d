"""Tables, and names that are unique among columns or tables.

With `--labels`, tables for people, in which labels of a language replace codes. With `--columns`, tables with fewer
columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from smartreg.core.messages import Language, Localized, Message, Text, verbatim
from smartreg.core.values import Json
from smartreg.schema import PROPERTY, Field, FieldPath, Kind, Schemas, values_called

CellType: TypeAlias = Literal["string", "number", "integer", "boolean", "date"]
Row: TypeAlias = tuple[Json, ...]
Read: TypeAlias = Callable[[Json], Json]


@dataclass(frozen=True)
class Column:
    """A column: key name, headings, type, and the field that it shows (None if it is derived: `shows` is then the field
    of the other record whose value it has, if that has a list of values)."""

    name: str
    heading: Text
    type: CellType
    description: Text
    field: Field | None = None
    required: bool = False
    shows: Field | None = None

    def title(self, lang: Language) -> str:
        """The heading for people."""
        return self.heading.in_(lang)


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values are keys of the table of that name."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True)
class Table:
    """A table: its file name without extension, the kind, the field that it shows (empty: the records themselves), the
    columns, of which the first `key` identify a row, and how to get the rows."""

    name: str
    kind: Kind
    path: FieldPath
    title: Text
    description: Text
    columns: tuple[Column, ...]
    key: int
    make: Callable[[], Iterator[Row]] = lambda: iter(())
    links: tuple[ForeignKey, ...] = ()

    @property
    def main(self) -> bool:
        """Whether its rows are the records of a kind, not the items of a list."""
        return not self.path

    def rows(self) -> Iterator[Row]:
        """The rows, selected anew by each call."""
        return self.make()


def table_name(kind: Kind) -> str:
    """The name of the table of a kind: its folder, in characters that every file system and query language takes."""
    return re.sub(r"\W", "_", kind.folder)


def cell_type(field: Field) -> CellType:
    """The type of the values of a field in a cell."""
    match field.kind:
        case "number" | "integer" | "boolean" as plain:
            return plain
        case _:
            return "date" if field.schema.get("format") == "date" else "string"


def column_of(kind: Kind, field: Field) -> Column:
    """The column of a field in the table of its kind."""
    name = field.column or "_".join(field.path)
    heading = field.heading or verbatim(name)
    return Column(name, heading, cell_type(field), field.description, field, always(kind, field.path))


def always(kind: Kind, path: FieldPath, start: int = 0) -> bool:
    """Whether a field has a value in every row: it is required, and so is every object around it from `start` on."""
    return all(kind.by_path[path[:length]].required for length in range(start + 1, len(path) + 1))


def reader(path: FieldPath) -> Read:
    """A function that reads the value at a path without lists; None if there is none. It is `value_at` compiled for one
    path, because an export reads every path of every record."""
    if not path:
        return lambda data: data
    if len(path) == 1:
        name = path[0]
        return lambda data: data.get(name) if isinstance(data, dict) else None
    outer, inner = reader(path[:-1]), reader(path[-1:])
    return lambda data: inner(outer(data))


def distinct(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns with unique names and headings in both languages, whatever the schema calls them: spreadsheets and
    databases take `Name` and `name` for the same."""
    names: set[str] = set()
    english: set[str] = set()
    french: set[str] = set()
    return tuple(
        replace(
            column,
            name=free(column.name, names),
            heading=Localized.of(en=free(column.heading.in_("en"), english), fr=free(column.heading.in_("fr"), french)),
        )
        for column in columns
    )


def free(word: str, taken: set[str]) -> str:
    """`word`, or `word_2` … if it is taken; adds it to `taken`."""
    found, number = word, 1
    while found.casefold() in taken:
        number += 1
        found = f"{word}_{number}"
    taken.add(found.casefold())
    return found


YES, NO = Message("yes"), Message("no")


def label_table(table: Table, lang: Language, schemas: Schemas) -> Table:
    """The table with labels in place of codes, as far as a sheet with them can be imported again; keys stay."""
    found = [{} if place < table.key else _labels(column, lang, schemas) for place, column in enumerate(table.columns)]
    columns = tuple(
        _as_text(column, labels) if labels else column for column, labels in zip(table.columns, found, strict=True)
    )
    named = [(place, labels) for place, labels in enumerate(found) if labels]

    def rows() -> Iterator[Row]:
        for row in table.rows():
            cells = list(row)
            for place, labels in named:
                value = cells[place]
                if isinstance(value, (str, bool)):
                    cells[place] = labels.get(value, value)
            yield tuple(cells)

    return replace(table, columns=columns, make=rows)


def _labels(column: Column, lang: Language, schemas: Schemas) -> dict[Json, str]:
    """Value → label, of what the column shows; labels shared by several values are left out."""
    field = column.field or column.shows
    if field is None:
        return {}
    if field.kind == "boolean":
        return {True: YES.in_(lang), False: NO.in_(lang)}
    if field.path == PROPERTY:
        called: dict[Json, str] = {key: item.label.in_(lang) for key, item in schemas.properties.items()}
        return {key: label for key, label in called.items() if schemas.property_called(label) == key}
    words = {value: _words(field, value).in_(lang) for value in field.enum if isinstance(value, str)}
    return {value: label for value, label in words.items() if values_called(field, label) == [value]}


def _words(field: Field, value: str) -> Text:
    """Where the English label is the code itself, as people write it: `street light`."""
    label = field.labels.get(value, verbatim(value))
    return Localized.of(en=label.in_("en").replace("_", " "), fr=label.in_("fr"))


def _as_text(column: Column, labels: Mapping[Json, str]) -> Column:
    """The column as its metadata describes it: text, one of the labels if they are a closed list."""
    if column.field is None:
        return column
    closed = {"enum": list(labels.values())} if labels.keys() == set(column.field.enum) else {}
    return replace(column, type="string", field=replace(column.field, schema=closed))


def names_of(table: Table) -> Iterator[str]:
    """The names of the columns of a table, or of the list that it shows: `owner_id`, or `owner` as the field."""
    if table.main:
        for column in table.columns:
            yield from _names(column)
    else:
        yield from _list_names(table)


def narrow_tables(tables: Sequence[Table], names: Collection[str]) -> list[Table]:
    """The columns of these names and the keys; of lists, those that are named, completely."""
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
