"""The text values of a record, all of them or those in the fields that a rule chooses by their schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from smartreg.rules.rule import Context
from smartreg.schema import ITEM, Field, FieldPath, texts_at
from smartreg.values import Json, KeyPath, Record

TextAt: TypeAlias = tuple[KeyPath, str]
Texts: TypeAlias = Callable[[Record, Context], Sequence[TextAt]]


def texts_where(wanted: Callable[[Field], bool]) -> Texts:
    """A look-up of the texts of a record, with their key paths, that stand in the fields that `wanted` chooses.

    Which fields these are is worked out once for each kind and set of schemas: records come by the ten thousand."""
    plans: dict[tuple[str, str], tuple[FieldPath, ...]] = {}

    def found(record: Record, context: Context) -> Sequence[TextAt]:
        key = (context.schemas.digest, record.rid.kind)
        plan = plans.get(key)
        if plan is None:
            kind = context.schemas.kinds[record.rid.kind]
            plan = plans[key] = tuple(field.path for field in kind.fields if wanted(field))
        texts: list[TextAt] = []
        for path in plan:
            value = record.data.get(path[0])
            if isinstance(value, str) and len(path) == 1:
                texts.append((path, value))
            elif value is not None:
                texts.extend(texts_at(value, path[1:], path[:1]))
        return texts

    return found


def texts_called(*names: str) -> Texts:
    """The texts in fields, or in lists, that bear one of these names."""
    return texts_where(lambda field: name_of(field.path) in names and field.kind == "string")


def name_of(path: FieldPath) -> str:
    """The last name of a field path; for the items of a list, the name of the list."""
    return next(part for part in reversed(path) if part != ITEM)


def every_text(data: Json) -> list[TextAt]:
    """All texts of a record, whether the schema knows their fields or not, in the order of the file."""
    found: list[TextAt] = []
    waiting: list[tuple[KeyPath, Json]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            found.append((path, value))
        elif isinstance(value, dict):
            waiting.extend(((*path, key), item) for key, item in reversed(value.items()))
        elif isinstance(value, list):
            waiting.extend(((*path, index), value[index]) for index in range(len(value) - 1, -1, -1))
    return found


def names_and_texts(data: Json) -> tuple[set[str], list[str]]:
    """All field names and all texts of a record, without their places: a quick first look."""
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
