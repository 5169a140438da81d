"""XLSX: the cells of a workbook, read by calamine (the extra `xlsx`).

calamine keeps a sheet as one block from its first to its last cell. So where cells stand is looked up before: a
workbook of two cells at opposite corners would take all memory.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from smartreg.errors import UsageFault
from smartreg.importers.grid import Grid, GridRow, NumberCell
from smartreg.values import Words

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAGIC = b"PK\x03\x04"
MAX_CELLS = 20_000_000
MAX_UNPACKED = 256 * 1024 * 1024  # bytes
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,9})([0-9]{1,20})["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']([0-9]{1,20})["']""")
_PART = 1 << 20  # bytes that are looked at together
_OVERLAP = 64


def read_workbook(file: str, content: bytes) -> list[Grid]:
    """The sheets, in order; cells as text (`NumberCell` for numbers), days as YYYY-MM-DD, empty ones
    as None. UsageFault for what is no workbook, one that is too large, and without the library."""
    calamine = _library()
    _refuse_large(file, content)
    try:
        book = calamine.load_workbook(io.BytesIO(content))
        return [_grid(book, name) for name in book.sheet_names]
    except (KeyboardInterrupt, SystemExit):
        raise
    except MemoryError:
        raise _too_large(file) from None
    except BaseException:  # errors of several kinds, and a panic of its parser, which is no Exception
        raise _unreadable(file) from None


def _library() -> Any:
    try:
        import python_calamine
    except ImportError:
        raise UsageFault(
            Words("reading XLSX needs the extra “xlsx”", "lire du XLSX demande le complément « xlsx »"),
            Words('pip install "smartreg[xlsx]"', 'pip install "smartreg[xlsx]"'),
        ) from None
    return python_calamine


def _grid(book: CalamineWorkbook, name: str) -> Grid:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    first, *others = rows or [[]]
    headings = tuple((_text(cell) or "").strip() for cell in first)
    kept = (GridRow(number, tuple(map(_text, row))) for number, row in enumerate(others, 2))
    return Grid(name, headings, tuple(row for row in kept if any(cell is not None for cell in row.cells)))


def _text(value: Any) -> str | None:
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


# -- bounds --------------------------------------------------------------------------------------------------------


def _refuse_large(file: str, content: bytes) -> None:
    """UsageFault for a file that is no workbook, or one that would take too much memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise _unreadable(file)
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise _too_large(file)
            for part in parts:
                if part.filename.lower().endswith(".xml") and _cells(packed, part) > MAX_CELLS:
                    raise _too_large(file)
    except UsageFault:
        raise
    except Exception:  # zipfile and what unpacks for it have many errors for damaged data
        raise _unreadable(file) from None


def _cells(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many cells the block of a sheet would have; 0 for what is no sheet."""
    rows = columns = 0
    with packed.open(part) as stream:
        tail = b""
        while text := stream.read(_PART):
            seen = tail + text
            for letters, digits in _PLACE.findall(seen):
                rows, columns = max(rows, int(digits)), max(columns, _number(letters))
            rows = max([rows, *map(int, _ROW.findall(seen))])
            tail = seen[-_OVERLAP:]
    return rows * columns


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, AA 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _unreadable(file: str) -> UsageFault:
    return UsageFault(
        Words(f"{file} is no XLSX workbook that can be read", f"{file} n'est pas un classeur XLSX lisible"),
        Words(
            "save it as “Excel workbook (.xlsx)” without a password, or as CSV UTF-8",
            "enregistrez-le comme « classeur Excel (.xlsx) » sans mot de passe, ou en CSV UTF-8",
        ),
    )


def _too_large(file: str) -> UsageFault:
    return UsageFault(
        Words(f"{file} is too large to be read", f"{file} est trop grand pour être lu"),
        Words(
            "delete what stands far from the table, or save the sheet as CSV",
            "supprimez ce qui est loin du tableau, ou enregistrez la feuille en CSV",
        ),
    )
