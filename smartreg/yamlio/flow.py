"""Surgery on flow style: `{a: 1, b: 2}`, `[a, b]`, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from smartreg.core.values import Json, KeyPath
from smartreg.yamlio.places import Page
from smartreg.yamlio.writer import Quoted, double_quoted, is_plain, key_text, scalar_text

_FREE_OF_SIGNS = re.compile(r"[^,\[\]{}:#]*")


def flow_text(value: Json, path: KeyPath, quoted: Quoted) -> str:
    """A value on one line, between brackets where it is a list or mapping."""
    if isinstance(value, Mapping):
        entries = (f"{key_text(key)}: {flow_text(item, (*path, key), quoted)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = (flow_text(item, (*path, index), quoted) for index, item in enumerate(value))
        return "[" + ", ".join(items) + "]"
    if isinstance(value, str) and not is_flow_plain(value):
        return double_quoted(value, path)
    return scalar_text(value, path, quoted)


def is_flow_plain(text: str) -> bool:
    """Whether a text can be unquoted between brackets, for every reader."""
    return is_plain(text) and _FREE_OF_SIGNS.fullmatch(text) is not None


def add_entry(page: Page, path: KeyPath, value: Json) -> Page:
    """A new key in a mapping between brackets, or a new item at the end of a list."""
    parent, step = path[:-1], path[-1]
    span = page.spans[parent]
    entry = _write(page, path, value)
    if not span.children:
        return page.cut(span.start + 1, span.end - 1, entry)
    after, before = page.neighbours(parent, step) if isinstance(step, str) else (span.children[-1], None)
    if before is not None:
        start = _entry_start(page, before)
        return page.cut(start, start, entry + _comma(page, start))
    if after is None:
        return page
    end = page.spans[after].end
    return page.cut(end, end, _comma(page, _entry_start(page, after)) + entry)


def insert_item(page: Page, path: KeyPath, value: Json) -> Page:
    """A new item before the one that is at `path`."""
    start = page.spans[path].start
    return page.cut(start, start, _write(page, path, value) + _comma(page, start))


def remove_entry(page: Page, path: KeyPath) -> Page:
    """Remove an entry and its comma; the mapping or list has others."""
    children = page.spans[path[:-1]].children
    index = children.index(path)
    if index + 1 < len(children):
        return page.cut(_entry_start(page, path), _entry_start(page, children[index + 1]))
    return page.cut(page.spans[children[index - 1]].end, page.spans[path].end)


def _write(page: Page, path: KeyPath, value: Json) -> str:
    """An entry or item in the style of its brackets: JSON stays JSON."""
    step = path[-1]
    if re.match(r'\{\s*"', page.text[page.spans[()].start :]):
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return f"{json.dumps(step, ensure_ascii=False)}: {text}" if isinstance(step, str) else text
    text = flow_text(value, path, page.quoted)
    return f"{key_text(step)}: {text}" if isinstance(step, str) else text


def _entry_start(page: Page, path: KeyPath) -> int:
    span = page.spans[path]
    return span.key_start if span.key_start >= 0 else span.start


def _comma(page: Page, start: int) -> str:
    """The comma between two entries, with line ending and indentation if each has its own line."""
    return f",{page.eol}{' ' * page.column(start)}" if page.begins_line(start) else ", "
