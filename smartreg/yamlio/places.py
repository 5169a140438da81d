"""The position of each key and value of a text. Computed only for what is reported or edited: 40 µs a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from smartreg.core.values import KeyPath, Mark
from smartreg.yamlio.characters import BOM
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.lines import Lines


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
    """A collection whose end has not come yet."""

    path: KeyPath
    key: tuple[int, int]
    start: int
    is_mapping: bool
    is_flow: bool
    children: list[KeyPath] = field(default_factory=list)
    waiting: tuple[str, int, int] | None = None
    end: int = -1


def marks(text: bytes) -> Mapping[KeyPath, Marks]:
    """Places by key path; the root is `()`. Empty when the text cannot be read."""
    try:
        decoded = text.removeprefix(BOM).decode()
        found = spans(decoded)
    except (ValueError, libyaml().error):
        return {}
    at = Lines(decoded).mark
    return {
        path: Marks(at(span.key_start) if span.key_start >= 0 else None, at(span.start), at(span.end))
        for path, span in found.items()
    }


def spans(text: str) -> dict[KeyPath, TextSpan]:
    """Spans by key path, in the order of the text. Raises the parser's error, or ValueError for what is no record."""
    lib = libyaml()
    found: dict[KeyPath, TextSpan] = {}
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
            found[path] = TextSpan(*key, start, end, event.style or "")
            top.end = end
        elif kind is lib.mapping_start or kind is lib.sequence_start:
            path, key = _arrive(_top(opened)) if opened else ((), (-1, -1))
            found[path] = TextSpan(*key, event.start_mark.index, event.start_mark.index, "")
            is_mapping = kind is lib.mapping_start
            opened.append(_Open(path, key, event.start_mark.index, is_mapping, bool(event.flow_style)))
        elif kind is lib.mapping_end or kind is lib.sequence_end:
            done = opened.pop()
            end = event.end_mark.index if done.is_flow else done.end
            style = ("{" if done.is_mapping else "[") if done.is_flow else (":" if done.is_mapping else "-")
            found[done.path] = TextSpan(*done.key, done.start, end, style, tuple(done.children))
            if opened:
                opened[-1].end = end
        elif kind is lib.alias:
            raise ValueError("an alias has no span")
    return found


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
