"""The bytes of a CSV file. Nothing here depends on Python's csv module, whose quotes differ from version to version."""

from __future__ import annotations

from smartreg.exporters.cells import Dialect, Texts, heading, plain, quoted
from smartreg.exporters.data_package import File
from smartreg.tables import Table
from smartreg.values import Language

STANDARD = Dialect("standard", ",", ".", "\n", False)
_BOM = b"\xef\xbb\xbf"


def csv_file(table: Table, dialect: Dialect, lang: Language) -> File:
    """The bytes of one table."""
    texts = [Texts(dialect) for _ in table.columns]
    headings = [quoted(heading(column, lang), dialect) for column in table.columns]
    if headings[0].startswith("ID"):
        headings[0] = f'"{headings[0]}"'  # Excel takes a file that begins with ID for a SYLK file
    lines = [dialect.delimiter.join(headings)]
    for row in table.rows():
        cells = [
            "" if value is None else known[value if type(value) is str else plain(value, dialect)]
            for value, known in zip(row, texts, strict=True)
        ]
        lines.append(dialect.delimiter.join(cells))
    text = dialect.line_end.join((*lines, ""))
    altered = frozenset(column.name for column, known in zip(table.columns, texts, strict=True) if known.altered)
    return File(table, (_BOM if dialect.bom else b"") + encoded(text), len(lines) - 1, altered)


def encoded(text: str) -> bytes:
    """UTF-8; half a character, which YAML can spell but nobody can write, as its escape."""
    return text.encode("utf-8", "backslashreplace")
