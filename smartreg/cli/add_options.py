"""The options of `add-…`, made from the schema of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from smartreg.cli.parameters import COMMON, WRITER, Option, Parameter, Shape
from smartreg.core.values import Language, Words
from smartreg.schema import ITEM, Field, Kind, beside

FIELDS = Words("Fields", "Champs")
_IN_QUOTES = re.compile(r",? (?:in quotes|entre guillemets)\b")
_FIELD_NAME = re.compile(r'["«]\s?([a-z_]+)\s?["»]')


class Made(NamedTuple):
    """A generated option: its parameter, its field, and for a list of small objects the fields that `A:B` fills."""

    parameter: Parameter
    field: Field
    parts: tuple[Field, ...] = ()

    @property
    def flag(self) -> str:
        """The option as people type it."""
        spec = self.parameter.spec
        return spec.names[-1] if isinstance(spec, Option) else ""


def made_options(kind: Kind) -> tuple[Made, ...]:
    """One option per field that can be given in one word; what cannot is left to `--set` and `--from`. An option that
    would clash with a common one is left out."""
    taken = {name for item in (*COMMON, *WRITER) if isinstance(item.spec, Option) for name in item.spec.names}
    taken |= {"--id", "--set", "--from", "--like", "--near", "--repeat", "--help", "-h"}
    found = []
    for at, field in enumerate(kind.fields):
        names = tuple(name for name in _names(field) if name not in taken)
        shape, parts = _shape(kind, field)
        if shape is None or not any(name.startswith("--") for name in names):
            continue
        taken.update(names)
        spec = Option(
            names,
            _help(kind, field),
            _metavar(kind, field, parts),
            _choices(kind, field),
            _completes(kind, field),
            _labels(kind, field),
        )
        found.append(Made(Parameter(f"field_{at}", shape, spec, FIELDS), field, parts))
    return tuple(found)


def _names(field: Field) -> Iterator[str]:
    if field.option is not None and not field.in_list and field.path != ("id",):
        if field.short:
            yield f"-{field.short}"
        yield f"--{field.option}"


def _shape(kind: Kind, field: Field) -> tuple[Shape | None, tuple[Field, ...]]:
    if field.kind not in ("array", "object"):
        return "one", ()
    item = kind.by_path.get((*field.path, ITEM))
    if field.kind == "object" or item is None:
        return None, ()
    if item.kind not in ("array", "object"):
        return "many", ()
    parts = tuple(part for part in kind.fields if part.path[:-1] == item.path)[:2]
    scalar = len(parts) == 2 and all(part.kind not in ("array", "object") for part in parts)
    return ("many", parts) if scalar else (None, ())


def item_of(kind: Kind, field: Field) -> Field:
    """The field itself, or the items of a list."""
    return kind.by_path.get((*field.path, ITEM), field)


def _help(kind: Kind, field: Field) -> Words:
    """Title, unit and description. A status is not required here: a new record has a usual one."""
    state = (kind.lifecycle.field,) if kind.lifecycle else ()
    required = field.required and len(field.path) == 1 and field.path != state
    return Words(
        _sentence(kind, field, "en", " · required" if required else ""),
        _sentence(kind, field, "fr", " · obligatoire" if required else ""),
    )


def _sentence(kind: Kind, field: Field, lang: Language, mark: str) -> str:
    title, text = field.title.in_(lang), _for_the_command_line(kind, field.description.in_(lang))
    head = f"{title}{beside(field.unit).in_(lang)}{mark}"
    return f"{head}. {text}" if text and text.rstrip(".") != title else head


def _for_the_command_line(kind: Kind, text: str) -> str:
    """A description of a field in YAML, said for options: no quotes around values, options instead of field names."""
    return _FIELD_NAME.sub(lambda found: _flags(kind, found[1]) or found[0], _IN_QUOTES.sub("", text))


def _flags(kind: Kind, name: str) -> str:
    """The option of a field, or the first of those of a group of fields; nothing where there is none."""
    inside = (field for field in kind.fields if field.path[0] == name and field.kind not in ("array", "object"))
    return next((f"--{field.option}" for field in inside if field.option is not None), "")


def _choices(kind: Kind, field: Field) -> tuple[str, ...]:
    return tuple(value for value in item_of(kind, field).enum if isinstance(value, str))


def _labels(kind: Kind, field: Field) -> dict[str, Words]:
    labels = item_of(kind, field).labels
    return {value: labels[value] for value in _choices(kind, field) if value in labels}


def _completes(kind: Kind, field: Field) -> str:
    refs = item_of(kind, field).refs
    return f"ref:{','.join(refs)}" if refs else ""


def _metavar(kind: Kind, field: Field, parts: tuple[Field, ...]) -> str:
    if parts:
        first, second = (part.path[-1].upper().replace("_", "-") for part in parts)
        return f"{first}[:{second}]"
    return placeholder(kind, field)


def placeholder(kind: Kind, field: Field) -> str:
    """What stands for a value in help and in ready command lines: SUPPORT-ID, YYYY-MM-DD, CATEGORY."""
    item = item_of(kind, field)
    if item.refs:
        return f"{item.refs[0].upper().replace('_', '-')}-ID"
    if item.schema.get("format") == "date":
        return "YYYY-MM-DD"
    if item.kind == "boolean":
        return "true|false"
    if item.kind in ("number", "integer"):
        return "NUMBER"
    return (field.path[-1] if field.option is None else field.option).upper().replace("_", "-")
