"""A table as a file has it: headings and rows of cells, with the numbers that a spreadsheet shows beside them."""

from __future__ import annotations

from typing import NamedTuple

from smartreg.values import Json


class NumberCell(str):
    """The text of a cell that holds a number, not text: zeros at its front and digits after the fifteenth are gone."""

    __slots__ = ()


class GridRow(NamedTuple):
    """One row: its number, from 1, the headings included; its cells (None: nothing stands there)."""

    number: int
    cells: tuple[Json, ...]


class Grid(NamedTuple):
    """A table of a file: sheet or table name, headings, rows."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[GridRow, ...]
