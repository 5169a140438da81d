"""The bytes of a CSV file. Nothing here depends on Python's csv module, whose quotes differ from version to version."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from smartreg.core.escape import quote_cell
from smartreg.core.values import Language
from smartreg.exporters.cells import CellDialect, CellTexts, heading
from smartreg.exporters.data_package import PackageFile
from smartreg.tables import Table

STANDARD = CellDialect("standard", ",", ".", "\n", False)
_BOM = b"\xef\xbb\xbf"
_AT_ONCE = 20_000  # rows


class Rows(NamedTuple):
    """The rows of a table: their bytes, how many rows, and the places of columns where some text got an apostrophe."""

    content: bytes
    lines: int
    altered: frozenset[int]


def csv_rows(table: Table, texts: CellTexts) -> Rows:
    """The rows of a table, its cells written as `texts` does."""
    parts, count, altered, rows = list[bytes](), 0, set[int](), table.rows()
    while some := list(islice(rows, _AT_ONCE)):
        count += len(some)
        columns = [*zip(*some, strict=True)]
        lines = map(texts.dialect.delimiter.join, zip(*map(texts.of, columns), strict=True))
        parts.append(encode_text(texts.dialect.line_end.join((*lines, ""))))
        altered |= {place for place, values in enumerate(columns) if texts.alters(values)}
    return Rows(b"".join(parts), count, frozenset(altered))


def csv_file(table: Table, rows: Rows, dialect: CellDialect, lang: Language) -> PackageFile:
    """The bytes of one table."""
    headings = [quote_cell(heading(column, lang), dialect.delimiter) for column in table.columns]
    if headings[0].startswith("ID"):
        headings[0] = f'"{headings[0]}"'  # Excel takes a file that begins with ID for a SYLK file
    head = (_BOM if dialect.bom else b"") + encode_text(dialect.delimiter.join(headings) + dialect.line_end)
    altered = frozenset(table.columns[place].name for place in rows.altered)
    return PackageFile(table, head + rows.content, rows.lines, altered)


def encode_text(text: str) -> bytes:
    """UTF-8; a lone surrogate, which YAML can spell, becomes its escape."""
    return text.encode("utf-8", "backslashreplace")
