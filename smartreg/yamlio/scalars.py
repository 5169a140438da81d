"""What a plain (unquoted) scalar means: YAML 1.2 core, without the spellings that readers understand differently.

Numbers that look like identifiers are refused: `01001` is 513, 1001 or "01001" depending on the library, and
`70E4123456781234` is infinity. Of what is read, `differs` recognises the spellings that readers of YAML 1.1 (PyYAML)
and of YAML 1.2 (ruamel.yaml) do not read alike: `NO`, `18:30`, `1e3`. Dates are text here and dates there: nobody is
misled.
"""

from __future__ import annotations

import json
import re
from datetime import date
from math import isfinite
from typing import Final

from smartreg.core.values import Json, Words

INTEGER_DIGITS: Final = 18
"""More digits than a signed 64-bit integer surely holds are an identifier, or lost by most readers."""

DECIMAL_DIGITS: Final = 17
"""Significant digits that a double keeps."""

WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

JSON_WORDS: Final = frozenset(("true", "false", "null", ""))
"""Words that say the same in JSON; the empty scalar has no text that could be shown."""

WORDS_ELSEWHERE: Final = frozenset(
    ("=", "<<", *(form for word in ("y", "n", "yes", "no", "on", "off") for form in (word, word.title(), word.upper())))
)
"""Texts that are true, false or worse to readers of YAML 1.1."""

SPECIAL: Final = WORDS_ELSEWHERE.union(WORDS)
NUMBER_HEADS: Final = frozenset("0123456789+-.")
"""First characters of all that is not surely a text for every reader, but for the `SPECIAL` words."""

_is_simple = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,8})?").fullmatch  # most numbers, on a short way
_NUMBER = re.compile(
    r"[-+]?(?:0x(?P<hex>[0-9a-fA-F]+)|0o(?P<octal>[0-7]+)"
    r"|(?P<mantissa>(?P<whole>[0-9]+)(?P<decimals>\.[0-9]*)?|\.[0-9]+)(?:[eE](?P<exponent>[-+]?[0-9]+))?)"
)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_UNDERSCORED = re.compile(r"[-+]?[0-9][0-9a-fA-Fox_]*_[0-9a-fA-F_.:]*")

_NUMBER_EVERYWHERE = re.compile(
    r"[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+)|(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?"
)
_NUMBER_ELSEWHERE = re.compile(
    r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9_]+)"
    r"|[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)"  # to the base of sixty
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)

_QUOTE_IT = Words(
    en="readers of YAML do not agree on this number", fr="les lecteurs YAML ne s'accordent pas sur ce nombre"
)


class NumberRefused(ValueError):
    """A plain scalar that must be written in another way; `reason` and `hint` say why and how."""

    def __init__(self, source: str, reason: Words = _QUOTE_IT, hint: Words | None = None) -> None:
        super().__init__(source)
        self.source = source
        self.reason = reason
        quoted = shorten(json.dumps(source, ensure_ascii=False))
        self.hint = hint or Words(en=f"write it in quotes: {quoted}", fr=f"écrivez-le entre guillemets : {quoted}")


def parse_scalar(source: str) -> Json:
    """The value of a plain scalar: None, bool, int, float, or the text itself. Raises `NumberRefused`."""
    if source in WORDS:
        return WORDS[source]
    if source[:1] not in NUMBER_HEADS:
        return source
    if _is_simple(source):
        return float(source) if "." in source else int(source)
    if source[4:5] == source[7:8] == "-":  # a date: no number has both dashes
        return source
    match = _NUMBER.fullmatch(source)
    if match is None:
        _refuse_other_numbers(source)
        return source
    if match["mantissa"] is None:
        if len(source) > INTEGER_DIGITS:
            raise _too_long(source)
        return int(source, 0)
    whole = match["whole"] or "0"
    if whole.startswith("0") and len(whole) > 1:
        raise NumberRefused(source)
    if match["mantissa"] != whole or match["exponent"] is not None:
        return _decimal(source, match["mantissa"], match["exponent"])
    if len(whole) > INTEGER_DIGITS:
        raise _too_long(source)
    return int(source)


def differs(source: str, value: Json) -> bool:
    """Whether other readers of YAML take a plain scalar, read here as `value`, for something else: a text that is a
    boolean, a number, a moment or an error to some, a number that is a text to some."""
    if isinstance(value, str):
        if source in WORDS_ELSEWHERE:
            return True
        if source[:1] not in NUMBER_HEADS:
            return False
        if _DATE.fullmatch(source):
            return not _is_date(source)
        return (_NUMBER_ELSEWHERE.fullmatch(source) or _MOMENT.fullmatch(source)) is not None
    if value is None or isinstance(value, bool) or _is_simple(source):
        return False
    return _NUMBER_EVERYWHERE.fullmatch(source) is None


def _is_date(source: str) -> bool:
    try:
        date.fromisoformat(source)
    except ValueError:
        return False
    return True


def _decimal(source: str, mantissa: str, exponent: str | None) -> float:
    digits = mantissa.replace(".", "").lstrip("0")
    if len(digits) > DECIMAL_DIGITS:
        raise _too_long(source)
    if exponent is not None and not _exponent_is_short(mantissa, exponent):
        raise NumberRefused(source)
    value = float(source)
    if not isfinite(value) or (value == 0 and digits.strip("0")):
        raise NumberRefused(source)
    return value


def _exponent_is_short(mantissa: str, exponent: str) -> bool:
    """Two digits without a leading zero; three in the form `1.5e+100`, which no identifier has."""
    digits = exponent.lstrip("+-")
    longest = 3 if "." in mantissa and digits != exponent else 2
    return len(digits) <= longest and (digits[0] != "0" or digits == "0")


def _too_long(source: str) -> NumberRefused:
    count = sum(character.isdigit() for character in source)
    reason = Words(
        en=f"this number has {count} digits, more than a number can keep",
        fr=f"ce nombre a {count} chiffres, plus qu'un nombre ne peut en garder",
    )
    return NumberRefused(source, reason)


def _refuse_other_numbers(source: str) -> None:
    """Infinity, not-a-number, and the underscores of YAML 1.1."""
    if _NOT_FINITE.fullmatch(source):
        raise NumberRefused(
            source,
            Words(en=f"{source} is not a finite number", fr=f"{source} n'est pas un nombre fini"),
            Words(
                en="write a number, or leave the field out",
                fr="écrivez un nombre, ou retirez le champ",
            ),
        )
    if "_" in source and _UNDERSCORED.fullmatch(source):
        raise NumberRefused(source)


def shorten(text: str, length: int = 40) -> str:
    """At most `length` characters, with an ellipsis in the middle."""
    half = length // 2
    return text if len(text) <= length else f"{text[:half]}…{text[-half:]}"
