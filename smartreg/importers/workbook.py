"""XLSX: the cells of a workbook, read by calamine (the extra `xlsx`).

Limits of a workbook, checked before calamine reads it.

calamine keeps a sheet as one block from its first to its last cell, and memory that cannot be had ends the process. So
where cells stand is looked up before: a workbook of two cells at opposite corners would take all memory. What could
stand for a place and is none that a spreadsheet has, is refused: nobody knows what calamine would take it for.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from smartreg.core.errors import UsageFault
from smartreg.core.installation import install_command
from smartreg.core.values import Words
from smartreg.importers.sheet import GridRow, NumberCell, SheetGrid

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook


MAGIC = b"PK\x03\x04"
MAX_CELLS = 20_000_000
FREE_CELLS = 100_000  # and as many as a sheet with few filled cells has for each of its bytes
CELLS_OF_BYTE = 50
MAX_ROWS, MAX_COLUMNS = 1 << 20, 1 << 14  # of any spreadsheet
MAX_UNPACKED = 256 * 1024 * 1024  # bytes
# calamine takes what holds these for a workbook of another form, whose cells nobody has looked at.
OTHERS = {"content.xml", "xl/workbook.bin"}

_PART = 1 << 20  # bytes that are looked at together
_START = re.compile(rb"<(?:[^\s<>/:\"'=]+:)?(?:c|row)(?=[\s/>])")
_TAG = re.compile(rb"""<(?:[^\s<>/:"'=]+:)?(c|row)((?:\s+[^\s<>/"'=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*/?>""")
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
                if cells(packed, part) > min(MAX_CELLS, FREE_CELLS + CELLS_OF_BYTE * part.file_size):
                    raise too_large(file)
    except UsageFault:
        raise
    except Exception:  # zipfile and what unpacks for it have many errors for damaged data
        raise unreadable(file) from None


def cells(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many cells the block of a sheet has at most; 0 for what is no sheet. `Odd` for rows and cells that are not
    where a spreadsheet has some, and for a sheet under the name of something else."""
    block = _Block()
    text = part.filename.lower().endswith(".xml")
    with packed.open(part) as stream:
        rest = b""
        while more := stream.read(_PART):
            seen = rest + more.replace(b"\0", b"")  # UTF-16, too
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
    return block.cells


class _Block:
    """The rows and cells of a sheet so far: the last row and column by their places; without a place, a row is the next
    one and a cell is to the right of the one before."""

    def __init__(self) -> None:
        self.row = self.column = self.further = self.widest = self.here = 0

    def add(self, text: bytes) -> None:
        found = _TAG.findall(text)
        if len(found) != len(_START.findall(text)):
            raise Odd
        for name, attributes in found:
            place = _PLACE.findall(attributes)
            if len(place) != len(_ANY_PLACE.findall(attributes)):
                raise Odd
            if name == b"row":
                self.here = 0
                self.further += not place
            elif not place:
                self.here += 1
                self.widest = max(self.widest, self.here)
            for letters, digits in place:
                self.row, self.column = max(self.row, int(digits)), max(self.column, _number(letters))
        if self.row > MAX_ROWS or self.column > MAX_COLUMNS:
            raise Odd

    @property
    def cells(self) -> int:
        return (self.row + self.further) * max(self.column + self.widest, 1)


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, AA 27; 0 for none."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def unreadable(file: str) -> UsageFault:
    return UsageFault(
        Words(f"{file} is not a readable XLSX workbook", f"{file} n'est pas un classeur XLSX lisible"),
        Words(
            "save it as “Excel workbook (.xlsx)” without a password, or as CSV UTF-8",
            "enregistrez-le comme « classeur Excel (.xlsx) » sans mot de passe, ou en CSV UTF-8",
        ),
    )


def too_large(file: str) -> UsageFault:
    return UsageFault(
        Words(f"{file} is too large to be read", f"{file} est trop grand pour être lu"),
        Words(
            "delete what stands far from the table, or save the sheet as CSV",
            "supprimez ce qui est loin du tableau, ou enregistrez la feuille en CSV",
        ),
    )


def read_workbook(file: str, content: bytes) -> list[SheetGrid]:
    """The sheets, in order; cells as text (`NumberCell` for numbers), days as YYYY-MM-DD, empty ones
    as None. UsageFault for what is no workbook, one that is too large, and without the library."""
    calamine = _library()
    refuse_large(file, content)
    try:
        book = calamine.load_workbook(io.BytesIO(content))
        return [_grid(book, name) for name in book.sheet_names]
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
            Words("reading XLSX needs the extra “xlsx”", "lire du XLSX demande le complément « xlsx »"),
            install_command("xlsx"),
        ) from None
    return python_calamine


def _grid(book: CalamineWorkbook, name: str) -> SheetGrid:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    first, *others = rows or [[]]
    headings = tuple((cell_text(cell) or "").strip() for cell in first)
    kept = (GridRow(number, tuple(map(cell_text, row))) for number, row in enumerate(others, 2))
    return SheetGrid(name, headings, tuple(row for row in kept if any(cell is not None for cell in row.cells)))


def cell_text(value: Any) -> str | None:
    """What a cell says, as text."""
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
