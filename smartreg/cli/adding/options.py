"""The options of `add-…`, made from the schema of its kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, NamedTuple

import typer

from smartreg.cli.options import offer, t
from smartreg.core.messages import computed
from smartreg.core.values import Json, Language, Words
from smartreg.edit import as_typed
from smartreg.schema import ITEM, PROPERTY, Field, Kind, unit_heading

FIELDS = t("Fields", "Champs")
ONE, MANY = str | None, list[str]
WIDEST = 11  # characters of a placeholder that leave room for the help, at 80 columns
_IN_QUOTES = re.compile(r",? (?:in quotes|entre guillemets)\b")
_FIELD_NAME = re.compile(r'["«]\s?([a-z_]+)\s?["»]')


class FieldOption(NamedTuple):
    """A generated option: its parameter with the Typer annotation, the option as people type it, whether it may be
    repeated, its field, and for a list of small objects the fields that `A:B` fills."""

    name: str
    annotation: Any
    flag: str
    many: bool
    field: Field
    parts: tuple[Field, ...] = ()


class AddForm(NamedTuple):
    """What `add-…` fills in: the kind, its preset values, and an option for each field that can have one."""

    kind: Kind
    preset: Mapping[str, Json]
    options: tuple[FieldOption, ...]


def field_options(kind: Kind, taken: Iterable[str]) -> tuple[FieldOption, ...]:
    """One option per field that can be given in one word; what cannot is left to `--set` and `--from`. An option that
    would clash with one that is `taken` is left out."""
    taken, found = set(taken), []
    for at, field in enumerate(kind.fields):
        names = tuple(name for name in _names(field) if name not in taken)
        shape, parts = _shape(kind, field)
        if shape is None or not any(name.startswith("--") for name in names):
            continue
        taken.update(names)
        sort, paths = ("pairs_of", [part.path for part in parts]) if parts else ("values_of", [field.path])
        option = typer.Option(
            *names,
            metavar=_metavar(kind, field, parts),
            help=_help(kind, field),
            autocompletion=offer(sort, kind.name, *paths),
            rich_help_panel=FIELDS,
        )
        found.append(FieldOption(f"field_{at}", Annotated[shape, option], names[-1], shape is MANY, field, parts))
    return tuple(found)


def _names(field: Field) -> Iterator[str]:
    if field.option is not None and not field.in_list and field.path != ("id",):
        if field.short:
            yield f"-{field.short}"
        yield f"--{field.option}"


def _shape(kind: Kind, field: Field) -> tuple[Any, tuple[Field, ...]]:
    if field.kind not in ("array", "object"):
        return ONE, ()
    item = kind.by_path.get((*field.path, ITEM))
    if field.kind == "object" or item is None:
        return None, ()
    if item.kind not in ("array", "object"):
        return MANY, ()
    parts = tuple(part for part in kind.fields if part.path[:-1] == item.path)[:2]
    scalar = len(parts) == 2 and all(part.kind not in ("array", "object") for part in parts)
    return (MANY, parts) if scalar else (None, ())


def item_of(kind: Kind, field: Field) -> Field:
    """The field itself, or the items of a list."""
    return kind.by_path.get((*field.path, ITEM), field)


def _help(kind: Kind, field: Field) -> str:
    """Title, unit, description and choices. A status is not required here: a new record has a usual one."""
    state = (kind.lifecycle.field,) if kind.lifecycle else ()
    required = field.required and len(field.path) == 1 and field.path != state
    return t(computed(lambda lang: _sentence(kind, field, lang, required=required)))


def _sentence(kind: Kind, field: Field, lang: Language, *, required: bool) -> str:
    title, text = field.title.in_(lang), _for_the_command_line(kind, field.description.in_(lang))
    mark = Words(" · required", " · obligatoire").in_(lang) if required else ""
    head = f"{title}{unit_heading(field.unit).in_(lang)}{mark}"
    said = f"{head}. {text}" if text and text.rstrip(".") != title else head
    item = item_of(kind, field)
    named = [item.choice(value).in_(lang) for value in item.enum if isinstance(value, str)]
    if not named:
        return said
    return Words(f"{said.removesuffix('.')}: {', '.join(named)}", f"{said.removesuffix('.')} : {', '.join(named)}").in_(
        lang
    )


def explain(kind: Kind, field: Field, lang: Language, known: str = "") -> str:
    """The description of a field in its schema, with an example, `known` in the registry or of the schema."""
    title, about = field.title.in_(lang), _IN_QUOTES.sub("", field.description.in_(lang))
    about = _FIELD_NAME.sub(lambda found: _title(kind, found[1], lang) or found[0], about)
    colon = " : " if lang == "fr" else ": "
    example = known or _example(kind, field, lang) or _example_of_items(kind, field, lang)
    rows = [f"{title}{colon}{about}" if about else title]
    rows += [f"{Words('Example', 'Exemple').in_(lang)}{colon}{example}"] if example else []
    return "\n".join(rows)


def _example(kind: Kind, field: Field, lang: Language) -> str:
    """The first example of a field that is not empty, as people type it, codes with what people call them."""
    item, value = item_of(kind, field), _first_value(kind, field)
    if value is None:
        return ""
    if not item.enum:
        return as_typed(value, ", ")
    return ", ".join(item.choice(each).in_(lang) for each in (value if isinstance(value, list) else [value]))


def _first_value(kind: Kind, field: Field) -> Json:
    """The first example of a field in its schema that is not empty, else its first choice."""
    examples = (*field.schema.get("examples", ()), *item_of(kind, field).enum)
    return next((each for each in examples if each not in ("", [])), None)


def _example_of_items(kind: Kind, field: Field, lang: Language) -> str:
    """A group of a list as JSON, as people type it; of what a device measures, one name."""
    inside = [part for part in kind.fields if part.path[:-1] == (*field.path, ITEM)]
    if PROPERTY in (part.path for part in inside):
        return _example(kind, kind.by_path[PROPERTY], lang)
    examples = {part.path[-1]: _first_value(kind, part) for part in inside if part.kind not in ("array", "object")}
    group = {name: value for name, value in examples.items() if value is not None}
    return json.dumps(group, ensure_ascii=False) if group else ""


def _title(kind: Kind, name: str, lang: Language) -> str:
    field = kind.by_path.get((name,))
    return "" if field is None else f"« {field.title.fr} »" if lang == "fr" else f'"{field.title.en}"'


def _for_the_command_line(kind: Kind, text: str) -> str:
    """A description of a field, reworded for options: no quotes around values, options instead of field names."""
    return _FIELD_NAME.sub(lambda found: _flags(kind, found[1]) or found[0], _IN_QUOTES.sub("", text))


def _flags(kind: Kind, name: str) -> str:
    """The option of a field, or the first of those of a group of fields; nothing where there is none."""
    inside = (field for field in kind.fields if field.path[0] == name and field.kind != "object")
    return next((f"--{field.option}" for field in inside if field.option is not None), "")


def _metavar(kind: Kind, field: Field, parts: tuple[Field, ...]) -> str:
    if parts:
        first, second = (part.path[-1].upper().replace("_", "-") for part in parts)
        whole = f"{first}[:{second}]"
        return whole if len(whole) <= WIDEST else f"{first[:4]}[:{second}]"
    word = placeholder(kind, field)
    return word if len(word) <= WIDEST else "ID" if item_of(kind, field).refs else "TEXT"


def placeholder(kind: Kind, field: Field) -> str:
    """The placeholder of a value in help and in ready command lines: SUPPORT-ID, YYYY-MM-DD, CATEGORY."""
    item = item_of(kind, field)
    if item.refs:
        return f"{item.refs[0].upper().replace('_', '-')}-ID"
    if item.schema.get("format") == "date":
        return "YYYY-MM-DD"
    if item.kind == "boolean":
        return "true|false"
    if item.kind in ("number", "integer"):
        return "NUMBER"
    word = (field.path[-1] if field.option is None else field.option).upper().replace("_", "-")
    return "TEXT" if word == "NUMBER" else word  # the number of an act is a text
