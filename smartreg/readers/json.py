"""JSON and JSON Lines: objects as rows. A field within an object has a dotted heading (`location.lon`); a list is one
cell. A field that an object does not name stays as it is; null removes it.

Either a list of objects (also under a name, `{"records": […]}`), or an object per line; the objects are what records
say, or `{"kind", "id", "data"}` as our own exports have them: then those of other kinds are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from smartreg.core.messages import SOURCE, Message, Text
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json, Mark
from smartreg.readers.sheet import (
    MAX_CELLS,
    NoCell,
    Row,
    Sheet,
    ValueCell,
    form_fault,
    too_many_cells,
    unusable,
    with_faults_of_form,
)

_DEEPEST = 32


class JsonItem(NamedTuple):
    """An object: its number (of its line, or its place from 1) and what it says."""

    number: int
    data: Mapping[str, Json]


class NoObjects(ValueError):
    """The text holds no objects that can be records; `row`: which value, or which line of JSON Lines, is at fault."""

    def __init__(self, words: Text, row: int | None = None) -> None:
        super().__init__(words.in_(SOURCE))
        self.words, self.row = words, row


def read_sheet(file: str, content: bytes, form: str, kinds: Sequence[str], whole: Collection[str] = ()) -> Sheet:
    """Read the objects; `kinds` are the names of the kind that is imported, `whole` those of its fields that have no
    fields of their own. Faults come with the sheet."""
    try:
        items = list(_objects(content, form))
    except NoObjects as fault:
        return unusable(file, form, [form_fault(file, fault.row, fault.words)])
    exported = [item for item in items if {"kind", "id", "data"} <= item.data.keys()]
    if exported and len(exported) == len(items):
        items = [
            JsonItem(item.number, {"id": item.data["id"], **item.data["data"]})
            for item in items
            if item.data["kind"] in kinds and isinstance(item.data["data"], Mapping)
        ]
    return sheet_of(file, form, items, None, whole)


def sheet_of(file: str, form: str, items: Sequence[JsonItem], crs: str | None, whole: Collection[str]) -> Sheet:
    """Objects as a sheet; a column for every place where one of them has a value. What a `whole` field holds is one."""
    try:
        flat = [(item.number, _flat(item, whole)) for item in items]
    except NoObjects as fault:
        return unusable(file, form, [form_fault(file, fault.row, fault.words)])
    if not items:
        return unusable(file, form, [form_fault(file, None, Message("there is no record to import"))])
    headings = tuple(dict.fromkeys(name for _, values in flat for name in values))
    if len(headings) * len(flat) > MAX_CELLS:
        raise too_many_cells(file)
    none = NoCell()
    rows = (Row(number, [values.get(name, none) for name in headings]) for number, values in flat)
    return with_faults_of_form(Sheet(file, "utf-8", "", headings, tuple(rows), form=form, crs=crs))


def _flat(item: JsonItem, whole: Collection[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for place, value in _fields(item.data, whole):
        if place in values:
            raise NoObjects(Message("{place} appears twice", place=place), item.number)
        values[place] = value
    return values


def _fields(
    data: Mapping[str, Json], whole: Collection[str], path: str = "", depth: int = 0
) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        raise NoObjects(Message("objects within objects too deep to be records"))
    for name, value in data.items():
        place = f"{path}.{name}" if path else name
        if isinstance(value, Mapping) and value and place not in whole:
            yield from _fields(value, whole, place, depth + 1)
        else:
            yield place, ValueCell.of(value)


def _objects(content: bytes, form: str) -> Iterator[JsonItem]:
    if form == "jsonl":
        for number, text in enumerate(content.splitlines(), 1):
            if text.strip():
                yield _item(number, value_of_text(text, number))
        return
    document = value_of_text(content)
    if isinstance(document, Mapping):
        lists = [value for value in document.values() if isinstance(value, list)]
        document = document.get("records", lists[0] if len(lists) == 1 else [document])
    if not isinstance(document, list):
        raise NoObjects(Message("there is no list of objects"))
    for number, value in enumerate(document, 1):
        yield _item(number, value)


def _item(number: int, value: Json) -> JsonItem:
    if not isinstance(value, Mapping):
        raise NoObjects(Message("this is not an object"), number)
    return JsonItem(number, value)


def value_of_text(content: bytes, row: int | None = None) -> Json:
    """The value of a JSON text. NoObjects where it cannot be read; `row`: the line of JSON Lines that it is."""
    try:
        return read_json(content)
    except Unreadable as fault:
        mark = Mark(row, fault.mark.column) if row and fault.mark else fault.mark
        raise NoObjects(Unreadable(fault.words, mark).placed, row) from None
