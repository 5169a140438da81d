"""Workbooks: the cells of an XLSX, read by calamine (the extra `xlsx`) within limits checked beforehand; the sheet of a
workbook of any format that is to be imported. Numbers stay apart from text, since a number is not an identifier.

calamine keeps a sheet as one block from its first to its last cell, and memory that cannot be had ends the process. So
where cells stand is looked up before: a workbook of two cells at opposite corners would take all memory. What could
stand for a place and is none that a spreadsheet has, is refused: nobody knows what calamine would take it for.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.installation import install_command
from smartreg.core.messages import Message
from smartreg.core.sheets import about_sheets
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Json
from smartreg.readers.sheet import (
    MAX_CELLS,
    GridRow,
    NumberCell,
    Row,
    Sheet,
    SheetGrid,
    below_title,
    form_fault,
    too_many_cells,
    with_faults_of_form,
)

MAGIC = b"PK\x03\x04"
ABOUT = "about"  # the sheet, and the beginning of the names of tables, that state the origin of an export
MAX_BLOCK = 20_000_000  # cells of the block that calamine would make
FREE_CELLS = 100_000  # and as many as a sheet with few filled cells has for each of its bytes
CELLS_OF_BYTE = 50
MAX_ROWS, MAX_COLUMNS = 1 << 20, 1 << 14  # of any spreadsheet
MAX_UNPACKED = 256 * 1024 * 1024  # bytes
# calamine takes what holds these for a workbook of another form, whose cells nobody has looked at.
OTHERS = {"content.xml", "xl/workbook.bin"}

_PART = 1 << 20  # bytes that are looked at together
_START = re.compile(rb"<(?:[^\s<>/:\"'=]+:)?(?:c|row)(?=[\s/>])")
_TAG = re.compile(
    rb"""<(?:[^\s<>/:"'=]+:)?(c|row)((?:\s+[^\s<>/"'=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*"""
    rb"""(/>|>\s*</(?:[^\s<>/:"'=]+:)?c\s*>|>)"""  # what ends a cell without content
)
_PLACE = re.compile(rb"""\sr\s*=\s*["'](?:([A-Za-z]{1,3})?([0-9]{1,7}))["']""")
_ANY_PLACE = re.compile(rb"\sr\s*=")


class Odd(Exception):
    """A row or cell without a proper place."""


def refuse_large(file: str, content: bytes) -> None:
    """UsageFault for a file that is not a workbook, or would take too much memory."""
    if not content.startswith(MAGIC):
        raise unreadable(file)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names or names & OTHERS:
                raise unreadable(file)
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise too_large(file)
            for part in parts:
                last = last_cell(packed, part)
                if last.row * last.column > min(MAX_BLOCK, FREE_CELLS + CELLS_OF_BYTE * part.file_size):
                    raise _far_cell(file, last)
    except UsageFault:
        raise
    except Exception:  # zipfile and what unpacks for it have many errors for damaged data
        raise unreadable(file) from None


class LastCell(NamedTuple):
    """The last row and the last column of a sheet that have something in a cell, from 1; 0 for a sheet without any."""

    row: int
    column: int


def last_cell(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> LastCell:
    """How far the filled cells of a sheet reach at most, which is the block that calamine makes; a spreadsheet also
    notes rows and cells that are empty and only formatted. `Odd` for rows and cells that are not where a spreadsheet
    has some, and for a sheet under the name of something else."""
    block = _Block()
    text = part.filename.lower().endswith(".xml")
    with packed.open(part) as stream:
        rest = b""
        while part_of_stream := stream.read(_PART):
            seen = rest + part_of_stream.replace(b"\0", b"")  # UTF-16, too
            whole = seen.rfind(b"<")  # a tag that goes on in the next part
            if whole < 1:
                whole = len(seen)
            if text:
                block.add(seen[:whole])
            elif b"sheetData" in seen:
                raise Odd
            rest = seen[whole:] if len(seen) - whole < _PART else b""
        if text:
            block.add(rest)
    return LastCell(block.last_row, block.last_column)


class _Block:
    """The rows and cells of a sheet so far: the last row and column by their places, those of filled cells apart;
    without a place, a row is the next one and a cell is to the right of the one before."""

    def __init__(self) -> None:
        self.row = self.column = self.further = self.here = self.last_row = self.last_column = 0

    def add(self, text: bytes) -> None:
        tags = _TAG.findall(text)
        if len(tags) != len(_START.findall(text)):
            raise Odd
        for name, attributes, end in tags:
            place = _PLACE.findall(attributes)
            if len(place) != len(_ANY_PLACE.findall(attributes)) or len(place) > 1:
                raise Odd
            letters, digits = place[0] if place else (b"", b"0")
            row, column = int(digits), _number(letters)
            self.row, self.column = max(self.row, row), max(self.column, column)
            if self.row > MAX_ROWS or self.column > MAX_COLUMNS:
                raise Odd
            if name == b"row":
                self.here = 0
                self.further += not place
                continue
            self.here += not place
            if end == b">":
                self.last_row = max(self.last_row, row or self.row + self.further)
                self.last_column = max(self.last_column, column or self.column + self.here)


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, AA 27; 0 for none."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def unreadable(file: str) -> UsageFault:
    return UsageFault(
        Message("{file} is not a readable XLSX workbook", file=file),
        Message("save it as “Excel workbook (.xlsx)” without a password, or as CSV UTF-8"),
    )


def too_large(file: str) -> UsageFault:
    return UsageFault(
        Message("{file} is too large to be read", file=file),
        Message("delete what stands far from the table, or save the sheet as CSV"),
    )


def _far_cell(file: str, last: LastCell) -> UsageFault:
    return UsageFault(
        Message(
            "the filled cells of {file} reach row {row}, column {column}: something stands far from its table",
            file=file,
            row=last.row,
            column=last.column,
        ),
        Message("delete what stands far from the table, or save the sheet as CSV"),
    )


def read_workbook(file: str, content: bytes) -> list[SheetGrid]:
    """The sheets, in order; cells as text (`NumberCell` for numbers), days as YYYY-MM-DD, empty ones
    as None. UsageFault for what is no workbook, one that is too large, and without the library."""
    calamine = _library()
    refuse_large(file, content)
    try:
        book = calamine.load_workbook(io.BytesIO(content))
        return [
            grid_of(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names
        ]
    except (KeyboardInterrupt, SystemExit):
        raise
    except MemoryError:
        raise too_large(file) from None
    except BaseException:  # errors of several kinds, and a panic of its parser, which is no Exception
        raise unreadable(file) from None


def _library() -> Any:
    try:
        import python_calamine
    except ImportError:
        raise UsageFault(
            Message("reading XLSX needs the extra “xlsx”"),
            install_command("xlsx"),
        ) from None
    return python_calamine


def grid_of(name: str, rows: Sequence[Sequence[Any]]) -> SheetGrid:
    """A sheet from the values of its cells, whose first row are the headings; without empty rows."""
    first, *others = rows or [()]
    headings = tuple((cell_text(cell) or "").strip() for cell in first)
    kept = (GridRow(number, tuple(map(cell_text, row))) for number, row in enumerate(others, 2))
    return SheetGrid(name, headings, tuple(row for row in kept if any(cell is not None for cell in row.cells)))


def cell_text(value: Any) -> str | None:
    """The text of a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        return NumberCell(int(value) if whole else repr(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return NumberCell(value.total_seconds() / 86_400)
    return value or None


def read_sheet(file: str, form: str, grids: Sequence[SheetGrid], wanted: str | None, usual: Sequence[str]) -> Sheet:
    """The `wanted` sheet, else the one with a `usual` name, else the first that has rows.
    UsageFault if there is no such sheet."""
    grid = _choose_sheet(file, grids, wanted, usual)
    used = [place for row in grid.rows for place, cell in enumerate(row.cells) if cell is not None]
    used += [place for place, heading in enumerate(grid.headings) if heading]
    width = max(used, default=-1) + 1
    if width * len(grid.rows) > MAX_CELLS:
        raise too_many_cells(file)
    rows = [GridRow(1, grid.headings), *grid.rows]
    first, *others = below_title([Row(row.number, _pad(row.cells, width)) for row in rows])
    headings = tuple(cell.strip() for cell in first.cells)
    sheet = Sheet(file, "", "", headings, tuple(others), form=form, name=grid.name, top=first.number)
    if not width:
        nothing = form_fault(file, None, Message("the sheet is empty"))
        return Sheet(file, "", "", faults=(nothing,), form=form, name=grid.name)
    return with_faults_of_form(sheet)


def _pad(cells: Sequence[Json], width: int) -> list[str]:
    return [*(cell or "" for cell in cells[:width]), *[""] * (width - len(cells))]


def _choose_sheet(file: str, grids: Sequence[SheetGrid], wanted: str | None, usual: Sequence[str]) -> SheetGrid:
    by_name = {grid.name: grid for grid in grids}
    if wanted is not None and wanted not in by_name:
        listed = ", ".join(by_name)
        raise UsageFault(
            Message('{file} has no sheet "{wanted}"; there are {listed}', file=file, wanted=wanted, listed=listed),
            did_you_mean(wanted, by_name),
        )
    if wanted is not None:
        return by_name[wanted]
    folded = {name.casefold(): grid for name, grid in by_name.items()}
    for name in usual:
        if name.casefold() in folded:
            return folded[name.casefold()]
    abouts = about_sheets()
    full = [grid for grid in grids if grid.rows and grid.name not in abouts]
    return next(iter([*full, *grids]), SheetGrid("", (), ()))
