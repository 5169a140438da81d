"""What stands in a cell of a CSV file: numbers, text that no spreadsheet runs, quotes."""

from __future__ import annotations

import json

from smartreg.frozen import dataclass
from smartreg.inert import cell_text, quote_cell
from smartreg.tables import Column
from smartreg.values import Json, Language

DECIMALS = 6


@dataclass(frozen=True)
class Dialect:
    """How values are written: field separator, decimal mark, line end, byte order mark."""

    name: str
    delimiter: str
    decimal: str
    line_end: str
    bom: bool


def cell(value: Json, dialect: Dialect) -> str:
    """One cell, before any quotes around it."""
    return "" if value is None else cell_text(value if isinstance(value, str) else plain(value, dialect))


def plain(value: Json, dialect: Dialect) -> str:
    """A number, true or false; what should not stand in one cell (the schema says otherwise) as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value).replace(".", dialect.decimal)
    return json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """At most six decimals (0.1 m in degrees, at the equator), no exponent, no zeros at the end."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def heading(column: Column, lang: Language) -> str:
    """The heading of a column in a file."""
    return cell_text(column.title(lang))


class Texts(dict[str, str]):
    """The cells of one column by their text: most texts come again and again. `altered`: whether any got an apostrophe
    since that was last denied."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect
        self.altered = False

    def __missing__(self, text: str) -> str:
        safe = cell_text(text)
        found = quote_cell(safe, self._dialect.delimiter)
        if safe is text:
            self[text] = found
        else:
            self.altered = True  # told each time: such a text is not remembered
        return found
