"""The texts that people and this program mostly write, read without libyaml: one `key: value` or `- value` a line.

A quarter of the time of the events, for a part of YAML that all readers read alike: block mappings and lists indented
by spaces, values of one line, plain or in quotes without escapes. Whatever else a text holds, the answer is None and
the reader goes through the events; a property test holds both to the same answers. So it does where other readers take
a value for something else (YML013).

Keys and values are often the same in thousands of records: what they mean is remembered, and records share it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern
from typing import Final

from smartreg.core.values import Json
from smartreg.yamlio.limits import MAX_NODES
from smartreg.yamlio.scalars import JSON_WORDS, NUMBER_HEADS, SPECIAL, differs, parse_scalar

_DEEPEST: Final = 16
"""Levels: more than any text written by hand has, and fewer than a record may have."""
_COMMENT: Final = -1
"""Instead of the column of what is no comment nor blank."""

_head_of = re.compile(r"( *)(- )?([A-Za-z_][A-Za-z0-9_-]{0,63})").fullmatch
_is_comment = re.compile(r" *(?:#.*)?").fullmatch  # or blank
_is_plain = re.compile(r"(?:[^\W_]|[(/+]|-(?=[\w.]))[^:#]*(?::[^ :#][^:#]*)*(?<! )").fullmatch

Head = tuple[int, bool, str]
"""What a line begins with: the column of its dash or key, whether there is a dash, the key (empty: none)."""


class _AnotherForm(ValueError):
    """The text is for the events."""


def plain_data(text: str) -> dict[str, Json] | None:
    """The data of a text whose characters are in order. None when a line has another form, or its number would be
    written in another way in JSON."""
    if len(text) > MAX_NODES:
        return None
    try:
        return _mapping(text) or None
    except ValueError:
        return None


def _mapping(text: str) -> dict[str, Json]:
    """One long loop: a call for each line would cost half as much again."""
    root: dict[str, Json] = {}
    mapping: dict[str, Json] | None = root  # the open collection: this one, or the list `items`
    items: list[Json] = []
    level = 0
    opened = ""  # the key that has no value yet: what is indented below it becomes its value
    above: list[tuple[dict[str, Json] | None, list[Json], int]] = []
    for line in text.split("\n"):
        start, colon, rest = line.partition(": ")
        if colon:
            (column, dash, key), value = _head(start), None
        else:
            column, dash, key, value = _whole(line)
        if column == _COMMENT:
            continue
        if dash:
            if opened and mapping is not None and column >= level:
                above.append((mapping, items, level))
                mapping[opened] = items = []
                mapping, level = None, column
            else:
                while level > column:
                    mapping, items, level = above.pop()
                if mapping is not None or level != column:
                    raise _AnotherForm
            if not key:
                items.append(value)
                opened = ""
                continue
            above.append((None, items, level))
            mapping = {}
            items.append(mapping)
            level += 2
        elif column != level or mapping is None:
            if opened and mapping is not None and column > level:
                above.append((mapping, items, level))
                child: dict[str, Json] = {}
                mapping[opened] = child
                mapping, level = child, column
            else:
                while level > column or (mapping is None and above):
                    mapping, items, level = above.pop()
                if level != column or mapping is None:
                    raise _AnotherForm
        if key in mapping or len(above) > _DEEPEST:
            raise _AnotherForm
        if colon:
            mapping[key] = _value(rest)
            opened = ""
        else:
            mapping[key] = None
            opened = key
    return root


@lru_cache(maxsize=1024)
def _head(start: str) -> Head:
    """What precedes `: `."""
    found = _head_of(start)
    if found is None:
        if start.lstrip(" ").startswith("#"):
            return _COMMENT, False, ""
        raise _AnotherForm
    indent, dash, key = found.groups()
    if key in SPECIAL:
        raise _AnotherForm
    return len(indent), bool(dash), intern(key)


@lru_cache(maxsize=1024)
def _whole(line: str) -> tuple[int, bool, str, Json]:
    """What a line without `: ` is: a key whose value follows, an item of a list, or a comment."""
    if line.endswith(":"):
        return (*_head(line[:-1]), None)
    indent, dash, value = line.partition("- ")
    if dash and not indent.strip(" "):
        return len(indent), True, "", _value(value)
    if _is_comment(line):
        return _COMMENT, False, "", None
    raise _AnotherForm


@lru_cache(maxsize=4096)
def _value(source: str) -> Json:
    """The value of a scalar on one line."""
    first = source[:1]
    if first == '"' or first == "'":
        if 0 < source.find(first, 1) == len(source) - 1:
            return intern(source[1:-1])
        raise _AnotherForm
    if not _is_plain(source):
        raise _AnotherForm
    source = intern(source)  # as the reader of events: equal strings are one object
    if first not in NUMBER_HEADS and source not in SPECIAL:
        return source
    value = parse_scalar(source)
    if value is not source and source not in JSON_WORDS and (repr(value) != source or value.__class__ is bool):
        raise _AnotherForm
    if (value is source or "e" in source) and differs(source, value):  # of numbers as JSON has them, an exponent
        raise _AnotherForm
    return value
