"""The options of `add-…`, made from the schema of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, NamedTuple

import typer

from smartreg.asking.explanations import FIELD_NAME, IN_QUOTES
from smartreg.cli.options import offer, t
from smartreg.core.messages import Language, Message, computed
from smartreg.core.values import Json
from smartreg.schema import ITEM, Field, Kind, unit_heading

FIELDS = t("Fields")
ONE, MANY = str | None, list[str]
WIDEST = 11  # characters of a placeholder that leave room for the help, at 80 columns


class FieldOption(NamedTuple):
    """A generated option: its parameter with the Typer annotation, the option as people type it, whether it may be
    repeated, its field, and for a list of small objects the fields that `A:B` fills."""

    name: str
    annotation: Any
    flag: str
    many: bool
    field: Field
    parts: tuple[Field, ...] = ()


class AddOptions(NamedTuple):
    """The options of `add-…`: the kind, its preset values, and an option for each field that can have one."""

    kind: Kind
    preset: Mapping[str, Json]
    options: tuple[FieldOption, ...]


def field_options(kind: Kind, taken: Iterable[str]) -> tuple[FieldOption, ...]:
    """One option per field that can be given in one word; what cannot is left to `--set` and `--from`. An option that
    would clash with one that is `taken` is left out."""
    taken, options = set(taken), []
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
        options.append(FieldOption(f"field_{at}", Annotated[shape, option], names[-1], shape is MANY, field, parts))
    return tuple(options)


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


def _help(kind: Kind, field: Field) -> str:
    """Title, unit, description and choices. A status is not required here: a new record has a usual one."""
    state = (kind.lifecycle.field,) if kind.lifecycle else ()
    required = field.required and len(field.path) == 1 and field.path != state
    return t(computed(lambda lang: _sentence(kind, field, lang, required=required)))


def _sentence(kind: Kind, field: Field, lang: Language, *, required: bool) -> str:
    title, text = field.title.in_(lang), _for_the_command_line(kind, field.description.in_(lang))
    mark = Message(" · required").in_(lang) if required else ""
    head = f"{title}{unit_heading(field.unit).in_(lang)}{mark}"
    sentence = f"{head}. {text}" if text and text.rstrip(".") != title else head
    item = kind.item_of(field)
    choices = [item.choice(value).in_(lang) for value in item.enum if isinstance(value, str)]
    if not choices:
        return sentence
    return Message("{value}: {named}", value=sentence.removesuffix("."), named=", ".join(choices)).in_(lang)


def _for_the_command_line(kind: Kind, text: str) -> str:
    """A description of a field, reworded for options: no quotes around values, options instead of field names."""
    return FIELD_NAME.sub(lambda name: _flag_of(kind, name[1]) or name[0], IN_QUOTES.sub("", text))


def _flag_of(kind: Kind, name: str) -> str:
    """The option of a field, or the first of those of a group of fields; nothing where there is none."""
    inside = (field for field in kind.fields if field.path[0] == name and field.kind != "object")
    return next((f"--{field.option}" for field in inside if field.option is not None), "")


def _metavar(kind: Kind, field: Field, parts: tuple[Field, ...]) -> str:
    if parts:
        first, second = (part.path[-1].upper().replace("_", "-") for part in parts)
        whole = f"{first}[:{second}]"
        return whole if len(whole) <= WIDEST else f"{first[:4]}[:{second}]"
    word = placeholder(kind, field)
    return word if len(word) <= WIDEST else "ID" if kind.item_of(field).refs else "TEXT"


def placeholder(kind: Kind, field: Field) -> str:
    """The placeholder of a value in help and in ready command lines: SUPPORT-ID, YYYY-MM-DD, CATEGORY."""
    item = kind.item_of(field)
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
