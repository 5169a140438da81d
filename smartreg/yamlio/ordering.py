"""The keys of every mapping in their canonical order: lines change places, and none of them changes.

A key takes along its value, the comments on its lines and inside it, and those directly above it at its own column. The
heading, from the top of the text to the first empty line, stays. The proof is a reading of the data, and the lines
themselves: as many of each as before.
"""

from __future__ import annotations

from collections import Counter

from smartreg.core.values import KeyPath
from smartreg.yamlio.page import Page
from smartreg.yamlio.respelling import first_equal

FOR_EDITORS = "yaml-language-server:"


def order_keys(page: Page) -> Page:
    """The page with its keys in order; a mapping that cannot be put in order without touching a line stays unchanged.
    Items of lists are never moved."""
    mappings = [path for path, span in page.spans.items() if span.style in (":", "{")]
    for path in sorted(mappings, key=len, reverse=True):
        page = _order_at(page, path)
    return page


def _order_at(page: Page, path: KeyPath) -> Page:
    span = page.spans[path]
    order = {name: rank for rank, name in enumerate(page.order(path))}
    wanted = sorted(span.children, key=lambda child: order.get(str(child[-1]), len(order)))
    if not order or wanted == list(span.children):
        return page
    after = _slots(page, path, wanted) if span.style == "{" else _blocks(page, path, wanted)
    return first_equal(page, after) if _lines(after) == _lines(page) or span.style == "{" else page


def _blocks(page: Page, path: KeyPath, wanted: list[KeyPath]) -> Page:
    """The entries of a block mapping, each with its lines, in the wanted order."""
    children = page.spans[path].children
    begins = [_begin(page, child, children[index - 1] if index else None) for index, child in enumerate(children)]
    ends = [*begins[1:], page.next_line(page.spans[children[-1]].end)]
    beside = (
        "" if page.begins_line(begins[0]) else " " * page.column(begins[0])
    )  # the first entry is on the line of a dash
    chunks = {child: page.text[begin:end] for child, begin, end in zip(children, begins, ends, strict=True)}
    chunks[children[0]] = beside + chunks[children[0]]
    text = "".join(chunk if chunk.endswith("\n") else chunk + page.eol for chunk in map(chunks.__getitem__, wanted))
    if not text.startswith(beside):
        return page
    return page.cut(begins[0], ends[-1], text[len(beside) :])


def _begin(page: Page, child: KeyPath, previous: KeyPath | None) -> int:
    """Where the lines of an entry begin, with the comments that belong to it."""
    start = page.spans[child].key_start
    if not page.begins_line(start):
        return start
    column = page.column(start)
    begin = page.line_start(start)
    first = page.next_line(page.spans[previous].end) if previous else 0
    while begin > first:
        above = page.line_start(begin - 1)
        line = page.text[above : begin - 1]
        if above < first or not line.startswith(" " * column + "#") or FOR_EDITORS in line:
            break
        begin = above
    # Comments that reach up to the top of the text are its heading.
    return begin if previous or page.text[:begin].strip() else page.line_start(start)


def _slots(page: Page, path: KeyPath, wanted: list[KeyPath]) -> Page:
    """The entries of a mapping between braces, on one line, each at the position of another."""
    span = page.spans[path]
    if "\n" in page.text[span.start : span.end]:
        return page
    pieces = [page.text[page.spans[child].key_start : page.spans[child].end] for child in wanted]
    text = page.text
    for child, piece in reversed(list(zip(span.children, pieces, strict=True))):
        text = text[: page.spans[child].key_start] + piece + text[page.spans[child].end :]
    return page.with_text(text)


def _lines(page: Page) -> Counter[str]:
    return Counter(filter(None, (line.strip(" -\r") for line in page.text.split("\n"))))
