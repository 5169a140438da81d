"""The canonical form of a record: LF, keys in order, quotes and numbers that all readers read alike, tidy lines.
Comments stay. Only the spelling changes (line endings, quotes, whitespace), never the meaning of a readable text: each
step is verified by reading, and left out if it fails. Ordering the keys of a mapping moves lines, but changes none of
them.

A key takes along its value, the comments on its lines and inside it, and those directly above it at its own column. The
heading, from the top of the text to the first empty line, stays. The proof: the same data when read again, and the same
lines, each as often as before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, KeyPath, value_at
from smartreg.yamlio import faults
from smartreg.yamlio.changes import same
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.places import Order, Page, TextSpan, spans
from smartreg.yamlio.reader import read
from smartreg.yamlio.scalars import BOM, differs
from smartreg.yamlio.writer import Quoted, double_quoted, is_identifier, is_plain, key_text, spell_for_all

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TRAILING = re.compile(r"[ \t]+(?=\r?(?:\n|\Z))")
_NUMBER = "YML008"

Piece = tuple[int, int, str]
"""From, to (offsets), and what comes in their place."""


def repair(text: bytes) -> bytes:
    """The text without the unambiguous faults of YML005: no byte order mark, UTF-8 instead of UTF-16 that begins with
    its mark, LF line endings. The data stay the same."""
    if text.startswith(_UTF16):
        try:
            text = text.decode("utf-16").encode()
        except UnicodeError:
            return text
    text = text.removeprefix(BOM).replace(b"\r\n", b"\n")
    return text if b"\n" in text else text.replace(b"\r", b"\n")


def quote_numbers(text: bytes, wants_text: Callable[[KeyPath], bool]) -> bytes:
    """The text with quotes around the keys, and around the values where `wants_text`, that YML008 reports; unchanged if
    anything else is wrong with it, or it begins with a byte order mark."""
    errors = [fault for fault in faults.find(text, "") if fault.severity == "error"]
    if text.startswith(BOM) or any(fault.code != _NUMBER for fault in errors):
        return text
    decoded = text.decode()
    try:
        there = spans(decoded)
    except (ValueError, libyaml().error):
        return text
    pieces: list[Piece] = []
    for fault in errors:
        span = there.get(fault.where.path)
        if span is not None and fault.where.on_key:
            pieces.append(_quote(decoded, span.key_start, span.key_end))
        elif span is not None and wants_text(fault.where.path):
            pieces.append(_quote(decoded, span.start, span.end))
    return _with(decoded, pieces).encode()


def unequivocal(text: bytes, wants_text: Callable[[KeyPath], bool]) -> bytes:
    """The readable text with the scalars that other readers interpret differently (YML013) respelled: keys
    and texts in quotes, numbers as all read them. A number where the schema `wants_text` stays: REC103 quotes it as
    written."""
    data = read(text, "").data
    if data is None:
        return text
    page = Page(text.decode(), "\n", lambda _: (), ())
    pieces = [piece for path, span in page.spans.items() for piece in _doubtful(page, path, span, data, wants_text)]
    return first_equal(page, page.with_text(_with(page.text, pieces))).text.encode() if pieces else text


def quote_page(page: Page, data: Json) -> Page:
    """The page, which holds `data`, with double quotes around identifiers and every text that is not `is_plain`."""
    pieces = [piece for path, span in page.spans.items() for piece in _add_quotes(page, path, span, data)]
    return first_equal(page, page.with_text(_with(page.text, pieces))) if pieces else page


def tidy(page: Page) -> Page:
    """The page without trailing blanks and blank lines at the end, and with a final line ending."""
    texts = [span for span in page.spans.values() if span.style not in ("{", "[", ":", "-")]
    ends = [page.line_end(span.end) + 1 if span.style in ("|", ">") else span.end for span in texts]
    inside = [(span.start, end) for span, end in zip(texts, ends, strict=True) if "\n" in page.text[span.start : end]]
    pieces = [
        (match.start(), match.end(), "")
        for match in _TRAILING.finditer(page.text)
        if not any(start < match.start() < end for start, end in inside)
    ]
    stripped, ended = (page.with_text(_end_quotes(text)) for text in (_with(page.text, pieces), page.text))
    return first_equal(page, stripped, ended) if stripped.text != page.text else page


def rename_key(text: bytes, path: KeyPath, name: str) -> bytes:
    """The text with another name for the key at `path`, every other byte as it was; the same text if there is no such
    key, or its mapping already has `name`."""
    mark = BOM if text.startswith(BOM) else b""
    decoded = text.removeprefix(BOM).decode()
    there = spans(decoded)
    span = there.get(path)
    if span is None or span.key_start < 0 or (*path[:-1], name) in there:
        return text
    return mark + _with(decoded, [(span.key_start, span.key_end, key_text(name))]).encode()


def first_equal(before: Page, *attempts: Page) -> Page:
    """The first attempt with the same data as the page `before`, else that page."""
    data = read(before.text.encode(), "").data
    for after in attempts:
        result = read(after.text.encode(), "").data
        if result is not None and same(result, data):
            return after
    return before


def _doubtful(
    page: Page, path: KeyPath, span: TextSpan, data: Json, wants_text: Callable[[KeyPath], bool]
) -> Iterator[Piece]:
    key = page.text[span.key_start : span.key_end] if span.key_start >= 0 else ""
    if key and key == path[-1] and differs(key, key):
        yield span.key_start, span.key_end, double_quoted(key, path)
    if span.style:
        return
    source, value = page.text[span.start : span.end], value_at(data, path)
    if differs(source, value) and (isinstance(value, str) or not wants_text(path)):
        yield span.start, span.end, spell_for_all(value, path)


def _add_quotes(page: Page, path: KeyPath, span: TextSpan, data: Json) -> Iterator[Piece]:
    text = page.text
    if span.key_start >= 0:
        key = str(path[-1])
        if text[span.key_start : span.key_end] == key != key_text(key):
            yield span.key_start, span.key_end, key_text(key)
    value = value_at(data, path) if span.style in ("", "'") else None
    if not isinstance(value, str) or "\n" in text[span.start : span.end]:
        return
    identifier = is_identifier(path, page.quoted)
    if identifier or (span.style == "" and not is_plain(value)):
        yield span.start, span.end, double_quoted(value, path)


def _end_quotes(text: str) -> str:
    return text.rstrip("\r\n") + "\n"


def _quote(text: str, start: int, end: int) -> Piece:
    try:
        return start, end, double_quoted(text[start:end], ())
    except UsageFault:
        return start, end, text[start:end]


def _with(text: str, pieces: Sequence[Piece]) -> str:
    for start, end, piece in sorted(pieces, reverse=True):
        text = text[:start] + piece + text[end:]
    return text


FOR_EDITORS = "yaml-language-server:"


def order_keys(page: Page) -> Page:
    """The page with its keys in order; a mapping that cannot be ordered without touching a line stays unchanged.
    Items of lists are never moved."""
    mappings = [path for path, span in page.spans.items() if span.style in (":", "{")]
    for path in sorted(mappings, key=len, reverse=True):
        page = _order_at(page, path)
    return page


def _order_at(page: Page, path: KeyPath) -> Page:
    span = page.spans[path]
    order = {name: rank for rank, name in enumerate(page.order(path))}
    ordered = sorted(span.children, key=lambda child: order.get(str(child[-1]), len(order)))
    if not order or ordered == list(span.children):
        return page
    after = _slots(page, path, ordered) if span.style == "{" else _blocks(page, path, ordered)
    return first_equal(page, after) if _lines(after) == _lines(page) or span.style == "{" else page


def _blocks(page: Page, path: KeyPath, wanted: list[KeyPath]) -> Page:
    """The entries of a block mapping, each with its lines, in the wanted order."""
    children = page.spans[path].children
    begins = [_begin(page, child, children[index - 1] if index else None) for index, child in enumerate(children)]
    ends = [*begins[1:], page.next_line(page.spans[children[-1]].end)]
    indent = (
        "" if page.begins_line(begins[0]) else " " * page.column(begins[0])
    )  # the first entry is on the line of a dash
    chunks = {child: page.text[begin:end] for child, begin, end in zip(children, begins, ends, strict=True)}
    chunks[children[0]] = indent + chunks[children[0]]
    text = "".join(chunk if chunk.endswith("\n") else chunk + page.eol for chunk in map(chunks.__getitem__, wanted))
    if not text.startswith(indent):
        return page
    return page.cut(begins[0], ends[-1], text[len(indent) :])


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
    # Comments up to the top of the text are its heading.
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


def canonical(text: bytes, *, order: Order, identifiers: Quoted, wants_text: Callable[[KeyPath], bool]) -> bytes | None:
    """The text in its canonical form, with the same data; None if it cannot be read. Lists keep their order, texts
    their quotes, numbers their digits if all readers read them alike."""
    data = read(text, "").data
    if data is None:
        return None
    page = Page(unequivocal(repair(text), wants_text).decode(), "\n", order, identifiers)
    return tidy(quote_page(order_keys(page), data)).text.encode()
