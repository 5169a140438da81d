"""Changes in words: names and values for people, raw in English, with the schema's labels in French. The texts contain
raw values of records, except secrets (`veil`), so printing has to escape them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from smartreg.core.messages import SOURCE, Language, Message
from smartreg.core.values import Json, KeyPath
from smartreg.diff.change import Change
from smartreg.diff.fields import ABSENT, FieldChange, ItemKey, compare, place_text, veil, veil_item
from smartreg.registry import point
from smartreg.schema import Field, Kind

LONG, CONTEXT = 60, 15  # characters: a text longer than LONG is shown by what differs, with CONTEXT around
TRUTH = {True: Message("true"), False: Message("false")}
OTHER_ORDER = Message("another order")


class FieldRow(NamedTuple):
    """A changed field in words: `before` and `after` of a value, or removed (`minus`) and added (`plus`) items.
    `place`: longitude and latitude of the new position."""

    path: KeyPath
    name: str
    before: str | None = None
    after: str | None = None
    minus: tuple[str, ...] = ()
    plus: tuple[str, ...] = ()
    note: str = ""
    place: tuple[float, float] | None = None


def rows(change: Change, lang: Language, *, titles: bool = False) -> list[FieldRow]:
    """The changed fields of a record that exists on both sides; with `titles`, named by the schema in English, too."""
    speech = _Speech(change.schema, lang, titles=titles)
    return [row for item in change.fields() for row in speech.rows(item)]


def describe_end(change: Change, lang: Language) -> tuple[str, str | None, frozenset[str]]:
    """How a retired record ended: its last status, the date of it, and the names of these fields."""
    life = change.schema.lifecycle if change.schema else None
    if life is None or change.after is None:
        return "", None, frozenset()
    state = change.after.data.get(life.field)
    dated = life.dates.get(state, "") if isinstance(state, str) else ""
    on = change.after.data.get(dated)
    label = _Speech(change.schema, lang).value(state, (life.field,))
    return label, on if isinstance(on, str) else None, frozenset({life.field, dated})


def brief(change: Change, lang: Language) -> list[str]:
    """The changed fields, each in a few words for one line: `status active → faulty`, `location moved 13 m`."""
    return [_brief(row) for row in rows(change, lang)]


def _brief(row: FieldRow) -> str:
    if row.note:
        return f"{row.name} {row.note}"
    if row.before is not None:
        return f"{row.name} {row.before} → {row.after}"
    return f"{row.name} " + ", ".join((*(f"+ {item}" for item in row.plus), *(f"− {item}" for item in row.minus)))


class _Speech:
    """The names of a kind's fields and values in one language."""

    def __init__(self, schema: Kind | None, lang: Language, *, titles: bool = False) -> None:
        self._schema, self._lang, self._titles = schema, lang, titles or lang != SOURCE

    def rows(self, change: FieldChange) -> Iterator[FieldRow]:
        path = change.path
        before, after = (veil(path, side) for side in (change.before, change.after))
        name = self.name(path)
        place = point(after)
        if change.note is not None and point(before) and place:
            yield FieldRow(path, name, _place(before), _place(after), note=change.note.in_(self._lang), place=place)
            for part in compare({**before, "lon": 0, "lat": 0}, {**after, "lon": 0, "lat": 0}, None):
                yield from self.rows(FieldChange((*path, *part.path), part.before, part.after))
        elif before is ABSENT:
            yield FieldRow(path, name, plus=self._several(after, path))
        elif after is ABSENT:
            yield FieldRow(path, name, minus=self._several(before, path))
        elif isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
            olds, news = ([self.value(value, (*path, 0)) for value in side] for side in (before, after))
            minus, plus = _subtract(olds, news), _subtract(news, olds)
            if not minus and not plus and not _is_reordered(change.before, change.after):  # only secrets in it differ
                minus, plus = tuple(olds), tuple(news)
            note = "" if minus or plus else OTHER_ORDER.in_(self._lang)
            yield FieldRow(path, name, minus=minus, plus=plus, note=note)
        elif isinstance(before, str) and isinstance(after, str):
            yield FieldRow(path, name, *_around(self.value(before, path), self.value(after, path)))
        elif isinstance(before, str) or isinstance(after, str):
            yield FieldRow(path, name, _json(before), _json(after))
        else:
            yield FieldRow(path, name, self.value(before, path), self.value(after, path))

    def name(self, path: KeyPath) -> str:
        """The field by the titles of the schema, or as it is typed."""
        if not self._titles:
            return place_text(path)
        words: list[str] = []
        for end, part in enumerate(path, 1):
            if isinstance(part, (int, ItemKey)):
                words[-1] += f" [{veil_item(part) if isinstance(part, ItemKey) else part}]"
            else:
                words.append(self._title(path[:end]))
        return " › ".join(words)

    def value(self, value: Json, path: KeyPath) -> str:
        """One value; text without quotes, unless it would be invisible."""
        if isinstance(value, bool):
            return TRUTH[value].in_(self._lang)
        if isinstance(value, str):
            field = self._field(path)
            if field and value in field.labels:
                label = field.labels[value].in_(self._lang)
                return label.replace("_", " ") if self._titles else label
            return value if value and value == value.strip() else _json(value)
        if isinstance(value, Mapping) and point(value) and len(value) == 2:
            return _place(value)
        if isinstance(value, Mapping) and value:
            return ", ".join(
                f"{self._title((*path, key))} {self.value(item, (*path, key))}" for key, item in value.items()
            )
        if isinstance(value, (list, tuple)) and value:
            return "[" + ", ".join(self.value(item, (*path, 0)) for item in value) + "]"
        return _json(value)

    def _several(self, value: Json, path: KeyPath) -> tuple[str, ...]:
        """An added or removed value: a list by its items, an item without the key that already names it."""
        if isinstance(value, (list, tuple)) and value:
            return tuple(self.value(item, (*path, 0)) for item in value)
        if isinstance(value, Mapping) and isinstance(path[-1], ItemKey):
            value = {key: item for key, item in value.items() if key not in path[-1].names} or value
        return (self.value(value, path),)

    def _title(self, path: KeyPath) -> str:
        field = self._field(path) if self._titles else None
        return field.title.in_(self._lang) if field else str(path[-1])

    def _field(self, path: KeyPath) -> Field | None:
        """The schema's field for a path, whose steps into lists are indexes."""
        return (
            self._schema.field_at(tuple(0 if isinstance(part, ItemKey) else part for part in path))
            if self._schema
            else None
        )


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _place(value: Mapping[str, Json]) -> str:
    """Latitude first, as on maps."""
    return f"{_json(value['lat'])}, {_json(value['lon'])}"


def _subtract(items: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """The items missing from `others`, each as often as it is missing."""
    rest = list(others)
    left = []
    for item in items:
        if item in rest:
            rest.remove(item)
        else:
            left.append(item)
    return tuple(left)


def _is_reordered(before: Sequence[Json], after: Sequence[Json]) -> bool:
    """Whether both lists have the same items."""
    return sorted(map(_json, before)) == sorted(map(_json, after))


def _around(before: str, after: str) -> tuple[str, str]:
    """Two texts; if long, only the difference with some context."""
    if max(len(before), len(after)) <= LONG:
        return before, after
    head = _common_prefix_length(before, after)
    tail = min(_common_prefix_length(before[::-1], after[::-1]), min(len(before), len(after)) - head)
    start, end = max(0, head - CONTEXT), max(0, tail - CONTEXT)
    return tuple(_cut(text, start, end) for text in (before, after))  # type: ignore[return-value]


def _common_prefix_length(left: str, right: str) -> int:
    """The length of the common prefix of two texts."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(left), len(right)))


def _cut(text: str, start: int, end: int) -> str:
    middle = text[start : len(text) - end]
    return f"{'…' if start else ''}{middle}{'…' if end else ''}"
