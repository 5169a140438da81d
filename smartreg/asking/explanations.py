"""The meaning of a field, for somebody who is asked for it: its description, without the words about YAML."""

from __future__ import annotations

import json
import re

from smartreg.core.messages import Language, Message
from smartreg.core.values import Json
from smartreg.schema import ITEM, PROPERTY, Field, Kind, as_typed

IN_QUOTES = re.compile(r",? (?:in quotes|entre guillemets)\b")
FIELD_NAME = re.compile(r'["«]\s?([a-z_]+)\s?["»]')


def explain(kind: Kind, field: Field, lang: Language, example: str = "") -> str:
    """The description of a field in its schema, with an example: this one of the registry, or one of the schema."""
    title, about = field.title.in_(lang), IN_QUOTES.sub("", field.description.in_(lang))
    about = FIELD_NAME.sub(lambda name: _quoted_title(kind, name[1], lang) or name[0], about)
    colon = Message(": ").in_(lang)
    example = example or _example(kind, field, lang) or _example_of_items(kind, field, lang)
    rows = [f"{title}{colon}{about}" if about else title]
    rows += [Message("Example: {example}", example=example).in_(lang)] if example else []
    return "\n".join(rows)


def _example(kind: Kind, field: Field, lang: Language) -> str:
    """The first example of a field that is not empty, as people type it, codes with what people call them."""
    item, value = kind.item_of(field), _first_value(kind, field)
    if value is None:
        return ""
    if not item.enum:
        return as_typed(value, ", ")
    return ", ".join(item.choice(each).in_(lang) for each in (value if isinstance(value, list) else [value]))


def _first_value(kind: Kind, field: Field) -> Json:
    """The first example of a field in its schema that is not empty, else its first choice."""
    examples = (*field.schema.get("examples", ()), *kind.item_of(field).enum)
    return next((each for each in examples if each not in ("", [])), None)


def _example_of_items(kind: Kind, field: Field, lang: Language) -> str:
    """A group of a list as JSON, as people type it; of what a device measures, one name."""
    inside = [part for part in kind.fields if part.path[:-1] == (*field.path, ITEM)]
    if PROPERTY in (part.path for part in inside):
        return _example(kind, kind.by_path[PROPERTY], lang)
    examples = {part.path[-1]: _first_value(kind, part) for part in inside if part.kind not in ("array", "object")}
    group = {name: value for name, value in examples.items() if value is not None}
    return json.dumps(group, ensure_ascii=False) if group else ""


def _quoted_title(kind: Kind, name: str, lang: Language) -> str:
    field = kind.by_path.get((name,))
    return "" if field is None else Message('"{title}"', title=field.title).in_(lang)
