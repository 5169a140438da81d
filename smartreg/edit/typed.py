"""Typed text → the JSON value that the schema expects there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from smartreg.core.errors import UsageFault
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.suggest import suggestion
from smartreg.core.values import Json, KeyPath, Words
from smartreg.schema import Field, Kind, meant

_PATH = re.compile(r"[^.\[\]]+(?:\[[0-9]{1,9}\])*(?:\.[^.\[\]]+(?:\[[0-9]{1,9}\])*)*")
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_DECIMALS = re.compile(r"[-+]?[0-9]+[.,]([0-9]+)")
_TRUTH = {
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


def parse_value(field: Field | None, text: str) -> Json:
    """The value of `field` that `text` means; UsageFault says what was expected. Unknown fields stay text: the schema
    checks them. Lists are given as JSON, or as values separated by commas."""
    kind = field.kind if field else "string"
    name = field.name if field else ""
    if kind in ("number", "integer"):
        return _number(name, text, whole=kind == "integer")
    if kind == "boolean":
        if text.lower() not in _TRUTH:
            raise _fault(name, text, Words("yes or no (true, false)", "oui ou non (true, false)"))
        return _TRUTH[text.lower()]
    if kind in ("array", "object"):
        return _structure(name, kind, text)
    return text


def _number(name: str, text: str, *, whole: bool) -> Json:
    if not _NUMBER.fullmatch(text):
        if whole:
            raise _fault(name, text, Words("a whole number", "un nombre entier"))
        way = text.replace(",", ".")
        hint = Words(f"write {way}", f"écrivez {way}") if _NUMBER.fullmatch(way) else None
        raise _fault(name, text, Words("a number with a decimal point", "un nombre à point décimal"), hint)
    try:
        value = read_json(text)
    except Unreadable:
        raise _fault(name, text, Words("a number that can be stored", "un nombre représentable")) from None
    return int(value) if whole and isinstance(value, float) and value.is_integer() else value


def _structure(name: str, kind: str, text: str) -> Json:
    if text.startswith(("[", "{")):
        try:
            value = read_json(text)
        except Unreadable as fault:
            raise _fault(name, text, Words("JSON", "du JSON"), fault.placed) from None
        if isinstance(value, list if kind == "array" else dict):
            return value
    elif kind == "array":
        return [item.strip() for item in text.split(",") if item.strip()]
    raise _fault(
        name,
        text,
        Words(
            "a list" if kind == "array" else "fields, as JSON",
            "une liste" if kind == "array" else "un groupe de champs en JSON",
        ),
    )


def _fault(name: str, text: str, wanted: Words, hint: Words | None = None) -> UsageFault:
    return UsageFault(Words(f'{name}: "{text}" is not {wanted.en}', f"{name} : « {text} » n'est pas {wanted.fr}"), hint)


def decimals_typed(texts: Iterable[str]) -> int:
    """The most decimals that any of these numbers was typed with: `5.00100` has five."""
    return max((len(found[1]) for text in texts if (found := _DECIMALS.fullmatch(text.strip()))), default=0)


def key_path(text: str) -> KeyPath:
    """`measures[0].unit` → ("measures", 0, "unit"); UsageFault when it is not a path."""
    if not _PATH.fullmatch(text):
        raise UsageFault(
            Words(f'"{text}" is not a field path', f"« {text} » n'est pas un chemin de champ"),
            Words(
                "write it like status, location.lon or measures[0].unit",
                "écrivez-le comme status, location.lon ou measures[0].unit",
            ),
        )
    return tuple(int(found[2]) if found[2] else found[1] for found in _STEP.finditer(text))


def find_field(kind: Kind, path: KeyPath) -> Field:
    """The field at `path`; UsageFault with a suggestion when the schema has none."""
    field = kind.field_at(path)
    if field is not None:
        return field
    name = ".".join("[]" if isinstance(part, int) else part for part in path).replace(".[]", "[]")
    hint = suggestion(meant(name, kind.fields))
    raise UsageFault(Words(f'{kind.name} has no field "{name}"', f"{kind.name} n'a pas de champ « {name} »"), hint)


def assignment(kind: Kind, text: str) -> tuple[KeyPath, Json]:
    """`status=faulty` → (("status",), "faulty"), typed by the schema."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageFault(
            Words(f'"{text}" is not of the form FIELD=VALUE', f"« {text} » n'est pas de la forme CHAMP=VALEUR")
        )
    path = key_path(name)
    return path, parse_value(find_field(kind, path), value)
