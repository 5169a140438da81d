"""Values of fields as people read them: `show`, `list`, the review of a new record."""

from __future__ import annotations

from smartreg.core.messages import Language, Message
from smartreg.core.values import Json
from smartreg.schema.kinds import ITEM, Field, Kind
from smartreg.schema.wording import literal

YES, NO = Message("true"), Message("false")


def cell(kind: Kind, field: Field | None, value: Json, lang: Language) -> str:
    """A value of the field: the labels of its enumeration; lists of words in one line; empty if there is none."""
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
    return literal(value)
