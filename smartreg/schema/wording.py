"""Words for what a schema refuses: never the engine's own text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from smartreg.core.messages import SOURCE, Message, Text, joined, verbatim
from smartreg.core.spelling import day_in, did_you_mean, fold, slug, suggestion
from smartreg.core.values import Json, KeyPath, path_text
from smartreg.schema.kinds import ITEM, Kind, key_meant, value_hint

TYPE_WORDS = {
    "string": Message("text"),
    "number": Message("a number"),
    "integer": Message("a whole number"),
    "boolean": Message("true or false"),
    "array": Message("a list"),
    "object": Message("a mapping of fields"),
    "null": Message("nothing"),
}
FORMAT_WORDS = {
    "date": Message("a date, YYYY-MM-DD"),
    "date-time": Message("a date and time with zone"),
    "duration": Message("an ISO 8601 duration such as PT15M or P1Y"),
    "email": Message("an e-mail address"),
    "uri": Message("a web address such as https://example.org/"),
}


# 16 bytes or more in hexadecimal, also with separators (a LoRaWAN key pasted into an EUI field), or a long run of
# lower- and upper-case letters with digits (a token).
_MAY_BE_SECRET = (
    r"[0-9A-Fa-f]{32,}"
    r"|(?:0x)?[0-9A-Fa-f]{2}(?:[ :,-]{1,2}(?:0x)?[0-9A-Fa-f]{2}){15,}"
    r"|(?<![0-9A-Za-z_])(?=[A-Za-z_-]{0,40}[0-9])(?=[a-z0-9_-]{0,40}[A-Z])(?=[A-Z0-9_-]{0,40}[a-z])[0-9A-Za-z_+=-]{20,}"
)

_DIGITS = r"\^\[(0-9|0-9A-F|0-9a-f)\]\{([0-9]+)\}\$"
_DIGIT_WORDS = {
    "0-9": Message("{n} digits"),
    "0-9A-F": Message("{n} hexadecimal digits (0–9, A–F)"),
    "0-9a-f": Message("{n} hexadecimal digits (0–9, a–f)"),
}
_SHAPES = {
    "^[a-z0-9]+(-[a-z0-9]+)*$": Message("lower-case letters and digits, with hyphens between"),
    "^([0-9A-F]{2}:){5}[0-9A-F]{2}$": Message("six pairs of hexadecimal digits (0–9, A–F), with colons between"),
}
LONGEST = 200  # a longer text is not a misspelled word
_DECIMAL = r"-?[0-9]{1,15}(?:[.,][0-9]{1,15})?"
_COUNTED = r"([0-9]{1,6}) *([^\W\d]+)\.?"
_UNITS = (
    ("s|secs?|secondes?|seconds?", "PT{}S"),
    ("min|mins|minutes?", "PT{}M"),
    ("h|heures?|hours?", "PT{}H"),
    ("j|jours?|d|days?", "P{}D"),
    ("semaines?|weeks?", "P{}W"),
    ("mois|months?", "P{}M"),
    ("ans?|annees?|years?", "P{}Y"),
)


class CodedMessage(NamedTuple):
    """A code and what to say."""

    code: str
    message: Text
    hint: Text | None = None


def literal(value: Json, limit: int = 80) -> str:
    """A value as a literal in a message: JSON on one line, cut if long. Of a possible key or token only the start is
    shown, because more people read logs than the registry."""
    text = re.sub(_MAY_BE_SECRET, lambda found: f"{found[0][:4]}…", json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def likely_secrets(text: str) -> list[tuple[int, int]]:
    """Where a text contains what may be a key or token: start and end."""
    return [match.span() for match in re.finditer(_MAY_BE_SECRET, text)]


def describe_fault(word: str, kind: Kind, path: KeyPath, value: Json, wanted: Json) -> CodedMessage:
    """The message that `value` at `path` breaks the keyword `word`, which requires `wanted`."""
    name = path_text(path) or kind.name
    return _TELLERS.get(word, _other)(kind, name, path, value, wanted)


def _word_required(kind: Kind, name: str, path: KeyPath, value: Json, _wanted: Json) -> CodedMessage:
    field, life = kind.field_at(path), kind.lifecycle
    status = value.get(life.field) if life and isinstance(value, dict) and len(path) == 1 else None
    # Where the field is required anyway, the status is not why.
    if isinstance(status, str) and not (field and field.required):
        state = literal(status)
        message = Message('required field "{name}" is missing (status is {state})', name=name, state=state)
    else:
        message = Message('required field "{name}" is missing', name=name)
    return CodedMessage("SCH101", message, _lines_to_add(kind, name, path))


def _lines_to_add(kind: Kind, name: str, path: KeyPath) -> Text:
    """How to write a missing field: of a group, the fields that it needs, with the examples of the schema."""
    field = kind.field_at(path)
    parts = [kind.field_at((*path, key)) for key in field.schema.get("required", ())] if field else []
    examples = [(part.path[-1], part.schema.get("examples", ("…",))[0]) for part in parts if part]
    if not examples:
        return Message("add {name}: …", name=name)
    listed = ", ".join(
        f"{key}: {literal(example) if isinstance(example, str) else example}" for key, example in examples
    )
    return Message("add {name}: and, indented below it, {listed}", name=name, listed=listed)


def _one_required(kind: Kind, _name: str, path: KeyPath, _value: Json, wanted: Any) -> CodedMessage:
    names = ", ".join(wanted)
    return CodedMessage("SCH101", Message("one of these fields is required: {names}", names=names))


def _type(_kind: Kind, name: str, _path: KeyPath, value: Json, wanted: Json) -> CodedMessage:
    words = [TYPE_WORDS[item] for item in ([wanted] if isinstance(wanted, str) else wanted) if item in TYPE_WORDS]
    types = joined(words, Message(" or "))
    hint = None
    if wanted == "string" and not isinstance(value, (dict, list)) and value is not None:
        hint = Message("write it in quotes")
    if wanted in ("number", "integer") and isinstance(value, str) and re.fullmatch(_DECIMAL, value.strip()):
        number = value.strip().replace(",", ".")
        hint = Message("write {number}, without quotes", number=number)
        if "," in value:
            hint = Message("write {number}", number=number)
    if value is None:
        hint = Message("give a value, or leave the field out")
    return CodedMessage(
        "SCH102",
        Message("{name} is {value}; it must be {types}", name=name, value=literal(value), types=types),
        hint,
    )


def _enum(kind: Kind, name: str, path: KeyPath, value: Json, wanted: Any) -> CodedMessage:
    choices = wanted if isinstance(wanted, list) else [wanted]
    field = kind.field_at(path)
    words = [field.choice(item) if field else verbatim(str(item)) for item in choices]
    allowed = joined(words)
    return CodedMessage(
        "SCH103",
        Message("{name} is {value}; it must be one of {allowed}", name=name, value=literal(value), allowed=allowed),
        value_hint(field, value, choices) if field and isinstance(value, str) and len(value) <= LONGEST else None,
    )


def _pattern(kind: Kind, name: str, path: KeyPath, value: Json, wanted: Json) -> CodedMessage:
    field = kind.field_at(path)
    examples = field.schema.get("examples", ()) if field else ()
    shown = literal(value)
    asked = re.fullmatch(_DIGITS, str(wanted))
    if asked is not None:
        message: Text = _miscounted(name, str(value), asked[1], int(asked[2]))
    elif wanted in _SHAPES:
        message = Message("{name} is {value}; it must be {words}", name=name, value=shown, words=_SHAPES[str(wanted)])
    else:
        message = Message("{name} is {value}; it must be written in another form", name=name, value=shown)
    if examples:
        return CodedMessage("SCH104", message, Message("for example {example}", example=literal(examples[0])))
    return CodedMessage("SCH104", message, field.description if field and field.description.in_(SOURCE) else None)


def _miscounted(name: str, value: str, allowed: str, wanted: int) -> Text:
    """How many digits a value has, and how many it must have."""
    digits, shown = _DIGIT_WORDS[allowed].fill(n=wanted), literal(value)
    count = len(re.findall(f"[{allowed}]", value, re.IGNORECASE))
    if count == wanted:
        return Message("{name} is {value}; it must be {digits} and nothing else", name=name, value=shown, digits=digits)
    return Message(
        "{name} is {value}; it must be {digits}, and has {count}", name=name, value=shown, digits=digits, count=count
    )


def _format(_kind: Kind, name: str, _path: KeyPath, value: Json, wanted: Json) -> CodedMessage:
    hint = None
    if wanted == "date" and (day := day_in(value)):
        hint = Message("is it {day}?", day=day)
    if wanted == "duration" and (span := duration_in(value)):
        hint = Message("write {span}", span=span)
    words = FORMAT_WORDS.get(wanted, Message("a valid {wanted}", wanted=wanted))
    return CodedMessage(
        "SCH105",
        Message("{name} is {value}; it must be {words}", name=name, value=literal(value), words=words),
        hint,
    )


def duration_in(value: Json) -> str | None:
    """`30 jours`, `6 months` as ISO 8601 writes them: P30D, P6M; None for anything else."""
    match = re.fullmatch(_COUNTED, value.strip()) if isinstance(value, str) and len(value) <= LONGEST else None
    unit = next((form for word, form in _UNITS if re.fullmatch(word, fold(match[2]))), None) if match else None
    return unit.format(int(match[1])) if match and unit else None


def rewrite_hint(value: Json, accepts: Callable[[Json], bool]) -> Text | None:
    """A hint with the user's value in the form that `accepts` requires; None if no spelling fits."""
    way = respelt(value, accepts)
    return Message("write {way}", way=literal(way)) if way else None


def respelt(value: Json, accepts: Callable[[Json], bool]) -> str | None:
    """The user's value in the form that `accepts` requires; None if no spelling fits."""
    if not isinstance(value, str) or len(value) > 200:
        return None
    compact = re.sub(r"[\s:.-]", "", value)
    pairs = ":".join(re.findall("..", compact))
    ways = (value.strip(), value.strip().upper(), slug(value), compact.upper(), compact.lower(), pairs.upper(), pairs)
    for way in (*ways, pairs.lower()):
        if way and way != value and accepts(way) and "…" not in literal(way):
            return way
    return None


# By keyword: what is wrong; if it counts, where the limit is one and where it is another number.
_LIMITS = {
    "minimum": (Message("{name} is {value}; it must be at least {limit}"),),
    "maximum": (Message("{name} is {value}; it must be at most {limit}"),),
    "exclusiveMinimum": (Message("{name} is {value}; it must be more than {limit}"),),
    "exclusiveMaximum": (Message("{name} is {value}; it must be less than {limit}"),),
    "multipleOf": (Message("{name} is {value}; it must be a multiple of {limit}"),),
    "minLength": (
        Message("{name} is {value}; it must be at least 1 character long"),
        Message("{name} is {value}; it must be at least {limit} characters long"),
    ),
    "maxLength": (
        Message("{name} is {value}; it must be at most 1 character long"),
        Message("{name} is {value}; it must be at most {limit} characters long"),
    ),
    "minItems": (
        Message("{name} is {value}; it must be a list of at least 1 item"),
        Message("{name} is {value}; it must be a list of at least {limit} items"),
    ),
    "maxItems": (
        Message("{name} is {value}; it must be a list of at most 1 item"),
        Message("{name} is {value}; it must be a list of at most {limit} items"),
    ),
    "minProperties": (
        Message("{name} is {value}; it must be given at least 1 field"),
        Message("{name} is {value}; it must be given at least {limit} fields"),
    ),
    "maxProperties": (
        Message("{name} is {value}; it must be given at most 1 field"),
        Message("{name} is {value}; it must be given at most {limit} fields"),
    ),
}


def _limit(word: str) -> Callable[[Kind, str, KeyPath, Json, Json], CodedMessage]:
    sentences = _LIMITS[word]

    def describe(_kind: Kind, name: str, _path: KeyPath, value: Json, wanted: Json) -> CodedMessage:
        sentence = sentences[0] if wanted == 1 else sentences[-1]
        return CodedMessage("SCH106", sentence.fill(name=name, value=literal(value), limit=wanted))

    return describe


def _unknown_field_message(kind: Kind, _name: str, path: KeyPath, value: Json, wanted: Any) -> CodedMessage:
    name = path_text((*path, value))
    group = tuple(ITEM if isinstance(part, int) else part for part in path)
    return CodedMessage(
        "SCH107",
        Message("unknown field {name}", name=literal(name)),
        suggestion(key_meant(kind, group, str(value))) or did_you_mean(value, wanted),
    )


def _unique(_kind: Kind, name: str, _path: KeyPath, value: Any, _wanted: Json) -> CodedMessage:
    seen: set[str] = set()
    for item in value:
        text = json.dumps(item, sort_keys=True, default=str)
        if text in seen:
            return CodedMessage(
                "SCH108",
                Message("{name} holds {item} twice", name=name, item=literal(item)),
                Message("remove one of them"),
            )
        seen.add(text)
    # 1 and 1.0 are the same to a schema and not the same text.
    return CodedMessage("SCH108", Message("{name} holds an item twice", name=name))


def _disagree(kind: Kind, name: str, _path: KeyPath, _value: Json, _wanted: Json) -> CodedMessage:
    return CodedMessage(
        "SCH109",
        Message("the schema of {kind} refuses this record, and no reason could be worked out", kind=kind.name),
    )


def _other(_kind: Kind, name: str, _path: KeyPath, value: Json, _wanted: Json) -> CodedMessage:
    return CodedMessage(
        "SCH109",
        Message("{name} is {value}, which the schema does not allow", name=name, value=literal(value)),
    )


_TELLERS: dict[str, Callable[[Kind, str, KeyPath, Any, Any], CodedMessage]] = {
    "required": _word_required,
    "oneRequired": _one_required,
    "type": _type,
    "enum": _enum,
    "const": _enum,
    "pattern": _pattern,
    "format": _format,
    "unknown": _unknown_field_message,
    "uniqueItems": _unique,
    "disagree": _disagree,
    **{word: _limit(word) for word in _LIMITS},
}
