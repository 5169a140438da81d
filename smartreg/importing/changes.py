"""What a row changes in an existing record: the fields that it fills with other values.

Columns made from others: from the values of a column (`COL->FIELD`), or with a template (`{NUM} {VOIE}`).
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from smartreg.core.values import Json, KeyPath, Record, value_at
from smartreg.importing.mapping import ImportMapping
from smartreg.importing.readers.sheet import Row, Sheet
from smartreg.importing.values import ARROW, DECIMALS, HOLE, field_named
from smartreg.schema import Kind


class Changes(NamedTuple):
    """Values to set and fields to remove."""

    changed: tuple[tuple[KeyPath, Json], ...] = ()
    unset: tuple[KeyPath, ...] = ()

    @property
    def first(self) -> KeyPath:
        return self.changed[0][0] if self.changed else self.unset[0]


def canonical(value: Json) -> Hashable:
    """A value as a sheet shows it: text without blanks around it, numbers with six decimals. Equal means the same."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, int):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def changes(record: Record, values: Mapping[KeyPath, Json]) -> Changes:
    """The difference between a record and its row. An empty cell removes the field."""
    changed: dict[KeyPath, Json] = {}
    unset: list[KeyPath] = []
    for path, value in values.items():
        old = value_at(record.data, path)
        if canonical(old) == canonical(value):
            continue
        if value is None:
            unset.append(path)
            continue
        place = _present(record, path)
        if place == path:
            changed[path] = value
        else:  # the list or mapping around the field is written as a whole
            whole = changed.get(place, value_at(record.data, place))
            changed[place] = place_value(whole, path[len(place) :], value)
    return Changes(tuple(changed.items()), tuple(unset))


def _present(record: Record, path: KeyPath) -> KeyPath:
    """The path itself if all its parents exist and none is a list, else the outermost parent that does not fit."""
    for length in range(1, len(path)):
        if isinstance(path[length], int) or not isinstance(value_at(record.data, path[:length]), Mapping):
            return path[:length]
    return path


def place_value(data: Json, path: KeyPath, value: Json) -> Json:
    """A copy of `data` (None: nothing yet) with `value` at `path`; a list grows by one item at most."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(data) if isinstance(data, (list, tuple)) else []
        inner = items[step] if step < len(items) else None
        return [*items[:step], place_value(inner, rest, value), *items[step + 1 :]]
    fields = dict(data) if isinstance(data, Mapping) else {}
    fields[step] = place_value(fields.get(step), rest, value)
    return fields


def data_of(values: Mapping[KeyPath, Json]) -> dict[str, Json]:
    """The record that these values make, empty ones left out."""
    data: Json = {}
    for path, value in values.items():
        if value is not None:
            data = place_value(data, path, value)
    return dict(data)


def derive_columns(kind: Kind, sheet: Sheet, mapping: ImportMapping) -> Sheet:
    """The sheet with a further column for each field that templates and values of other columns fill; `made` says which
    heading fills which field, `sources` from which columns. UsageFault for unknown columns and fields."""
    made: dict[str, str] = {}
    parts: list[Sequence[str | int]] = []
    for text in mapping.values:
        word, arrow, field = text.partition(ARROW)
        if arrow:
            made[field_named(kind, field)] = text
            parts.append((sheet.column(word.strip()),))
    for field, template in mapping.set_from.items():
        made[field_named(kind, field)] = template
        pieces = HOLE.split(template)
        parts.append([sheet.column(piece) if index % 2 else piece for index, piece in enumerate(pieces)])
    if not parts or not sheet.rows:
        return sheet
    rows = tuple(Row(number, [*cells, *(_text(part, cells) for part in parts)]) for number, cells in sheet.rows)
    sources = frozenset(piece for part in parts for piece in part if isinstance(piece, int))
    return replace(sheet, headings=(*sheet.headings, *made.values()), rows=rows, made=made, sources=sources)


def _text(part: Sequence[str | int], cells: Sequence[str]) -> str:
    """A cell itself, or a text with cells in it; empty where all of these are empty."""
    if len(part) == 1 and isinstance(part[0], int):
        return cells[part[0]]
    if not any(cells[piece].strip() for piece in part if isinstance(piece, int)):
        return ""
    return " ".join("".join(piece if isinstance(piece, str) else cells[piece] for piece in part).split())
