"""Read JSON and TOML by people and other programs strictly: one meaning, and a place for each fault. No duplicate keys,
no NaN or Infinity, no text that is not Unicode, nothing too deep or too long to store.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from typing import Any

from smartreg.core.messages import SOURCE, Message, Text
from smartreg.core.values import Json, Mark

_TOKEN = r'"(?:[^"\\]|\\.)*"|[{}\[\]]'
_WORD = r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity|-?[0-9][-+.eE0-9]*'
_DIGITS = 4300  # Python reads no longer integer
_KEY = re.compile(r"[ \t\n\r]*:")
_PLACE = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{64}}")
_DEEP = Message("lists and objects are nested too deep")


class Unreadable(ValueError):
    """A text that cannot be read: why, and where, if known."""

    def __init__(self, words: Text, mark: Mark | None = None) -> None:
        super().__init__(words.in_(SOURCE))
        self.words, self.mark = words, mark

    @property
    def placed(self) -> Text:
        """Why, and where, in words."""
        if self.mark is None:
            return self.words
        line, column = self.mark
        return Message("{words} (line {line}, column {column})", words=self.words, line=line, column=column)

    def in_file(self, file: str) -> Text:
        """`file:line:column: why`."""
        place = f"{file}:{self.mark.line}:{self.mark.column}" if self.mark else file
        return Message("{place}: {words}", place=place, words=self.words)


def read_json(text: bytes | str) -> Json:
    """The value of a JSON text; bytes are UTF-8, with or without a byte order mark. Raises Unreadable."""
    source = _decode(text, "utf-8-sig") if isinstance(text, bytes) else text
    try:
        value = json.loads(
            source, object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite, parse_int=_whole
        )
        if "\\u" in source:
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as fault:
        raise Unreadable(_NO_JSON, Mark(fault.lineno, fault.colno)) from None
    except _Twice:
        raise _twice(source) from None
    except RecursionError:
        raise Unreadable(_DEEP) from None
    except UnicodeEncodeError:
        raise Unreadable(_HALVES) from None
    except ValueError:  # also thousands of digits, which Python refuses to read
        raise _number(source) from None
    return value


_NO_JSON = Message("this is not JSON")
_LONG = Message("a number is too large")
_HALVES = Message("half a character: an escape \\uD800 to \\uDFFF without its other half")


def read_toml(text: bytes) -> dict[str, Any]:
    """The tables of a TOML text in UTF-8. Raises Unreadable."""
    source = _decode(text, "utf-8")
    long_key = _LONG_KEY.search(source)
    if long_key:  # its parts would take quadratic memory
        raise Unreadable(_DEEP, mark_of(source, long_key.start()))
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as fault:
        message = str(fault)
        place = re.search(_PLACE, message)
        mark = Mark(int(place[1]), int(place[2])) if place and place[1] else mark_of(source, len(source))
        why = message[: place.start()] if place else message
        raise Unreadable(Message("not a TOML text: {why}", why=why), mark) from None
    except RecursionError:
        raise Unreadable(_DEEP) from None
    except ValueError:  # thousands of digits; Python refuses to read them
        raise Unreadable(_LONG) from None


def _decode(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as fault:
        before = text[: fault.start].decode(encoding, "replace")
        words = Message("this is not UTF-8")
        raise Unreadable(words, mark_of(before, len(before))) from None


# -- JSON ----------------------------------------------------------------------------------------------------------


class _Twice(Exception):
    """An object has the same key twice."""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _Twice
    return members


def _constant(word: str) -> Json:
    raise ValueError(word)


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(digits)
    return value


def _whole(digits: str) -> int:
    _finite(digits)  # otherwise no program can compute with it
    return int(digits)


def _number(text: str) -> Unreadable:
    """The position of the first number that is invalid or too long to store."""
    for token in re.finditer(_WORD, text):
        word = token[0]
        if word in ("NaN", "Infinity", "-Infinity"):
            return Unreadable(Message("{word} is not a JSON number", word=word), mark_of(text, token.start()))
        if not word.startswith('"') and (len(word) > _DIGITS or math.isinf(float(word))):
            return Unreadable(_LONG, mark_of(text, token.start()))
    return Unreadable(_LONG)


def _twice(text: str) -> Unreadable:
    """The position of the first repeated key; everything before it is JSON."""
    within: list[set[str]] = []
    for token in re.finditer(_TOKEN, text):
        if token[0] in "{[":
            within.append(set())
        elif token[0] in "}]":
            within.pop()
        elif _KEY.match(text, token.end()):
            key = json.loads(token[0])
            if key in within[-1]:
                mark = mark_of(text, token.start())
                break
            within[-1].add(key)
    return Unreadable(Message('the key "{key}" occurs twice in one object', key=key), mark)


def mark_of(text: str, position: int) -> Mark:
    """Line and column, from 1, of the character at a position."""
    return Mark(text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position))
