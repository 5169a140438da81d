"""The text values of a record: all, or those in fields that a rule selects by their schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from smartreg.core.values import Json, KeyPath, Record
from smartreg.domain.checks import Context
from smartreg.schema import ITEM, Field, FieldPath, Kind, Schemas, texts_at

Plan: TypeAlias = list[tuple[str, FieldPath, FieldPath]]
"""Of each field its first name, that as a path, and the rest of its path."""
TextAt: TypeAlias = tuple[KeyPath, str]


class FindTexts:
    """A look-up of the texts of a record, with their key paths, in the fields that `wanted` selects. The fields are
    computed once per kind and set of schemas, because there may be tens of thousands of records."""

    def __init__(self, wanted: Callable[[Field], bool]) -> None:
        self._wanted = wanted
        self._plans: dict[tuple[str, str], Plan] = {}
        self._last: tuple[Record | None, Schemas | None, Sequence[TextAt]] = (None, None, ())

    def fields(self, kind: Kind) -> Iterable[str]:
        """The top-level fields of a kind in which it looks."""
        return {str(field.path[0]) for field in kind.fields if self._wanted(field)}

    def __call__(self, record: Record, context: Context) -> Sequence[TextAt]:
        last, schemas, found = self._last  # rules that ask for the same ask about one record after another
        if last is record and schemas is context.schemas:
            return found
        key = (context.schemas.digest, record.rid.kind)
        plan = self._plans.get(key)
        if plan is None:
            paths = [field.path for field in context.schemas.kinds[key[1]].fields if self._wanted(field)]
            plan = self._plans[key] = [(path[0], path[:1], path[1:]) for path in paths]
        texts: list[TextAt] = []
        data = record.data
        for first, path, deep in plan:
            if first in data:
                value = data[first]
                if deep:
                    texts.extend(texts_at(value, deep, path))
                elif isinstance(value, str):
                    texts.append((path, value))
        self._last = record, context.schemas, texts
        return texts


def texts_where(wanted: Callable[[Field], bool]) -> FindTexts:
    """A look-up of texts in the fields that `wanted` selects."""
    return FindTexts(wanted)


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
