"""The position of each key and value of a text, computed only for reports and edits: 40 µs per record. A text being
edited, and the measurements that surgery needs. All offsets are code points. The comments of a text that contain a
given word, searched only in the few texts that contain it at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from smartreg.core.values import KeyPath, Mark
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.scalars import BOM, Lines
from smartreg.yamlio.writer import Quoted


class Marks(NamedTuple):
    """Marks of a key (None for list items and the root), of the start of its value and of the end of that value."""

    key: Mark | None
    value: Mark
    end: Mark


class TextSpan(NamedTuple):
    """Offsets of a key (-1: none) and its value. `style` is "" (plain), `'`, `"`, `|`, `>`, or for collections `{`,
    `[` (flow), `:` and `-` (block). `children` are the paths below, in the order of the text."""

    key_start: int
    key_end: int
    start: int
    end: int
    style: str
    children: tuple[KeyPath, ...] = ()


@dataclass(slots=True)
class _Open:
    """A collection that has not ended yet."""

    path: KeyPath
    key: tuple[int, int]
    start: int
    is_mapping: bool
    is_flow: bool
    children: list[KeyPath] = field(default_factory=list)
    waiting: tuple[str, int, int] | None = None
    end: int = -1


def marks(text: bytes) -> Mapping[KeyPath, Marks]:
    """Places by key path; the root is `()`. Empty if the text cannot be read."""
    try:
        decoded = text.removeprefix(BOM).decode()
        by_path = spans(decoded)
    except (ValueError, libyaml().error):
        return {}
    at = Lines(decoded).mark
    return {
        path: Marks(at(span.key_start) if span.key_start >= 0 else None, at(span.start), at(span.end))
        for path, span in by_path.items()
    }


def spans(text: str) -> dict[KeyPath, TextSpan]:
    """Spans by key path, in the order of the text. Raises the parser's error, or ValueError if it is not a record."""
    lib = libyaml()
    by_path: dict[KeyPath, TextSpan] = {}
    opened: list[_Open] = []
    for event in iter(lib.parser(text).get_event, None):
        kind = event.__class__
        if kind is lib.scalar:
            top = _top(opened)
            if top.is_mapping and top.waiting is None:
                top.waiting = (event.value, event.start_mark.index, event.end_mark.index)
                continue
            path, key = _arrive(top)
            start, end = event.start_mark.index, _text_end(text, event)
            by_path[path] = TextSpan(*key, start, end, event.style or "")
            top.end = end
        elif kind is lib.mapping_start or kind is lib.sequence_start:
            path, key = _arrive(_top(opened)) if opened else ((), (-1, -1))
            by_path[path] = TextSpan(*key, event.start_mark.index, event.start_mark.index, "")
            is_mapping = kind is lib.mapping_start
            opened.append(_Open(path, key, event.start_mark.index, is_mapping, bool(event.flow_style)))
        elif kind is lib.mapping_end or kind is lib.sequence_end:
            done = opened.pop()
            end = event.end_mark.index if done.is_flow else done.end
            style = ("{" if done.is_mapping else "[") if done.is_flow else (":" if done.is_mapping else "-")
            by_path[done.path] = TextSpan(*done.key, done.start, end, style, tuple(done.children))
            if opened:
                opened[-1].end = end
        elif kind is lib.alias:
            raise ValueError("an alias has no span")
    return by_path


def _top(opened: list[_Open]) -> _Open:
    if not opened:
        raise ValueError("not a mapping")
    return opened[-1]


def _arrive(parent: _Open) -> tuple[KeyPath, tuple[int, int]]:
    """The path of the value that begins now, and the offsets of its key."""
    if not parent.is_mapping:
        path: KeyPath = (*parent.path, len(parent.children))
        key = (-1, -1)
    elif parent.waiting is not None:
        path = (*parent.path, parent.waiting[0])
        key = parent.waiting[1:]
    else:
        raise ValueError("a key is not a text")
    parent.children.append(path)
    parent.waiting = None
    return path, key


def _text_end(text: str, event: Any) -> int:
    """Where the text of a scalar ends. libyaml ends a block text where the next line begins: step back over the
    line end, and over the blank lines below unless `|+` keeps them."""
    start: int = event.start_mark.index
    end: int = event.end_mark.index
    if event.style not in ("|", ">"):
        return end
    header = text[start : text.index("\n", start)] if "\n" in text[start:end] else text[start:end]
    if "+" in header.split("#")[0]:
        return end - (2 if text.endswith("\r\n", start, end) else text.endswith("\n", start, end))
    return start + len(text[start:end].rstrip(" \t\r\n"))


Order: TypeAlias = Callable[[KeyPath], Sequence[str]]
"""The canonical order of the keys of the mapping at a path; keys that it does not name come last."""


@dataclass(frozen=True)
class Page:
    """The text, its line ending, and how to write new values into it."""

    text: str
    eol: str
    order: Order
    quoted: Quoted

    @cached_property
    def spans(self) -> dict[KeyPath, TextSpan]:
        """The span of each key and value in the text."""
        return spans(self.text)

    def cut(self, start: int, end: int, piece: str = "") -> Page:
        """The page with an extent replaced by `piece`."""
        return self.with_text(self.text[:start] + piece + self.text[end:])

    def with_text(self, text: str) -> Page:
        """The page of another text."""
        return replace(self, text=text)

    def column(self, offset: int) -> int:
        """Code points between the start of the line and `offset`."""
        return offset - self.line_start(offset)

    def line_start(self, offset: int) -> int:
        """The offset at which the line of `offset` begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of `offset` ends, before its line end."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text[end - 1 : end] == "\r" and end > offset else end

    def next_line(self, offset: int) -> int:
        """Where the line after the one of `offset` starts."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def begins_line(self, offset: int) -> bool:
        """Whether only blanks precede `offset` on its line."""
        return not self.text[self.line_start(offset) : offset].strip(" ")

    def is_flow(self, path: KeyPath) -> bool:
        """Whether the value at `path` is between brackets."""
        return any(self.spans[path[:depth]].style in ("{", "[") for depth in range(len(path)))

    def join(self, lines: Sequence[str], column: int) -> str:
        """Join lines at a column, the first one without its indentation."""
        first, *rest = lines
        return self.eol.join([first, *(" " * column + line if line else "" for line in rest)])

    def neighbours(self, parent: KeyPath, key: str) -> tuple[KeyPath | None, KeyPath | None]:
        """The entry after which a new key belongs, or else the entry before it belongs."""
        present = [str(path[-1]) for path in self.spans[parent].children]
        order = list(self.order(parent))
        if key in order:
            rank = order.index(key)
            before = [name for name in present if name in order[:rank]]
            after = [name for name in present if name in order[rank + 1 :]]
            if before:
                return (*parent, max(before, key=order.index)), None
            if after:
                return None, (*parent, min(after, key=order.index))
        return (*parent, present[-1]), None


_BLOCK = ("|", ">")


class Comment(NamedTuple):
    """A comment, `#` included. `line`: the line that it concerns: its own; for a comment alone on its line, the next
    line with content; None above the first key, where it concerns the whole text."""

    at: Mark
    line: int | None
    text: str


def comments(text: bytes, word: str) -> list[Comment]:
    """The comments that contain `word`; none if the text cannot be read."""
    try:
        decoded = text.removeprefix(BOM).decode()
        by_path = spans(decoded)
    except (ValueError, libyaml().error):
        return []
    return list(_comments(decoded, word, by_path))


def _comments(text: str, word: str, found: Mapping[KeyPath, TextSpan]) -> Iterator[Comment]:
    scalars = sorted(_scalars(text, found))
    starts = [start for start, _ in scalars]
    head = found[()].start
    at = Lines(text).mark
    for match in re.finditer(r"(?:^|(?<=[ \t]))#[^\r\n]*", text, re.MULTILINE):
        place = bisect_right(starts, match.start()) - 1
        if word not in match[0] or (place >= 0 and match.start() < scalars[place][1]):
            continue
        mark = at(match.start())
        alone = not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        if match.start() < head:
            line = None
        else:
            line = _next_content(text, match.end(), mark.line) if alone else mark.line
        yield Comment(mark, line, match[0])


def _scalars(text: str, found: Mapping[KeyPath, TextSpan]) -> Iterator[tuple[int, int]]:
    """The positions of keys and texts: a `#` in them begins no comment, but one after the `|` of a block text does."""
    for span in found.values():
        if span.key_start >= 0:
            yield span.key_start, span.key_end
        if span.style in _BLOCK:
            first = text.find("\n", span.start, span.end)
            if first >= 0:
                yield first, span.end
        elif span.style not in ("{", "[", ":", "-"):
            yield span.start, span.end


def _next_content(text: str, offset: int, line: int) -> int:
    """The number of the next line that is neither blank nor a comment; the last line if there is none."""
    for number, content in enumerate(text[offset:].split("\n")[1:], line + 1):
        if content.strip() and not content.lstrip().startswith("#"):
            return number
    return line
