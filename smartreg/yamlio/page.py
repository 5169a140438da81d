"""A text under edit, and the measures that surgery takes of it. All offsets are code points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from smartreg.core.values import KeyPath
from smartreg.yamlio.places import TextSpan, spans
from smartreg.yamlio.writer import Quoted

Order: TypeAlias = Callable[[KeyPath], Sequence[str]]
"""The canonical order of the keys of the mapping at a path; keys that it does not name come last."""


@dataclass(frozen=True)
class Page:
    """The text, its line end, and how to write new values into it."""

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
        """Lines as they follow each other at a column, the first one without its indentation."""
        first, *rest = lines
        return self.eol.join([first, *(" " * column + line if line else "" for line in rest)])

    def neighbours(self, parent: KeyPath, key: str) -> tuple[KeyPath | None, KeyPath | None]:
        """The entry after which a new key belongs, or else the entry before which it does."""
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
