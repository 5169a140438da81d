"""The text values of a record: all, or those in fields that a rule selects by their schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias

from smartreg.core.values import Json, KeyPath, Record
from smartreg.domain.checks import Context
from smartreg.schema import ITEM, Field, FieldPath, texts_at

Plan: TypeAlias = list[tuple[str, FieldPath, FieldPath]]
"""Of each field its first name, that as a path, and the rest of its path."""
TextAt: TypeAlias = tuple[KeyPath, str]
FindTexts: TypeAlias = Callable[[Record, Context], Sequence[TextAt]]


def texts_where(wanted: Callable[[Field], bool]) -> FindTexts:
    """A look-up of the texts of a record, with their key paths, in the fields that `wanted` selects. The fields are
    computed once per kind and set of schemas, because there may be tens of thousands of records."""
    plans: defaultdict[str, dict[str, Plan]] = defaultdict(dict)

    def look_up(record: Record, context: Context) -> Sequence[TextAt]:
        by_kind, name = plans[context.schemas.digest], record.rid.kind
        if name not in by_kind:
            paths = [field.path for field in context.schemas.kinds[name].fields if wanted(field)]
            by_kind[name] = [(path[0], path[:1], path[1:]) for path in paths]
        texts: list[TextAt] = []
        data = record.data
        for first, path, deep in by_kind[name]:
            if first in data:
                value = data[first]
                if deep:
                    texts.extend(texts_at(value, deep, path))
                elif isinstance(value, str):
                    texts.append((path, value))
        return texts

    return look_up


def texts_called(*names: str) -> FindTexts:
    """The texts in fields, or in lists, with one of these names."""
    return texts_where(lambda field: name_of(field.path) in names and field.kind == "string")


def texts_ending(*endings: str) -> FindTexts:
    """The texts in fields, or in lists, whose name has one of these endings."""
    return texts_where(lambda field: field.kind == "string" and name_of(field.path).endswith(endings))


def name_of(path: FieldPath) -> str:
    """The last name of a field path; for the items of a list, the name of the list."""
    return next(part for part in reversed(path) if part != ITEM)


def every_text(data: Json) -> list[TextAt]:
    """All texts of a record, whether the schema knows their fields or not, in the order of the file."""
    texts: list[TextAt] = []
    waiting: list[tuple[KeyPath, Json]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            texts.append((path, value))
        elif isinstance(value, dict):
            waiting.extend(((*path, key), item) for key, item in reversed(value.items()))
        elif isinstance(value, list):
            waiting.extend(((*path, index), value[index]) for index in range(len(value) - 1, -1, -1))
    return texts


def names_and_texts(data: Json) -> tuple[set[str], list[str]]:
    """All field names and all texts of a record, without their places: for a quick first check."""
    names: set[str] = set()
    texts: list[str] = []
    waiting: list[Json] = [data]
    while waiting:
        value = waiting.pop()
        if value.__class__ is dict:
            names.update(value)
            value = value.values()
        for item in value:
            if item.__class__ is str:
                texts.append(item)
            elif item.__class__ is dict or item.__class__ is list:
                waiting.append(item)
    return names, texts
