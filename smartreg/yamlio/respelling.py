"""Write the same record in other letters: the line ends, the quotes, the tidiness of its lines.

Nothing here changes what a readable text says: each step is read again, and left out where it would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, KeyPath, value_at
from smartreg.yamlio import faults
from smartreg.yamlio.changes import same
from smartreg.yamlio.characters import BOM
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.page import Page
from smartreg.yamlio.places import TextSpan, spans
from smartreg.yamlio.reader import read
from smartreg.yamlio.scalars import differs
from smartreg.yamlio.writer import double_quoted, is_identifier, is_plain, key_text, spell_for_all

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TRAILING = re.compile(r"[ \t]+(?=\r?(?:\n|\Z))")
_NUMBER = "YML008"

Piece = tuple[int, int, str]
"""From, to (offsets), and what comes in their place."""


def mend(text: bytes) -> bytes:
    """The text without the faults of YML005 that have only one reading: no byte order mark, UTF-8 instead of UTF-16
    that begins with its mark, LF line ends. The data stay the same."""
    if text.startswith(_UTF16):
        try:
            text = text.decode("utf-16").encode()
        except UnicodeError:
            return text
    text = text.removeprefix(BOM).replace(b"\r\n", b"\n")
    return text if b"\n" in text else text.replace(b"\r", b"\n")


def quote_numbers(text: bytes, wants_text: Callable[[KeyPath], bool]) -> bytes:
    """The text with quotes around the keys, and around the values where `wants_text`, that YML008 reports; unchanged
    when anything else is wrong with it, or it begins with a byte order mark."""
    found = [fault for fault in faults.find(text, "") if fault.severity == "error"]
    if text.startswith(BOM) or any(fault.code != _NUMBER for fault in found):
        return text
    decoded = text.decode()
    try:
        there = spans(decoded)
    except (ValueError, libyaml().error):
        return text
    pieces: list[Piece] = []
    for fault in found:
        span = there.get(fault.where.path)
        if span is not None and fault.where.on_key:
            pieces.append(_quote(decoded, span.key_start, span.key_end))
        elif span is not None and wants_text(fault.where.path):
            pieces.append(_quote(decoded, span.start, span.end))
    return _with(decoded, pieces).encode()


def unequivocal(text: bytes, wants_text: Callable[[KeyPath], bool]) -> bytes:
    """The readable text with another spelling for the scalars that other readers take for something else (YML013): keys
    and texts in quotes, numbers as all read them. A number where the schema `wants_text` stays: REC103 quotes it as it
    is written."""
    data = read(text, "").data
    if data is None:
        return text
    page = Page(text.decode(), "\n", lambda _: (), ())
    pieces = [piece for path, span in page.spans.items() for piece in _doubtful(page, path, span, data, wants_text)]
    return first_equal(page, page.with_text(_with(page.text, pieces))).text.encode() if pieces else text


def quote_page(page: Page, data: Json) -> Page:
    """The page, which says `data`, with double quotes around identifiers and every text that `is_plain` would not leave
    without."""
    pieces = [piece for path, span in page.spans.items() for piece in _add_quotes(page, path, span, data)]
    return first_equal(page, page.with_text(_with(page.text, pieces))) if pieces else page


def tidy(page: Page) -> Page:
    """The page without blanks at the ends of its lines and below the last of them, which ends as the others do."""
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
    """The text with another name for the key at `path`, every other byte as it was; the same text when there is no such
    key, or its mapping has `name` already."""
    mark = BOM if text.startswith(BOM) else b""
    decoded = text.removeprefix(BOM).decode()
    there = spans(decoded)
    span = there.get(path)
    if span is None or span.key_start < 0 or (*path[:-1], name) in there:
        return text
    return mark + _with(decoded, [(span.key_start, span.key_end, key_text(name))]).encode()


def first_equal(before: Page, *attempts: Page) -> Page:
    """The first attempt that says what the page `before` said, else that page."""
    data = read(before.text.encode(), "").data
    for after in attempts:
        found = read(after.text.encode(), "").data
        if found is not None and same(found, data):
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
