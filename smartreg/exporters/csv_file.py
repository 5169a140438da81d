"""The bytes of a CSV file. Nothing here depends on Python's csv module, whose quotes differ from version to version."""

from __future__ import annotations

from itertools import islice

from smartreg.exporters.cells import Dialect, Texts, heading
from smartreg.exporters.data_package import File
from smartreg.inert import quote_cell
from smartreg.tables import Table
from smartreg.values import Language

STANDARD = Dialect("standard", ",", ".", "\n", False)
_BOM = b"\xef\xbb\xbf"
_AT_ONCE = 20_000  # rows


def csv_file(table: Table, texts: Texts, lang: Language) -> File:
    """The bytes of one table, its cells written as `texts` does."""
    dialect = texts.dialect
    headings = [quote_cell(heading(column, lang), dialect.delimiter) for column in table.columns]
    if headings[0].startswith("ID"):
        headings[0] = f'"{headings[0]}"'  # Excel takes a file that begins with ID for a SYLK file
    parts = [(_BOM if dialect.bom else b"") + encoded(dialect.delimiter.join(headings) + dialect.line_end)]
    count, altered, rows = 0, set[str](), table.rows()
    while some := list(islice(rows, _AT_ONCE)):
        count += len(some)
        columns = [*zip(*some, strict=True)]
        lines = map(dialect.delimiter.join, zip(*map(texts.of, columns), strict=True))
        parts.append(encoded(dialect.line_end.join((*lines, ""))))
        altered |= {column.name for column, values in zip(table.columns, columns, strict=True) if texts.alters(values)}
    return File(table, b"".join(parts), count, frozenset(altered))


def encoded(text: str) -> bytes:
    """UTF-8; half a character, which YAML can spell but nobody can write, as its escape."""
    return text.encode("utf-8", "backslashreplace")
