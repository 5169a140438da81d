"""The bytes of a CSV file. Nothing here depends on Python's csv module, whose quotes differ from version to version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from smartreg.exporters.cells import Dialect, Texts, heading, plain
from smartreg.exporters.data_package import File
from smartreg.inert import quote_cell
from smartreg.named import NamedTuple
from smartreg.tables import Row, Table
from smartreg.values import Language

STANDARD = Dialect("standard", ",", ".", "\n", False)
_BOM = b"\xef\xbb\xbf"


class Body(NamedTuple):
    """Some rows of a table: their bytes, how many, and the places of columns where some text got an apostrophe."""

    content: bytes
    rows: int
    altered: tuple[int, ...]


def csv_file(table: Table, dialect: Dialect, lang: Language, bodies: Sequence[Body] | None = None) -> File:
    """The bytes of one table; `bodies` hold its rows where they were made before."""
    headings = [quote_cell(heading(column, lang), dialect.delimiter) for column in table.columns]
    if headings[0].startswith("ID"):
        headings[0] = f'"{headings[0]}"'  # Excel takes a file that begins with ID for a SYLK file
    head = (_BOM if dialect.bom else b"") + encoded(dialect.delimiter.join(headings) + dialect.line_end)
    parts = (Rows(table, dialect).body(table.rows()),) if bodies is None else bodies
    altered = frozenset(table.columns[place].name for part in parts for place in part.altered)
    return File(table, b"".join((head, *[part.content for part in parts])), sum(part.rows for part in parts), altered)


class Rows:
    """What rows of a table become. Texts that come again are made once."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._dialect = dialect
        self._texts = [Texts(dialect) for _ in table.columns]

    def body(self, rows: Iterable[Row]) -> Body:
        dialect, texts = self._dialect, self._texts
        for known in texts:
            known.altered = False
        lines = [
            dialect.delimiter.join(
                [
                    "" if value is None else known[value if type(value) is str else plain(value, dialect)]
                    for value, known in zip(row, texts, strict=True)
                ]
            )
            for row in rows
        ]
        altered = tuple(place for place, known in enumerate(texts) if known.altered)
        return Body(encoded(dialect.line_end.join((*lines, ""))), len(lines), altered)


def encoded(text: str) -> bytes:
    """UTF-8; half a character, which YAML can spell but nobody can write, as its escape."""
    return text.encode("utf-8", "backslashreplace")
