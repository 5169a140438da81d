"""XLSX: the cells of a workbook, read by calamine (the extra `xlsx`)."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from smartreg.core.errors import UsageFault
from smartreg.core.values import Words
from smartreg.importers.grid import Grid, GridRow, NumberCell
from smartreg.importers.workbook_bounds import refuse_large, too_large, unreadable

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook


def read_workbook(file: str, content: bytes) -> list[Grid]:
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
            Words('pip install "smartreg[xlsx]"', 'pip install "smartreg[xlsx]"'),
        ) from None
    return python_calamine


def _grid(book: CalamineWorkbook, name: str) -> Grid:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    first, *others = rows or [[]]
    headings = tuple((cell_text(cell) or "").strip() for cell in first)
    kept = (GridRow(number, tuple(map(cell_text, row))) for number, row in enumerate(others, 2))
    return Grid(name, headings, tuple(row for row in kept if any(cell is not None for cell in row.cells)))


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
