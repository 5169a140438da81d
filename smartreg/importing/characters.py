"""Characters that nobody typed: invisible ones, and letters that were decoded in another encoding (`Ã©` for `é`). They
are repaired in all cells at once, or in none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from smartreg.core.escape import forbidden_character
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, joined, plural
from smartreg.core.values import Location
from smartreg.importing.values import ALTERED, CHARACTER
from smartreg.readers.sheet import Row, Sheet, ValueCell

_EXAMPLES = 2
_AROUND = 20  # characters of a cell that are shown on either side
_INVISIBLE = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_BLANK = re.compile("[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_BLANK_IN_NAME = re.compile(f"(?<=[^\\W\\d_]){_BLANK.pattern}(?=[^\\W\\d_])")  # « 5 € » and n° 5 have theirs on purpose
_BYTES: Mapping[str, int] = {
    **{chr(byte): byte for byte in range(0x80, 0x100)},
    **{
        bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    },
}
_CONTINUATION = re.escape("".join(character for character, byte in _BYTES.items() if byte < 0xC0))
# UTF-8 read byte by byte as Windows-1252: letters of Latin-1, ŒœŠšŽžŸ, and the quotation marks and dashes of U+2000.
_DECODED = re.compile(
    f"[\u00c2\u00c3][{_CONTINUATION}]|\u00c5[\u2019\u201c\u00b8\u00bd\u00be\u00a1\u00a0\x92\x93]|\u00e2[{_CONTINUATION}]{{2}}"
)
_CONTROL = re.compile("[\x80-\x84\x86-\x9f]")  # the marks of Windows-1252, read as ISO-8859-1
_UNSEEN = re.compile(f"{_INVISIBLE.pattern}|{_BLANK.pattern}|{_CONTROL.pattern}")
_SUSPECT = re.compile(f"{_INVISIBLE.pattern}|{_BLANK_IN_NAME.pattern}|{_DECODED.pattern}|{_CONTROL.pattern}")


class Repaired(NamedTuple):
    """A sheet with its cells repaired, and the fault that says so where nobody has agreed to it."""

    sheet: Sheet
    fault: Finding | None = None


def repair_sheet(sheet: Sheet, choice: Literal["repair", "keep"] | None) -> Repaired:
    """The sheet with all such characters repaired, so that everything else about it can be said; with "keep", as it is.
    Where nobody chose, IMP002, or YML006 where no record may hold one of them."""
    if choice == "keep":
        return Repaired(sheet)
    headings = tuple(map(repair_text, sheet.headings))
    rows, examples, count = [], list[Text](), sum(map(is_suspect, sheet.headings))
    first: Location | None = None
    for row in sheet.rows:
        cells = list(row.cells)
        for place, cell in enumerate(cells):
            if (cell.isascii() and cell.isprintable()) or not is_suspect(cell):
                continue
            cells[place] = _repair_cell(cell)
            count += 1
            first = first or Location(sheet.file, row=row.number, column=sheet.headings[place])
            if len(examples) < _EXAMPLES:
                examples.append(_example(cell, row.number))
        rows.append(Row(row.number, cells))
    if not count:
        return Repaired(sheet)
    clean = replace(sheet, headings=headings, rows=tuple(rows))
    if choice == "repair":
        note = plural(
            "{n} cell was repaired: {shown}", "{n} cells were repaired: {shown}", n=count, shown=joined(examples)
        )
        return Repaired(replace(clean, notes=(*sheet.notes, note)))
    code = CHARACTER if any(forbidden_character(cell) for row in sheet.rows for cell in row.cells) else ALTERED
    return Repaired(clean, _fault(code, count, examples, first or Location(sheet.file, row=sheet.top)))


def is_suspect(text: str) -> bool:
    """Whether a text has characters that nobody typed."""
    return _SUSPECT.search(text) is not None


def repair_text(text: str) -> str:
    """The text as it was typed: letters decoded anew, no invisible characters, plain blanks."""
    if not is_suspect(text):
        return text
    for _ in range(2):  # some were decoded twice
        text = _DECODED.sub(_decode, text)
    text = _CONTROL.sub(lambda mark: bytes([ord(mark[0])]).decode("cp1252", "ignore"), text)
    return _BLANK.sub(" ", _INVISIBLE.sub("", text))


def _decode(match: re.Match[str]) -> str:
    try:
        return bytes(_BYTES[character] for character in match[0]).decode()
    except UnicodeError:
        return match[0]


def _repair_cell(cell: str) -> str:
    if not isinstance(cell, ValueCell):
        return repair_text(cell)
    return ValueCell.of(repair_text(cell.value)) if isinstance(cell.value, str) else cell


def _example(cell: str, row: int) -> Text:
    """A cell as it is and as it would be, around the first of its characters."""
    suspect = _SUSPECT.search(cell)
    start = max(0, suspect.start() - _AROUND) if suspect else 0
    part = cell[start : start + 2 * _AROUND].strip()
    shown = _UNSEEN.sub(lambda character: f"\\u{ord(character[0]):04x}", part)
    return Message("“{before}” for “{after}” (row {row})", before=shown, after=repair_text(part), row=row)


def _fault(code: str, count: int, examples: list[Text], where: Location) -> Finding:
    shown = joined(examples)
    return Finding(
        code,
        "error",
        plural(
            "{n} cell has characters that nobody typed, invisible ones or wrongly decoded letters: {shown}",
            "{n} cells have characters that nobody typed, invisible ones or wrongly decoded letters: {shown}",
            n=count,
            shown=shown,
        ),
        where,
        Message("--characters repair mends all of them; --characters keep takes them as they are"),
    )
