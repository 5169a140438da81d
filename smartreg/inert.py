"""Text from records, schemas and settings that acts nowhere: which characters may not stand in it, and what it becomes
in Markdown, in a spreadsheet, in JSON that is shown on a terminal."""

from __future__ import annotations

import json
import re
from typing import Final

from smartreg.styled import visible
from smartreg.values import Json

FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters except tab and line feed; NEL, a line end for YAML 1.1 only
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # byte order mark inside the text, surrogates, noncharacters
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
"""One character that may stand neither in the text of a record, a schema or the settings nor, escaped, in a value."""

# What a spreadsheet would run, also behind blanks that it may take off; and the apostrophe, so that it can be undone.
_ACTS = re.compile("[\t\r\n']|[\\s\ufeff\u200b\u2060]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = r"[+-]?[0-9]+([.,][0-9]+)?"
_PHONE = "\\+[0-9][0-9 .\u00a0\u202f]*(\\(0\\)[0-9 .\u00a0\u202f]*)?"  # no hyphen: a spreadsheet would subtract
_INERT = re.compile(f"{_NUMBER}|{_PHONE}")
_PLAIN_NAME = re.compile(r"[^\W_]+(?:(?:[-'’]| )[^\W_]+)*")
_LINKED = re.compile(r"\bGH-[0-9]|\b[0-9a-f]{7,64}\b", re.IGNORECASE)


def forbidden_character(text: str) -> str | None:
    """The first forbidden character of a text, as `U+0007`; None when there is none."""
    match = FORBIDDEN.search(text)
    return f"U+{ord(match[0]):04X}" if match else None


def code(text: str) -> str:
    """A code span of Markdown that shows the text and lets nothing in it act: longer than any run of backticks
    inside."""
    text = visible(text) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def plain_or_code(text: str) -> str:
    """In Markdown, a name of letters, digits, single blanks, apostrophes and hyphens as it is: nothing in it can act;
    any other text in a code span. What hosts of Git make links of, their issues (GH-1) and commits, is other text."""
    return text if _PLAIN_NAME.fullmatch(text) and not _LINKED.search(text) else code(text)


def cell_text(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; so does text that begins with one:
    whoever takes one apostrophe off has the text again."""
    return f"'{text}" if _ACTS.match(text) and not _INERT.fullmatch(text) else text


def json_text(value: Json, indent: int | None = 2) -> str:
    """JSON, ended by a line feed; on one line when `indent` is None. What could act in a terminal or a CI log stands as
    `\\uXXXX`, which says the same value."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return "".join(f"{visible(row)}\n" for row in text.split("\n"))
