"""Write records: block style, two spaces, LF; with quotes around every text that a reader of YAML 1.1 or 1.2 could
misread, and every identifier. A text stays plain only if it begins with a letter and is not a word to which some reader
gives a type (`no`, `on`, `y`, `null`): anything that begins with a digit or a punctuation mark, dates included, is
double-quoted. ruamel.yaml, told what to quote, writes the same bytes, in thirty times the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import Final, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.escape import FORBIDDEN, forbidden_character
from smartreg.core.messages import Message
from smartreg.core.values import Data, Json, KeyPath, path_text
from smartreg.yamlio.scalars import INTEGER_DIGITS, SEPARATORS

Quoted: TypeAlias = Callable[[KeyPath], bool] | Collection[KeyPath]
"""Which values are identifiers: a predicate on key paths, or the paths."""

INDENT: Final = 2
LONGEST_KEY: Final = 500
"""libyaml looks no further than 1 024 characters for the colon after a key; escapes take up to twice the room."""

_PLAIN = re.compile(r"[^\W\d_](?:[^\x00-\x1f\x7f-\xa0\u2028\u2029:#]|:(?=[^ \t])|(?<=[^ \t])#)*")
_PLAIN_KEY = re.compile(r"[^\W\d_][\w.-]*")
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\u2028": "\\L", "\u2029": "\\P"}
_ESCAPED = re.compile(f"[{re.escape(''.join(_ESCAPES))}]")
_BLOCK_LINE = re.compile(r"(?![<>|]{7})[^\s](?:.*[^\s])?")


def dump(data: Data, *, quoted: Quoted = (), header: str | None = None) -> bytes:
    """The text of a new record, keys in the order of `data`, under the comment `header` (lines with or without #).

    Raises `UsageFault` for what a record cannot contain: forbidden characters, numbers that are not finite or have more
    than 18 digits, keys longer than 500 characters.
    """
    lines = [line if line.startswith("#") else f"# {line}".rstrip() for line in (header or "").splitlines()]
    lines += entry_lines(data, (), quoted) if data else ["{}"]
    return ("\n".join(lines) + "\n").encode()


def entry_lines(data: Data, path: KeyPath, quoted: Quoted) -> list[str]:
    """The lines of the entries of a mapping at `path`, without indentation of their own."""
    lines: list[str] = []
    for key, value in data.items():
        lines += value_lines(f"{key_text(key)}:", value, (*path, key), quoted)
    return lines


def value_lines(head: str, value: Json, path: KeyPath, quoted: Quoted) -> list[str]:
    """The lines of `key: value`, `head` being `key:` with the list or mapping indented below."""
    if value and isinstance(value, Mapping):
        return [head, *indent(entry_lines(value, path, quoted))]
    if value and isinstance(value, Sequence) and not isinstance(value, str):
        return [head, *indent(item_lines(value, path, quoted))]
    first, *rest = scalar_lines(value, path, quoted)
    return [f"{head} {first}", *indent(rest)]


def item_lines(items: Sequence[Json], path: KeyPath, quoted: Quoted) -> list[str]:
    """The lines of the items of a list at `path`: `- ` and the item, its further lines two columns to the right."""
    lines: list[str] = []
    for index, item in enumerate(items):
        lines += one_item_lines(item, (*path, index), quoted)
    return lines


def one_item_lines(item: Json, path: KeyPath, quoted: Quoted) -> list[str]:
    """The lines of the one item at `path`."""
    first, *rest = _item(item, path, quoted)
    return [f"- {first}", *indent(rest)]


def _item(item: Json, path: KeyPath, quoted: Quoted) -> list[str]:
    if item and isinstance(item, Mapping):
        return entry_lines(item, path, quoted)
    if item and isinstance(item, Sequence) and not isinstance(item, str):
        return item_lines(item, path, quoted)
    return scalar_lines(item, path, quoted)


def indent(lines: list[str], by: int = INDENT) -> list[str]:
    """The lines moved to the right; blank ones stay empty."""
    return [f"{' ' * by}{line}" if line else "" for line in lines]


def scalar_lines(value: Json, path: KeyPath, quoted: Quoted) -> list[str]:
    """The text of a scalar or of an empty collection: one line, or a block text with its `|` line first."""
    if isinstance(value, str) and "\n" in value and not is_identifier(path, quoted) and fits_block(value):
        body = value.removesuffix("\n")
        return ["|" if value.endswith("\n") else "|-", *body.split("\n")]
    return [scalar_text(value, path, quoted)]


def scalar_text(value: Json, path: KeyPath, quoted: Quoted) -> str:
    """The text of a scalar, or of an empty collection, on one line."""
    if isinstance(value, str):
        if is_plain(value) and not is_identifier(path, quoted):
            return value
        return double_quoted(value, path)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value, path)
    return "{}" if isinstance(value, Mapping) else "[]"


def key_text(key: str) -> str:
    """A key as it is written before its colon."""
    if len(key) > LONGEST_KEY:
        raise UsageFault(
            Message(
                "a key of {key} characters is too long; {longest_key} are the most",
                key=len(key),
                longest_key=LONGEST_KEY,
            )
        )
    if _PLAIN_KEY.fullmatch(key) and key.lower() not in _WORDS:
        return key
    return double_quoted(key, (key,))


def spell_for_all(value: Json, path: KeyPath) -> str:
    """A text or number spelled so that every YAML reader reads it alike: the text in quotes."""
    return double_quoted(value, path) if isinstance(value, str) else scalar_text(value, path, ())


def is_identifier(path: KeyPath, quoted: Quoted) -> bool:
    """Whether the schema requires quotes around the text at `path`."""
    return quoted(path) if callable(quoted) else path in quoted


def is_plain(text: str) -> bool:
    """Whether every YAML reader reads this text, unquoted in a block, as itself."""
    if not _PLAIN.fullmatch(text) or text[-1] == " " or text.lower() in _WORDS:
        return False
    return FORBIDDEN.search(text) is None


def fits_block(text: str) -> bool:
    """Whether a `|` block can show it: several lines without trailing blanks, or empty lines at the edges."""
    body = text.removesuffix("\n").split("\n")
    if not body[0] or not body[-1] or FORBIDDEN.search(text) or SEPARATORS.search(text):
        return False
    return all(not line or _BLOCK_LINE.fullmatch(line) for line in body)


def double_quoted(text: str, path: KeyPath) -> str:
    """The text between double quotes. Raises `UsageFault` for a character that a record may not contain."""
    character = forbidden_character(text)
    if character is not None:
        shown = path_text(path)
        raise UsageFault(
            Message(
                "{shown} has the character {character}, which a record may not hold", shown=shown, character=character
            )
        )
    return f'"{_ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)}"'


def single_quoted(text: str) -> str | None:
    """The text between single quotes, or None if only double quotes can express it."""
    if FORBIDDEN.search(text) or any(character in text for character in "\n\t\u2028\u2029"):
        return None
    return "'" + text.replace("'", "''") + "'"


def _number_text(value: float, path: KeyPath) -> str:
    """`1.0e-5`, not Python's `1e-05`: YAML 1.1 requires the point and the sign, our reader no leading zero."""
    if isinstance(value, int):
        if len(str(abs(value))) > INTEGER_DIGITS:
            raise _unfit(path)
        return str(value)
    if not isfinite(value):
        raise _unfit(path)
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent[0]}{exponent[1:].lstrip('0')}"


def _unfit(path: KeyPath) -> UsageFault:
    shown = path_text(path)
    return UsageFault(
        Message(
            "the number of {shown} is not finite or has more than {integer_digits} digits",
            shown=shown,
            integer_digits=INTEGER_DIGITS,
        )
    )
