"""Tables, and names that are unique among columns or tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from smartreg.core.messages import Language, Localized, Message, Text, verbatim
from smartreg.core.values import Json
from smartreg.schema import ABROAD, Field, FieldPath, Kind

CellType: TypeAlias = Literal["string", "number", "integer", "boolean", "date"]
Row: TypeAlias = tuple[Json, ...]
Read: TypeAlias = Callable[[Json], Json]


@dataclass(frozen=True)
class Column:
    """A column: key name, headings, type, and the field that it shows (None if it is derived: `shows` is then the field
    of the other record whose value it has, if that has a list of values). `labels`: of codes that are in no field."""

    name: str
    heading: Text
    type: CellType
    description: Text
    field: Field | None = None
    required: bool = False
    shows: Field | None = None
    labels: Mapping[str, Text] | None = None

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


def registry_column(column: Column) -> Column:
    """The column beside a reference that may name a record of another registry: the UUID of that registry, nothing for
    a record here."""
    heading = Message("{column}_registry", column=column.heading)
    return Column(f"{column.name}_registry", heading, "string", IN_REGISTRY)


def registry_of(reference: Json, sources: Mapping[str, str]) -> str | None:
    """The UUID of the registry that has the record; None for a record here."""
    alias, separator, _ = reference.partition(ABROAD) if isinstance(reference, str) else ("", "", "")
    return sources.get(alias) if separator else None


IN_REGISTRY = Message("UUID of the registry that has the record, if it is another one")


def here_only(kind: Kind, column: Column) -> Column:
    """The column of a registry without sources: its references have the form of an id."""
    field, id = column.field, kind.by_path.get(("id",))
    if field is None or id is None or not field.may_refer_abroad:
        return column
    forms = {name: id.schema[name] for name in ("pattern", "maxLength") if name in id.schema}
    return replace(column, field=replace(field, schema={**field.schema, **forms}))


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
    name, number = word, 1
    while name.casefold() in taken:
        number += 1
        name = f"{word}_{number}"
    taken.add(name.casefold())
    return name
