"""The text of a file in `schemas/`: strict JSON within limits, with faults at their line and column. Schemas travel in
pull requests, and help, prompts, tables and reports show their texts: a character that affects the display is refused
here, as in records.

The markers that Git leaves of a merge conflict in settings and schemas; those in records are reported by field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.escape import forbidden_character
from smartreg.core.messages import Message, Text
from smartreg.core.strict import Unreadable, mark_of, read_json
from smartreg.core.values import Location, Mark

_BEGINS = re.compile(rb"^<{7}(?: |\r?$)", re.MULTILINE)


def check_markers(file: str, text: bytes) -> UsageFault | None:
    """The fault of a text that contains a conflict; None if it has none."""
    begin = _BEGINS.search(text)
    if begin is None:
        return None
    line = text.count(b"\n", 0, begin.start()) + 1
    return UsageFault(
        Message("{file}: a merge conflict is not resolved (line {line})", file=file, line=line),
        Message("keep the lines that hold, delete the others and the markers, then: git add {file}", file=file),
        Location(file, mark=Mark(line, 1)),
    )


MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 64
MAX_NODES: Final = 20_000
MAX_NAME: Final = 200
MAX_DIGITS: Final = 18

SUFFIX = ".schema.json"
MEND = Message("mend the schema; docs/schemas.md says what schemas may contain")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}:,]|[^][{}:,"\s]+', re.DOTALL)
_NUMBER = r"-?([0-9]+)(?:\.([0-9]+))?(?:[eE][+-]?[0-9]+)?"


class SchemaRefused(UsageFault):
    """A schema that cannot be used: the registry cannot be checked at all (exit 2). `pointer` is a JSON pointer."""

    def __init__(self, file: str, pointer: str, what: Text, hint: Text = MEND, mark: Mark | None = None) -> None:
        place = f"schemas/{file}{f':{mark.line}:{mark.column}' if mark else ''}{f': {pointer}' if pointer else ''}"
        super().__init__(
            Message("{place}: {what}", place=place, what=what), hint, Location(f"schemas/{file}", mark=mark)
        )
        self.file, self.pointer, self.what, self.mark = file, pointer, what, mark

    def with_mark(self, texts: Mapping[str, bytes]) -> SchemaRefused:
        """The same, with the line and column of its pointer in the text of its file."""
        if self.mark is not None or self.file not in texts:
            return self
        mark = mark_at(texts[self.file].decode(), self.pointer)
        return SchemaRefused(self.file, self.pointer, self.what, self.hint or MEND, mark)


def fault(file: str, pointer: str, what: Text, hint: Text = MEND, mark: Mark | None = None) -> SchemaRefused:
    """What is wrong in a file of `schemas/`; `pointer` may begin with `#`."""
    return SchemaRefused(file, pointer.removeprefix("#"), what, hint, mark)


def parse(file: str, text: bytes, *, known: bool = False) -> Any:
    """The JSON of a file; `known`: one that comes with smartreg. Raises SchemaRefused if it is not JSON, has a
    duplicate key, is too large or too deep, or contains a number or a character that programs would not read or show
    alike.
    """
    if len(text) > MAX_BYTES:
        raise fault(file, "", Message("larger than {max_bytes} bytes", max_bytes=MAX_BYTES), mark=Mark(1, 1))
    try:
        value = read_json(text)
    except Unreadable as found:
        conflict = check_markers(f"schemas/{file}", text)
        if conflict is not None:
            raise conflict from None
        with suppress(ValueError):  # bytes that are no UTF-8, an escape that is none
            _refuse_excess(file, text.decode("utf-8"))
        raise SchemaRefused(file, "", found.words, mark=found.mark) from None
    if not known:
        _refuse_excess(file, text.decode("utf-8"))
    return value


class _Token(NamedTuple):
    """A key, a scalar or the opening bracket of a list or an object: the pointer of its value, its position, its text,
    its depth, and whether it is a key."""

    pointer: str
    offset: int
    text: str
    depth: int
    key: bool


def _string(text: str) -> str:
    """The text of a key or of a value."""
    return str(json.loads(text)) if "\\" in text else text[1:-1]


def _tokens(text: str) -> Iterator[_Token]:
    """The keys and values of a JSON text, in their order."""
    above: list[str] = []  # the pointers of the lists and objects around
    steps: list[str | int | None] = []  # in each of them: the index, the key, or None before a key
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign in "}]":
            above, steps = above[:-1], steps[:-1]
        elif sign == ",":
            step = steps[-1] if steps else None
            steps[-1:] = [step + 1 if isinstance(step, int) else None]
        elif sign != ":":
            key = bool(steps) and steps[-1] is None
            if key:
                steps[-1] = escape(_string(sign))
            pointer = f"{above[-1]}/{steps[-1]}" if above else ""
            yield _Token(pointer, match.start(), sign, len(above), key)
            if sign in "{[":
                above.append(pointer)
                steps.append(0 if sign == "[" else None)


def _refuse_excess(file: str, text: str) -> None:
    for count, token in enumerate(_tokens(text)):
        what = _too_much(token, count) or (_key(token) if token.key else _scalar(token))
        if what is not None:
            shown = token.pointer if len(token.pointer) <= MAX_NAME else f"{token.pointer[:MAX_NAME]}…"
            raise SchemaRefused(file, shown, what, mark=mark_of(text, token.offset))


def _too_much(token: _Token, count: int) -> Text | None:
    if token.depth > MAX_DEPTH:
        return Message("nested deeper than {max_depth}", max_depth=MAX_DEPTH)
    if count > MAX_NODES:
        return Message("the schema is too large")
    return None


def _key(token: _Token) -> Text | None:
    if len(token.text) > MAX_NAME:
        return Message("a name longer than {max_name} characters", max_name=MAX_NAME)
    return _forbidden_text(_string(token.text))


def _scalar(token: _Token) -> Text | None:
    if token.text.startswith('"'):
        return _forbidden_text(_string(token.text))
    number = re.fullmatch(_NUMBER, token.text)
    if number and (len(number[1]) + len(number[2] or "") > MAX_DIGITS or abs(float(token.text)) == float("inf")):
        return Message("a number that programs do not read alike")
    if number is None and token.text not in ("{", "[", "true", "false", "null"):
        return Message("{token} is not JSON", token=token.text)
    return None


def _forbidden_text(text: str) -> Text | None:
    name = forbidden_character(text)
    if name is None:
        return None
    return Message("the character {name} is invisible or acts on what is displayed", name=name)


def mark_at(text: str, pointer: str) -> Mark:
    """The position of the value at a pointer (of its key, if it has one); for a missing value, that of its parent."""
    offsets = {token.pointer: token.offset for token in reversed(list(_tokens(text)))}
    while pointer and pointer not in offsets:
        pointer = pointer.rpartition("/")[0]
    return mark_of(text, offsets.get(pointer, 0))


def escape(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def missing_file(file: str) -> Text:
    """Advice for a missing schema `file`."""
    path = f"schemas/{file}"
    return Message(
        "if {path} was deleted: git checkout HEAD -- {path}; else mend the schema that asks for it", path=path
    )
