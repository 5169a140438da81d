"""Columns and conditions: which column fills which field, which rows are left out, and which cells mean nothing."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.spelling import fold
from smartreg.core.values import KeyPath, Location
from smartreg.importing.mapping import MappingPlace
from smartreg.importing.values import number_in
from smartreg.readers.sheet import Row, Sheet, short_name
from smartreg.schema import ITEM, Field, FieldPath, Kind, key_path, unit_heading
from smartreg.tables.view import ATTRIBUTES

CONDITION = re.compile(r"(.+?)\s*(!=|<=|>=|=|<|>)\s*(.*)", re.DOTALL)
_TESTS: Mapping[str, Callable[[object, object], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    "<=": operator.le,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
}


class SheetColumn(NamedTuple):
    """A column that fills a field: its place (from 0) and heading in the sheet, the key path, what the schema says."""

    place: int
    heading: str
    path: KeyPath
    field: Field | None

    def at(self, file: str, row: int | None = None) -> Location:
        """Its cell in a row, or the column itself."""
        return Location(file, self.path, row=row, column=self.heading)


def heading_of(columns: Iterable[SheetColumn], path: KeyPath) -> str | None:
    """The heading of the column that fills a field; None if none does."""
    return next((column.heading for column in columns if column.path == path), None)


@dataclass(frozen=True)
class Condition:
    """`POINT_X=0`: true of a row whose cell is that. Numbers are compared as numbers, anything else as text; an empty
    value means an empty cell, and an empty cell is neither smaller nor larger than anything. `text`: as typed."""

    index: int
    sign: str
    value: str
    text: str

    def holds(self, row: Row) -> bool:
        cell = row.cells[self.index].strip()
        left, right = number_in(cell), number_in(self.value)
        if left is not None and right is not None:
            return _TESTS[self.sign](left, right)
        if self.sign in ("=", "!="):
            return _TESTS[self.sign](cell, self.value)
        return bool(cell) and left is right is None and _TESTS[self.sign](cell, self.value)


def conditions(sheet: Sheet, texts: Iterable[str], option: str) -> tuple[Condition, ...]:
    """The conditions that somebody typed; UsageFault when one is none or names no column."""
    return tuple(_condition(sheet, text, option) for text in texts)


def _condition(sheet: Sheet, text: str, option: str) -> Condition:
    parts = CONDITION.fullmatch(text.strip())
    if parts is None:
        raise UsageFault(
            Message('{option} "{text}" is not a condition', option=option, text=text),
            Message("such as 'POINT_X=0', 'STATE!=OK', 'NAME='"),
        )
    return Condition(sheet.column(parts[1].strip()), parts[2], parts[3], text.strip())


def columns_of(kind: Kind, sheet: Sheet, place: MappingPlace) -> tuple[SheetColumn, ...]:
    """The columns that fill fields: those that the mapping names, and unless it is complete, among the others those
    whose headings are names of fields. UsageFault if two columns fill one field."""
    mapping = place.mapping
    left = {sheet.column(word) for word in place.left_out}
    headings_by_field = {**mapping.fields, **sheet.made}
    attributes = [sheet.column(word) for word in mapping.options.keep]
    paths = {key_path(name): sheet.column(word) for name, word in headings_by_field.items()}
    columns = {
        path: SheetColumn(index, sheet.headings[index], path, kind.field_at(path)) for path, index in paths.items()
    }
    filled = [*columns, *map(key_path, mapping.constants)]
    taken = {*left, *paths.values(), *attributes}
    open_headings = ["" if index in taken else word for index, word in enumerate(sheet.headings)]
    for index, (field, rivals) in ({} if place.complete else recognise_columns(kind, open_headings)).items():
        if any(within(field.path, path) for path in filled):
            continue
        if rivals:
            both = ", ".join(sheet.headings[place] for place in (index, *rivals))
            raise UsageFault(
                Message("two columns would fill {field}: {both}", field=field.name, both=both),
                Message("say which: --map COLUMN=FIELD"),
            )
        columns[field.path] = SheetColumn(index, sheet.headings[index], field.path, field)
    columns |= {(column := _attribute(kind, sheet, index)).path: column for index in attributes}
    return tuple(columns.values())


def _attribute(kind: Kind, sheet: Sheet, index: int) -> SheetColumn:
    """The column as an attribute of its records. UsageFault for a kind without attributes."""
    if (ATTRIBUTES,) not in kind.by_path:
        raise UsageFault(
            Message("{kind} has no attributes to keep columns in", kind=kind.name),
            Message("map the column to a field, or leave it out; older schemas have none: smartreg schema --refresh"),
        )
    return SheetColumn(index, sheet.headings[index], (ATTRIBUTES, short_name(sheet.headings[index])), None)


class Recognised(NamedTuple):
    """The field that the heading of a column names, and the places of other columns that name it as well."""

    field: Field
    rivals: tuple[int, ...]


def recognise_columns(kind: Kind, headings: Sequence[str]) -> Mapping[int, Recognised]:
    """The columns whose headings name fields, by their places. A title (`Propriétaire`, `Hauteur (m)`) counts where no
    heading is the name of that field: our own exports have the name of the owner next to its id."""
    recognised: dict[int, Recognised] = {}
    for fields, word_of in ((_names_of_fields(kind), str.casefold), (_titles_of_fields(kind), fold)):
        places: dict[FieldPath, list[int]] = {}
        filled = {column.field.path for column in recognised.values()}
        for index, heading in enumerate(headings):
            field = fields.get(word_of(heading)) or fields.get(word_of(short_name(heading)))
            if heading and field is not None and index not in recognised and field.path not in filled:
                places.setdefault(field.path, []).append(index)
        recognised |= {
            first: Recognised(kind.by_path[path], tuple(rivals)) for path, (first, *rivals) in places.items()
        }
    return dict(sorted(recognised.items()))


def within(path: Sequence[object], other: Sequence[object]) -> bool:
    """Whether one of two paths equals or contains the other."""
    length = min(len(path), len(other))
    return tuple(path[:length]) == tuple(other[:length])


def _names_of_fields(kind: Kind) -> Mapping[str, Field]:
    """Field, column and French heading, in lower case; of two fields that share one, the first keeps it."""
    fields: dict[str, Field] = {}
    for field in _in_columns(kind):
        heading = field.heading
        for name in (field.name, field.column, heading and heading.in_("en"), heading and heading.in_("fr")):
            if name:
                fields.setdefault(name.casefold(), field)
    return fields


def _titles_of_fields(kind: Kind) -> Mapping[str, Field]:
    """The titles of fields in either language, with their unit or without, folded; of two fields that share a title the
    outer one keeps it."""
    fields: dict[str, Field] = {}
    for field in sorted(_in_columns(kind), key=lambda field: len(field.path)):
        unit = unit_heading(field.unit)
        for title, shown in ((field.title.in_("en"), unit.in_("en")), (field.title.in_("fr"), unit.in_("fr"))):
            for text in (title, f"{title}{shown}", f"{title} ({field.unit})"):
                fields.setdefault(fold(text), field)
    fields.pop("", None)
    return fields


def _in_columns(kind: Kind) -> Iterator[Field]:
    """The fields that a column may fill: no objects but those that come in whole, and no items of lists, which stand in
    sheets of their own."""
    plain = (field for field in kind.fields if ITEM not in field.path)
    return (field for field in plain if field.kind != "object" or field.name in kind.whole)
