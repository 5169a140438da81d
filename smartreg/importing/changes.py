"""The changes that a row makes in an existing record: the fields that it fills with other values."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from smartreg.core.values import Json, KeyPath, Record, value_at
from smartreg.importing.values import DECIMALS


class Changes(NamedTuple):
    """Values to set and fields to remove."""

    changed: tuple[tuple[KeyPath, Json], ...]
    unset: tuple[KeyPath, ...]

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
    changed: dict[KeyPath, list[tuple[KeyPath, Json]]] = {}
    unset: list[KeyPath] = []
    for path, value in values.items():
        old = value_at(record.data, path)
        if canonical(old) == canonical(value):
            continue
        if value is None:
            unset.append(path)
            continue
        place = _present(record, path)  # the list or mapping around a field that is not there is written as a whole
        changed.setdefault(place, []).append((path[len(place) :], value))
    wholes = ((place, place_values(value_at(record.data, place), inner)) for place, inner in changed.items())
    return Changes(tuple(wholes), tuple(unset))


def _present(record: Record, path: KeyPath) -> KeyPath:
    """The path itself if all its parents exist and none is a list, else the outermost parent that does not fit."""
    for length in range(1, len(path)):
        if isinstance(path[length], int) or not isinstance(value_at(record.data, path[:length]), Mapping):
            return path[:length]
    return path


def place_value(data: Json, path: KeyPath, value: Json) -> Json:
    """A copy of `data` (None: nothing yet) with `value` at `path`; a list grows by one item at most."""
    return place_values(data, [(path, value)])


def place_values(data: Json, values: Iterable[tuple[KeyPath, Json]]) -> Json:
    """A copy of `data` (None: nothing yet) with each value at its path, in this order. Whatever lies around several of
    them is copied once: a row may have thousands of attributes."""
    inner: dict[str | int, list[tuple[KeyPath, Json]]] = {}
    for path, value in values:
        if path:
            inner.setdefault(path[0], []).append((path[1:], value))
        else:
            data, inner = value, {}
    if not inner:
        return data
    items = list(data) if isinstance(data, (list, tuple)) else []
    fields = dict(data) if isinstance(data, Mapping) else {}
    for step, parts in inner.items():
        if isinstance(step, int):
            items[step : step + 1] = [place_values(items[step] if step < len(items) else None, parts)]
        else:
            fields[step] = place_values(fields.get(step), parts)
    return items if isinstance(next(iter(inner)), int) else fields


def data_of(values: Mapping[KeyPath, Json]) -> dict[str, Json]:
    """The record that these values make, empty ones left out."""
    data = place_values({}, ((path, value) for path, value in values.items() if value is not None))
    return dict(data)
