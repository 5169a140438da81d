"""Change one value in a text by cutting and pasting, in block style or in flow style (`{a: 1, b: 2}`, `[a, b]`, JSON):
no other line is touched. Each function takes a page and returns a new one. What they cannot handle comes out wrong and
is caught by the proof in `editing`, which trusts nothing done here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from smartreg.core.values import Json, KeyPath
from smartreg.yamlio.places import Page, TextSpan
from smartreg.yamlio.writer import (
    INDENT,
    Quoted,
    double_quoted,
    entry_lines,
    fits_block,
    indent,
    is_identifier,
    is_plain,
    item_lines,
    key_text,
    one_item_lines,
    scalar_lines,
    scalar_text,
    single_quoted,
    value_lines,
)

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


def add_flow_entry(page: Page, path: KeyPath, value: Json) -> Page:
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


def insert_flow_item(page: Page, path: KeyPath, value: Json) -> Page:
    """A new item before the one that is at `path`."""
    start = page.spans[path].start
    return page.cut(start, start, _write(page, path, value) + _comma(page, start))


def remove_flow_entry(page: Page, path: KeyPath) -> Page:
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


def replace_value(page: Page, path: KeyPath, value: Json) -> Page:
    """Replace a value by another one of any shape."""
    span = page.spans[path]
    if page.is_flow(path):
        piece = flow_text(value, path, page.quoted) if _is_collection(value) else _restyle(page, path, value)
        return _fill(page, path, piece)
    if span.style in (":", "-"):
        return _replace_block(page, path, value)
    if value and _is_collection(value):
        return _open_block(page, path, value)
    if span.style in ("|", ">"):
        return _replace_block_text(page, path, value)
    if span.style == "" and isinstance(value, str) and "\n" in value:
        return _open_block_text(page, path, value)
    return _fill(page, path, _restyle(page, path, value))


def add_entry(page: Page, path: KeyPath, value: Json) -> Page:
    """Add a key to a mapping, at its place in the order, or an item at the end of a list; both have others."""
    parent, step = path[:-1], path[-1]
    span = page.spans[parent]
    if span.style in ("{", "["):
        return add_flow_entry(page, path, value)
    if isinstance(step, int):
        return _after(page, span.children[-1], one_item_lines(value, path, page.quoted), page.column(span.start))
    lines = value_lines(f"{key_text(step)}:", value, path, page.quoted)
    column = page.column(page.spans[span.children[0]].key_start)
    after, before = page.neighbours(parent, step)
    if after is not None:
        return _after(page, after, lines, column)
    if before is None:
        return page
    start = page.spans[before].key_start
    return page.cut(start, start, page.join([*lines, ""], column) + " " * column)


def insert_item(page: Page, path: KeyPath, value: Json) -> Page:
    """A new item before the one that is at `path`."""
    if page.spans[path[:-1]].style == "[":
        return insert_flow_item(page, path, value)
    start = _dash(page, path)
    column = page.column(start)
    lines = one_item_lines(value, path, page.quoted)
    return page.cut(start, start, page.join([*lines, ""], column) + " " * column)


def remove_entry(page: Page, path: KeyPath) -> Page:
    """Remove the lines of a key or item; the mapping or list has others."""
    parent = page.spans[path[:-1]]
    if parent.style in ("{", "["):
        return remove_flow_entry(page, path)
    span = page.spans[path]
    start = span.key_start if span.key_start >= 0 else _dash(page, path)
    if page.begins_line(start):
        return page.cut(page.line_start(start), page.next_line(span.end))
    following = parent.children[parent.children.index(path) + 1]
    next_span = page.spans[following]
    if page.text[
        page.next_line(span.end) : page.line_start(next_span.start)
    ].strip():  # a comment: the dash stays alone
        return page.cut(
            page.line_start(start) + len(page.text[page.line_start(start) : start].rstrip()), page.line_end(span.end)
        )
    return page.cut(start, next_span.key_start if next_span.key_start >= 0 else _dash(page, following))


def _after(page: Page, path: KeyPath, lines: Sequence[str], column: int) -> Page:
    """New lines below what is at `path`, at a column."""
    end = page.line_end(page.spans[path].end)
    return page.cut(end, end, page.eol + " " * column + page.join(lines, column))


def _fill(page: Page, path: KeyPath, piece: str, below: Sequence[str] = ()) -> Page:
    """Replace a one-line value, or the absence of one after a colon or dash, by `piece`; lines `below` that line, whose
    comment stays where it is."""
    span = page.spans[path]
    if span.start == span.end:
        if span.key_start >= 0 and ":" not in page.text[span.key_end : span.start]:
            piece = f": {piece}"
        elif page.text[span.start - 1 : span.start] in ":-":
            piece = f" {piece}"
    end = page.line_end(span.end)
    rest = page.text[span.end : end] if below else ""
    return page.cut(span.start, end if below else span.end, piece + rest + "".join(page.eol + line for line in below))


def _restyle(page: Page, path: KeyPath, value: Json) -> str:
    """The text of a value on one line, in the quoting style of the value that it replaces."""
    style = page.spans[path].style
    if not isinstance(value, str):
        return scalar_text(value, path, page.quoted)
    if style == '"':
        return double_quoted(value, path)
    single = single_quoted(value) if style == "'" else None
    if single is not None:
        return single
    if page.is_flow(path):
        is_quoted = is_identifier(path, page.quoted) or not is_flow_plain(value)
        return double_quoted(value, path) if is_quoted else value
    return scalar_text(value, path, page.quoted)


def _open_block_text(page: Page, path: KeyPath, value: str) -> Page:
    """Replace a plain text by a multi-line text; a comment stays on the line of the key."""
    first, *rest = scalar_lines(value, path, page.quoted)
    return _fill(page, path, first, indent(rest, _body_column(page, path)))


def _replace_block_text(page: Page, path: KeyPath, value: Json) -> Page:
    """Replace a `|` or `>` text by another value; a comment after the sign stays."""
    span = page.spans[path]
    header = page.text[span.start : page.line_end(span.start)]
    sign = header.split(" ")[0]
    comment = header[len(sign) :]
    is_block = isinstance(value, str) and fits_block(value) and not is_identifier(path, page.quoted)
    if not is_block:
        piece = double_quoted(value, path) if isinstance(value, str) else scalar_text(value, path, page.quoted)
        return page.cut(span.start, span.end, piece + comment)
    body = value.removesuffix("\n").split("\n")
    lines = ["|" if value.endswith("\n") else "|-", *body]
    column = _old_body_column(page, span) or _body_column(page, path)
    return page.cut(span.start, span.end, page.eol.join([lines[0] + comment, *indent(lines[1:], column)]))


def _replace_block(page: Page, path: KeyPath, value: Json) -> Page:
    """Replace a block mapping or list, below its key or after its dash, by a value of another shape."""
    span = page.spans[path]
    head_end = 1 + (page.text.index(":", span.key_end) if span.key_start >= 0 else _dash(page, path))
    line_end = page.line_end(head_end)
    comment = page.text[head_end:line_end] if span.start > line_end else ""
    emptied = page.cut(head_end, span.end, comment)
    hole = emptied.spans[path]
    if hole.start != hole.end:
        return page
    return replace_value(emptied, path, value)


def _open_block(page: Page, path: KeyPath, value: Json) -> Page:
    """Replace a scalar by a list or mapping, below its key or after its dash; a comment stays on that line."""
    span = page.spans[path]
    lines = (
        entry_lines(value, path, page.quoted) if isinstance(value, Mapping) else item_lines(value, path, page.quoted)
    )
    if span.key_start < 0:
        return _fill(page, path, lines[0], indent(lines[1:], _body_column(page, path)))
    end = page.line_end(span.end)
    comment = page.text[span.end : end].rstrip()
    colon = page.text.index(":", span.key_end) + 1
    body = "".join(page.eol + line for line in indent(lines, _body_column(page, path)))
    return page.cut(colon, end, comment + body)


def _body_column(page: Page, path: KeyPath) -> int:
    """Where the lines of a new block text begin."""
    span = page.spans[path]
    return page.column(span.key_start if span.key_start >= 0 else _dash(page, path)) + INDENT


def _old_body_column(page: Page, span: TextSpan) -> int:
    """Where the lines of the present block text begin; 0 when it has none."""
    body = page.text[page.next_line(span.start) : span.end]
    first = next((line for line in body.split("\n") if line.strip()), "")
    return len(first) - len(first.lstrip(" "))


def _dash(page: Page, path: KeyPath) -> int:
    """The offset of the dash of a list item."""
    return page.text.rindex("-", 0, page.spans[path].start)


def _is_collection(value: Json) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))
