"""What a table is, and names that no two columns or tables share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from smartreg.core.values import Json, Language, Words
from smartreg.schema import Field, FieldPath, Kind

CellType: TypeAlias = Literal["string", "number", "integer", "boolean", "date"]
Row: TypeAlias = tuple[Json, ...]


@dataclass(frozen=True)
class Column:
    """A column: key name, headings, type, and the field that it shows (None when it is derived: `shows` is
    then the field of another record whose value it has, where that is one of a list)."""

    name: str
    heading: Words
    type: CellType
    description: Words
    field: Field | None = None
    required: bool = False
    shows: Field | None = None

    def title(self, lang: Language) -> str:
        """The heading for people."""
        return self.heading.in_(lang)


@dataclass(frozen=True)
class ForeignKey:
    """The values of these columns are keys of the table of that name."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True)
class Table:
    """A table: its file name without ending, the kind, the field that it shows (empty: the records themselves), the
    columns, of which the first `key` identify a row, and how to get the rows."""

    name: str
    kind: Kind
    path: FieldPath
    title: Words
    description: Words
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
    """The name of a kind's own table: its folder, in letters that every file system and query language takes."""
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
    heading = field.heading or Words(name, name)
    return Column(name, heading, cell_type(field), field.description, field, always(kind, field.path))


def always(kind: Kind, path: FieldPath, start: int = 0) -> bool:
    """Whether a field has a value in every row: it is required, and so is every object around it from `start` on."""
    return all(kind.by_path[path[:length]].required for length in range(start + 1, len(path) + 1))


def reader(path: FieldPath) -> Callable[[Json], Json]:
    """How to read the value at a path without lists, or None where there is none: `value_at`, made for one path, since
    an export reads every path of every record."""
    if not path:
        return lambda data: data
    if len(path) == 1:
        name = path[0]
        return lambda data: data.get(name) if isinstance(data, dict) else None
    outer, inner = reader(path[:-1]), reader(path[-1:])
    return lambda data: inner(outer(data))


def distinct(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns with names and headings of their own in both languages, whatever the schema calls them: spreadsheets
    and databases take `Name` and `name` for one."""
    names: set[str] = set()
    english: set[str] = set()
    french: set[str] = set()
    return tuple(
        replace(
            column,
            name=free(column.name, names),
            heading=Words(free(column.heading.en, english), free(column.heading.fr, french)),
        )
        for column in columns
    )


def free(word: str, taken: set[str]) -> str:
    """`word`, or `word_2` … when it is taken; takes it."""
    found, number = word, 1
    while found.casefold() in taken:
        number += 1
        found = f"{word}_{number}"
    taken.add(found.casefold())
    return found
