"""`--labels`: tables for people, with what a language calls the allowed values in place of their codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from smartreg.core.values import Json, Language, Words
from smartreg.schema import ITEM, Field, ObservedProperty, values_called
from smartreg.tables.table import Column, Row, Table

VOCABULARY = ("measures", ITEM, "property")  # the field whose values are keys of the observed properties
YES, NO = Words("yes", "oui"), Words("no", "non")

Properties = Mapping[str, ObservedProperty]


def label_table(table: Table, lang: Language, properties: Properties) -> Table:
    """The table with labels for the codes that a sheet with these labels brings back; keys stay."""
    found = [
        {} if place < table.key else _labels(column, lang, properties) for place, column in enumerate(table.columns)
    ]
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


def key_of(field: Field, text: str, properties: Properties) -> str:
    """The observed property that a cell names by its label; any other text unchanged."""
    if field.path != VOCABULARY or text in properties:
        return text
    found = [key for key, item in properties.items() if text in (item.label.en, item.label.fr)]
    return found[0] if len(found) == 1 else text


def _labels(column: Column, lang: Language, properties: Properties) -> dict[Json, str]:
    """Value → label, of what the column shows; of labels that several values share, none."""
    field = column.field or column.shows
    if field is None:
        return {}
    if field.kind == "boolean":
        return {True: YES.in_(lang), False: NO.in_(lang)}
    if field.path == VOCABULARY:
        called: dict[Json, str] = {key: item.label.in_(lang) for key, item in properties.items()}
        return {key: label for key, label in called.items() if key_of(field, label, properties) == key}
    words = {value: _words(field, value).in_(lang) for value in field.enum if isinstance(value, str)}
    return {value: label for value, label in words.items() if values_called(field, label) == [value]}


def _words(field: Field, value: str) -> Words:
    """In English the schemas have no other word than the code: `street light`."""
    return Words(value.replace("_", " "), field.labels[value].fr if value in field.labels else value)


def _as_text(column: Column, labels: Mapping[Json, str]) -> Column:
    """The column as its metadata describe it: text, one of the labels where they are a closed list."""
    if column.field is None:
        return column
    closed = {"enum": list(labels.values())} if labels.keys() == set(column.field.enum) else {}
    return replace(column, type="string", field=replace(column.field, schema=closed))
