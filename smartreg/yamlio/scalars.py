"""The meaning of plain (unquoted) scalars: YAML 1.2 core, without the spellings that readers understand differently.

Numbers that look like identifiers are refused: `01001` is 513, 1001 or "01001" depending on the library, and
`70E4123456781234` is infinity. Of the accepted spellings, `differs` recognises those that readers of YAML 1.1 (PyYAML)
and of YAML 1.2 (ruamel.yaml) do not read alike: `NO`, `18:30`, `1e3`. Dates are text here and dates there, which
misleads nobody. Offsets become lines and columns: only LF ends a line, as for Git and editors; libyaml also counts
U+2028. The maximum size of a record: it is a page of facts, and anything larger is a mistake or an attack. Cheap tests
for texts that contain nothing unusual.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from datetime import date
from itertools import accumulate
from math import isfinite
from typing import Final
from unicodedata import is_normalized

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, Mark

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

_QUOTE_IT = Message("readers of YAML do not agree on this number")


class NumberRefused(ValueError):
    """A plain scalar that must be written differently; `reason` and `hint` say why and how."""

    def __init__(self, source: str, reason: Text = _QUOTE_IT, hint: Text | None = None) -> None:
        super().__init__(source)
        self.source = source
        self.reason = reason
        quoted = shorten(json.dumps(source, ensure_ascii=False))
        self.hint = hint or Message("write it in quotes: {quoted}", quoted=quoted)


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
    """Whether other YAML readers interpret a plain scalar, read here as `value`, differently: a text that some read as
    a boolean, a number, a timestamp or an error, a number that some read as text."""
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
    """Whether it has two digits without a leading zero; or three in the form `1.5e+100`, which no identifier has."""
    digits = exponent.lstrip("+-")
    longest = 3 if "." in mantissa and digits != exponent else 2
    return len(digits) <= longest and (digits[0] != "0" or digits == "0")


def _too_long(source: str) -> NumberRefused:
    count = sum(character.isdigit() for character in source)
    reason = Message("this number has {count} digits, more than a number can keep", count=count)
    return NumberRefused(source, reason)


def _refuse_other_numbers(source: str) -> None:
    """Infinity, not-a-number, and the underscores of YAML 1.1."""
    if _NOT_FINITE.fullmatch(source):
        raise NumberRefused(
            source,
            Message("{source} is not a finite number", source=source),
            Message("write a number, or leave the field out"),
        )
    if "_" in source and _UNDERSCORED.fullmatch(source):
        raise NumberRefused(source)


def shorten(text: str, length: int = 40) -> str:
    """At most `length` characters, with an ellipsis in the middle."""
    half = length // 2
    return text if len(text) <= length else f"{text[:half]}…{text[-half:]}"


class Lines:
    """The line starts of a text; offsets and columns are code points."""

    def __init__(self, text: str) -> None:
        self._starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))

    def mark(self, offset: int) -> Mark:
        """Line and column, from 1, of an offset."""
        number = bisect_right(self._starts, offset)
        return Mark(number, offset - self._starts[number - 1] + 1)

    def start(self, number: int) -> int:
        """The offset of the first character of a line, counted from 1."""
        return self._starts[number - 1]


MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_NODES: Final = 20_000
"""Keys, values, lists and mappings together."""


def count_nodes(data: Json) -> int:
    """Nodes of a read document: each key, each value."""
    count = 0
    waiting = [data]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            count += len(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return count


BOM: Final = b"\xef\xbb\xbf"

SEPARATORS: Final = re.compile("[\u2028\u2029]")
"""Line ends for YAML 1.1, text for 1.2: they agree only inside quotes, between two characters that are not blank."""

# The same characters in UTF-8, for a search at a tenth of the cost.
_SUSPECT = re.compile(
    rb"\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]"
    rb"|\xef\xbb\xbf|\xef\xb7[\x90-\xaf]|\xef\xbf[\xbe\xbf]|[\xf0-\xf4][\x80-\xbf]\xbf[\xbe\xbf]"
)

# What the UTF-8 of French letters is made of: none of these bytes begins a suspect character.
_FREE_IN_UTF8: Final = bytes(range(0xC0)) + b"\xc3\xc5"

# Harmless bytes: all except control characters, and what begins an escape.
_ORDINARY: Final = b"\n" + bytes(set(range(0x20, 0x7F)) - {0x5C}) + bytes(range(0x80, 0x100))
# What begins an anchor, an alias or a tag where a value can begin.
_INDICATOR: Final = re.compile(rb"(?:^|[\s\[\]{},:?-])[&*!]")


def ordinary(text: bytes) -> str | None:
    """The text, if no character, conflict marker or size limit can be wrong: what remains is YAML to parse."""
    if len(text) > MAX_BYTES or text.translate(None, _ORDINARY):
        return None
    if b"<<<<<<<" in text or b">>>>>>>" in text or b"|||||||" in text:
        return None
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        return None
    suspect = len(decoded) < len(text) and text.translate(None, _FREE_IN_UTF8) and _SUSPECT.search(text)
    return None if suspect else decoded


def may_point(text: bytes) -> bool:
    """Whether a directive, anchor, alias or tag may be in it."""
    if text.startswith(b"%") or b"\n%" in text:
        return True
    signs = b"&" in text or b"*" in text or b"!" in text
    return signs and _INDICATOR.search(text) is not None


def is_composed(text: bytes, decoded: str) -> bool:
    """Whether no character of the text, which is not only ASCII or French, could be composed differently."""
    return decoded.isascii() or not text.translate(None, _FREE_IN_UTF8) or is_normalized("NFC", decoded)
