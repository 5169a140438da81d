"""Cells of a CSV file: numbers, text that no spreadsheet runs, quotes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smartreg.core.escape import cell_text, quote_cell
from smartreg.core.messages import Language
from smartreg.core.values import Json
from smartreg.tables import Column

DECIMALS = 6
_FIXED = f".{DECIMALS}f"
_DISTINCT = frozenset((str, int, float, type(None)))  # of these, only what is written alike is equal


@dataclass(frozen=True)
class CellDialect:
    """How values are written: field separator, decimal mark, line end, byte order mark."""

    name: str
    delimiter: str
    decimal: str
    line_end: str
    bom: bool


def cell(value: Json, dialect: CellDialect) -> str:
    """The text of one cell, without quotes around it."""
    return "" if value is None else cell_text(value if isinstance(value, str) else plain(value, dialect))


def plain(value: Json, dialect: CellDialect) -> str:
    """A number, true or false; a value that does not belong in one cell as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value).replace(".", dialect.decimal)
    return json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """At most six decimals (0.1 m in degrees, at the equator), no exponent, no zeros at the end."""
    if isinstance(value, int):
        return str(value)
    text = format(value, _FIXED).rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


STANDARD = CellDialect("standard", ",", ".", "\n", False)


def heading(column: Column, lang: Language) -> str:
    """The heading of a column in a file."""
    return cell_text(column.title(lang))


class CellTexts(dict[Json, str]):
    """The cells of a dialect by their values, cached because most values recur. `altered` has the texts whose cells got
    an apostrophe."""

    def __init__(self, dialect: CellDialect) -> None:
        super().__init__()
        self.dialect = dialect
        self.altered: set[str] = set()

    def of(self, values: Sequence[Json]) -> Iterable[str]:
        """The cells of these values."""
        if not _DISTINCT.issuperset(map(type, values)):
            values = [value if isinstance(value, str | None) else plain(value, self.dialect) for value in values]
        return map(self.__getitem__, values)

    def __missing__(self, value: Json) -> str:
        if not isinstance(value, str):
            text = "" if value is None else plain(value, self.dialect)
        else:
            safe = cell_text(value)
            if safe is not value:
                self.altered.add(value)
            text = quote_cell(safe, self.dialect.delimiter)
        self[value] = text
        return text
