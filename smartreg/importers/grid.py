"""A table as a file has it: headings and rows of cells, with the numbers that a spreadsheet shows beside them."""

from __future__ import annotations

import json
from typing import NamedTuple

from smartreg.core.values import Json


class NumberCell(str):
    """The text of a cell that holds a number, not text: zeros at its front and digits after the fifteenth are gone."""

    __slots__ = ()


class ValueCell(str):
    """The text of a value that is typed already, because its format (JSON) says of what type it is."""

    value: Json

    @classmethod
    def of(cls, value: Json) -> ValueCell:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        found = cls("" if value is None else text)
        found.value = value
        return found


class NoCell(str):
    """What stands where a row says nothing at all of a column: not that its field is to be empty."""

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
