"""Fields and values as the schemas call them in a language: for people; machine formats keep names and codes."""

from __future__ import annotations

from collections.abc import Iterable

from smartreg.core.values import Json, Language, Words
from smartreg.schema import ITEM, Field, Kind, shown

YES, NO = Words("true", "oui"), Words("false", "non")


def title_of(kinds: Iterable[Kind], name: str, lang: Language) -> str:
    """What the first of the kinds that has this field calls it; its name where none has it."""
    path = tuple(name.split("."))
    return next((kind.by_path[path].title.in_(lang) for kind in kinds if path in kind.by_path), name)


def cell(kind: Kind, field: Field | None, value: Json, lang: Language) -> str:
    """A value of the field: the labels of its enumeration; lists of words in one line; empty when there is none."""
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        item = kind.by_path.get((*field.path, ITEM), field) if field else None
        return ", ".join(word(item, one, lang) for one in value)
    return word(field, value, lang)


def word(field: Field | None, value: Json, lang: Language) -> str:
    """One value: its label where the schema has one, yes or no, else as it is."""
    if isinstance(value, bool):
        return (YES if value else NO).in_(lang)
    if isinstance(value, str):
        return field.labels[value].in_(lang) if field and value in field.labels else value
    return shown(value)
