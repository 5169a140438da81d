"""Fields and values as people type them, by the schema alone: paths, numbers, labels that become codes, lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, joined
from smartreg.core.spelling import suggestion
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json, KeyPath
from smartreg.schema.countries import CODE_FIELDS, called_elsewhere
from smartreg.schema.kinds import ITEM, Field, Kind, fields_under, suggest_name, values_called
from smartreg.schema.schemas import bundled_files, read_schemas

INSEE_CODE = "insee_code"
_PATH = re.compile(r"[^.\[\]]+(?:\[[0-9]{1,9}\])*(?:\.[^.\[\]]+(?:\[[0-9]{1,9}\])*)*")
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"-?(?:0,[0-9]+|[1-9][0-9]*,(?:[0-9]{1,2}|[0-9]{4,}))")  # 1,500 may be thousands
_DECIMALS = re.compile(r"[-+]?[0-9]+[.,]([0-9]+)")
_PARTS = re.compile(r"[,\n]")
TRUTH = {
    "true": True,
    "yes": True,
    "y": True,
    "oui": True,
    "o": True,
    "vrai": True,
    "false": False,
    "no": False,
    "n": False,
    "non": False,
    "faux": False,
}
"""Words that people type for true and false."""


def holds_commune(field: Field) -> bool:
    """True of a field whose values are codes of municipalities: `insee_code`, an item of `coverage_insee_codes`."""
    *_, before, last = (ITEM, *field.path)
    lists = tuple(f"{name}s" for name in CODE_FIELDS)
    return str(last).endswith(CODE_FIELDS) or (last == ITEM and str(before).endswith(lists))


def code_name(kinds: Iterable[Kind]) -> str:
    """What these kinds call the code of a municipality: `insee_code`, or what other countries have."""
    last = CODE_FIELDS[-1]
    names = (str(part) for kind in kinds for field in kind.fields for part in field.path[-2:])
    return last if any(name.endswith((last, f"{last}s")) for name in names) else INSEE_CODE


def parse_value(field: Field | None, text: str) -> Json:
    """The value of `field` that `text` means by the schema alone. Raises UsageFault, which says what was expected.
    Unknown fields and unknown codes stay text, which the schema refuses. Lists are given as JSON, or as values
    separated by commas."""
    kind = field.kind if field else "string"
    name = field.name if field else ""
    if kind in ("number", "integer"):
        return _number(name, text, whole=kind == "integer")
    if kind == "boolean":
        if text.lower() not in TRUTH:
            raise _not_of_type(name, text, Message("yes or no (true, false)"))
        return TRUTH[text.lower()]
    if kind in ("array", "object"):
        return _structure(name, kind, text)
    return _code(field, text) if field and field.enum else text


def _code(field: Field, text: str) -> Json:
    """The code for a label. Raises UsageFault if several have it."""
    found = values_called(field, text)
    if len(found) > 1:
        listed = [field.choice(value) for value in found]
        raise UsageFault(
            Message('{field}: "{text}" means several: {listed}', field=field.name, text=text, listed=joined(listed)),
            Message("write one of these codes"),
        )
    return found[0] if found else text


def _number(name: str, text: str, *, whole: bool) -> Json:
    if not _NUMBER.fullmatch(text):
        if whole:
            raise _not_of_type(name, text, Message("a whole number"))
        way = text.replace(",", ".")
        if _DECIMAL_COMMA.fullmatch(text):
            return _number(name, way, whole=False)
        hint = Message("write {way}", way=way) if _NUMBER.fullmatch(way) else None
        raise _not_of_type(name, text, Message("a number with a decimal point"), hint)
    try:
        value = read_json(text)
    except Unreadable:
        raise _not_of_type(name, text, Message("a number that can be stored")) from None
    return int(value) if whole and isinstance(value, float) and value.is_integer() else value


def as_typed(value: Json, between: str = ",") -> str:
    """A value as `read_value` reads it: a list with commas, or as JSON if an item would be read as something else."""
    if isinstance(value, (list, tuple)) and all(map(_stands_between_commas, value)):
        return between.join(text if isinstance(text, str) else json.dumps(text) for text in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=dict)


def _stands_between_commas(item: Json) -> bool:
    if isinstance(item, str):
        return item == item.strip() != "" and not item.startswith(("[", "{")) and not _PARTS.search(item)
    return not isinstance(item, (list, tuple, Mapping))


def _structure(name: str, kind: str, text: str) -> Json:
    if text.startswith(("[", "{")):
        try:
            value = read_json(text)
        except Unreadable as fault:
            raise _not_of_type(name, text, Message("JSON"), fault.placed) from None
        if isinstance(value, list if kind == "array" else dict):
            return value
    elif kind == "array":
        return [item.strip() for item in text.split(",") if item.strip()]
    wanted = Message("a list") if kind == "array" else Message("fields, as JSON")
    raise _not_of_type(name, text, wanted)


def _not_of_type(name: str, text: str, wanted: Text, hint: Text | None = None) -> UsageFault:
    return UsageFault(Message('{name}: "{text}" is not {wanted}', name=name, text=text, wanted=wanted), hint)


def decimals_typed(texts: Iterable[str]) -> int:
    """The most decimals that any of these numbers was typed with: `5.00100` has five."""
    return max((len(found[1]) for text in texts if (found := _DECIMALS.fullmatch(text.strip()))), default=0)


def key_path(text: str) -> KeyPath:
    """`measures[0].unit` → ("measures", 0, "unit"); UsageFault if it is not a path."""
    if not _PATH.fullmatch(text):
        raise UsageFault(
            Message('"{text}" is not a field path', text=text),
            Message("write it like status, location.lon or measures[0].unit"),
        )
    return tuple(int(found[2]) if found[2] else found[1] for found in _STEP.finditer(text))


def field_path(kind: Kind, text: str) -> KeyPath:
    """The key path of the field with this name, option, heading or title in either language: `statut`,
    `mesures[0].unité`, `longitude`. Raises UsageFault if there is none, or several."""
    path = key_path(text)
    if kind.field_at(path) is not None:
        return path
    done: KeyPath = ()
    for part in path:
        done = (*done, part if isinstance(part, int) else _find_named(kind, done, part) or part)
    if kind.field_at(done) is None and len(path) == 1:
        inner = _one_of(text, fields_under(text, (field for field in kind.fields if not field.in_list)))
        done = key_path(inner) if inner else path
    find_field(kind, done)
    return done


def _find_named(kind: Kind, group: KeyPath, word: str) -> str | None:
    """The name of the field in a group that is called so."""
    above = tuple(ITEM if isinstance(part, int) else part for part in group)
    inside = {field.name: field.path[-1] for field in kind.fields if field.path[:-1] == above}
    if word in inside.values():
        return word
    found = _one_of(word, fields_under(word, (field for field in kind.fields if field.name in inside)))
    return inside[found] if found else None


def _one_of(word: str, names: Sequence[str]) -> str | None:
    if len(names) > 1:
        listed = ", ".join(names)
        raise UsageFault(
            Message('"{word}" means several fields: {listed}', word=word, listed=listed),
            Message("write the name of one"),
        )
    return names[0] if names else None


def find_field(kind: Kind, path: KeyPath) -> Field:
    """The field at `path`. Raises UsageFault, with a suggestion, if the schema has none."""
    field = kind.field_at(path)
    if field is not None:
        return field
    name = ".".join("[]" if isinstance(part, int) else part for part in path).replace(".[]", "[]")
    hint = suggestion(suggest_name(name, kind.fields)) or Message(
        "smartreg add-{noun} -h lists its fields", noun=kind.noun
    )
    shipped = read_schemas(bundled_files()).kinds.get(kind.name)
    of_country = called_elsewhere(name, [other.name for other in kind.fields])
    if of_country is None and shipped is not None and shipped.field_at(path) is not None:
        hint = Message(
            "the schemas of the registry are older: smartreg schema --refresh brings it, in a change of its own"
        )
    raise UsageFault(Message('{kind} has no field "{name}"', kind=kind.name, name=name, title=kind.title), hint)
