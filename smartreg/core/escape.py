"""Escape text from records, schemas and settings so that it cannot act in a terminal, a CI log, Markdown, a spreadsheet
or JSON; and the characters that such text may not contain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from smartreg.core.styled import ACTING, visible
from smartreg.core.values import Json

FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters except tab and line feed; NEL, a line ending for YAML 1.1 only
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # byte order mark inside the text, surrogates, noncharacters
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
"""A character that no record, schema or settings may hold, neither as it is nor escaped in a value."""

# What a spreadsheet would run, also after blanks that it may strip; and the apostrophe, so that escaping can be undone.
_ACTS = re.compile("[\t\r\n']|[\\s\ufeff\u200b\u2060]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = r"[+-]?[0-9]+([.,][0-9]+)?"
_PHONE = "\\+[0-9][0-9 .\u00a0\u202f]*(\\(0\\)[0-9 .\u00a0\u202f]*)?"  # no hyphen: a spreadsheet would subtract
_INERT = f"{_NUMBER}|{_PHONE}"
# Words and title punctuation that cannot form Markdown, a list, an address or an emoji (`:x:`).
_UNIT = r"(?:°|[ \u00a0\u202f]?[%€](?![^\W_]))?"  # n° 12, 50 %, 3 €
_WORD = rf"(?:\(|« )?[^\W_]+(?:(?:[-'’°/]|(?<=[0-9])[.,](?=[0-9]))[^\W_]+)*{_UNIT}(?:\)| »)?"
_PLAIN_NAME = rf"(?![0-9]+[.)]){_WORD}(?:(?:[,;.]? | [–—&/+-] | ?[:;!?] ){_WORD})*(?:[.…]| ?[!?])?"
# What may act in JSON. Its only control characters are those that end its lines; surrogates are escaped on encoding.
_SIGNS = ("##", *(chr(code) for first, last in ACTING if first not in (0, 0xD800) for code in range(first, last + 1)))
_LINKED = re.compile(r"\bGH-[0-9]|\b[0-9a-f]{7,64}\b", re.IGNORECASE)


def forbidden_character(text: str) -> str | None:
    """The first forbidden character of a text, as `U+0007`; None when there is none."""
    match = FORBIDDEN.search(text)
    return f"U+{ord(match[0]):04X}" if match else None


def code(text: str) -> str:
    """A Markdown code span that shows the text without letting it act: its fence is longer than any run of backticks
    inside."""
    text = visible(text) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def plain_or_code(text: str) -> str:
    """In Markdown, keep a name or title of words and plain punctuation, which cannot act; put any other text into a
    code span. Issues (GH-1) and commits, which Git hosts turn into links, are other text."""
    return text if re.fullmatch(_PLAIN_NAME, text) and not _LINKED.search(text) else code(text)


def cell_text(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula, and before text that begins with one, so
    that removing one apostrophe restores the text."""
    return f"'{text}" if _ACTS.match(text) and not re.fullmatch(_INERT, text) else text


def quote_cell(text: str, delimiter: str = ",") -> str:
    """A CSV cell, in quotes where RFC 4180 requires them."""
    if delimiter in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_text(headings: Sequence[str], rows: Iterable[Iterable[Json]]) -> str:
    """A table as CSV: comma, LF. Numbers are written unchanged, text as `cell_text` returns it; a row of one empty cell
    is not an empty line."""
    lines = (",".join(quote_cell(_cell(value)) for value in row) or '""' for row in (headings, *rows))
    return encodable("".join(f"{line}\n" for line in lines))


def _cell(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else cell_text(value) if isinstance(value, str) else f"{value}"


def encodable(text: str) -> str:
    """Text that UTF-8 can encode: a lone surrogate, which YAML can express, becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def inert_json(value: Json, indent: int | None = None) -> str:
    """JSON in which nothing acts in a terminal or a CI log."""
    return escape_json(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False))


def json_text(value: Json, indent: int | None = 2) -> str:
    """JSON in which nothing acts, ended by a line feed; on one line when `indent` is None."""
    return f"{escape_json(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False))}\n"


def escape_json(text: str) -> str:
    """Escape in a JSON text what could act in a terminal or a CI log, as `\\uXXXX`, which says the same values."""
    if any(sign in text for sign in _SIGNS):  # rare, and much faster than examining each character
        text = "\n".join(map(visible, text.split("\n")))
    return text.encode("utf-8", "backslashreplace").decode()  # lone surrogates, too
