"""CSV: one file per table, with files that describe the columns to readers.

Dialects: `standard` (comma, UTF-8, decimal point, LF; RFC 4180 and the French open-data guide) and `excel-fr` (BOM,
semicolon, decimal comma, CRLF). Same commit, same bytes: nothing here depends on the clock, the locale, the machine, or
Python's csv module, whose quoting differs from version to version.

Column types are for readers that would guess them, and take an INSEE code for a number: `.csvt` files for GDAL and
QGIS, which also locate the points, and `load.sql` for DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text, quote_cell
from smartreg.core.messages import Language, Message, Text, verbatim
from smartreg.core.parallel import share_out
from smartreg.core.values import Json, short_id
from smartreg.domain.crs import Projection
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.cells import STANDARD, CellDialect, CellTexts, heading
from smartreg.exporters.data_package import FileSummary, PackageFile, descriptor
from smartreg.exporters.database import quote_name, quote_text
from smartreg.readers.csv import Dialect, read_sheet
from smartreg.readers.sheet import GridRow, SheetGrid
from smartreg.tables import Table
from smartreg.tables.adapted import axis_names

_BOM = b"\xef\xbb\xbf"
_AT_ONCE = 200  # rows: few enough that their cells stay in the processor's own memory


class CsvText(NamedTuple):
    """A table as CSV, and what a package says of it."""

    content: bytes
    summary: FileSummary


def csv_text(table: Table, texts: CellTexts, lang: Language) -> CsvText:
    """Format a table as CSV: its headings, and its cells as in `texts`."""
    dialect = texts.dialect
    headings = [quote_cell(heading(column, lang), dialect.delimiter) for column in table.columns]
    if headings[0].startswith("ID"):
        headings[0] = f'"{headings[0]}"'  # Excel takes a file that begins with ID for a SYLK file
    parts = [_BOM if dialect.bom else b"", encode_text(dialect.delimiter.join(headings) + dialect.line_end)]
    count, altered, rows = 0, set[str](), table.rows()
    while some := list(islice(rows, _AT_ONCE)):
        count += len(some)
        columns = [*zip(*some, strict=True)]
        lines = map(dialect.delimiter.join, zip(*map(texts.of, columns), strict=True))
        parts.append(encode_text(dialect.line_end.join((*lines, ""))))
        for column, values in zip(table.columns, columns, strict=True) if texts.altered else ():
            if any(isinstance(value, str) and value in texts.altered for value in values):
                altered.add(column.name)
    content = b"".join(parts)
    return CsvText(content, FileSummary(len(content), sha256(content).hexdigest(), count, frozenset(altered)))


def encode_text(text: str) -> bytes:
    """Encode as UTF-8; a lone surrogate, which YAML can contain, becomes its escape."""
    return text.encode("utf-8", "backslashreplace")


_GDAL = {"string": "String", "number": "Real", "integer": "Integer64", "boolean": "String", "date": "Date"}
_SQL = {"string": "VARCHAR", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}
_AXES = ("CoordX", "CoordY")
_LON_LAT = ("lon", "lat")
# As ESRI writes it; GDAL takes points without it for points of no system.
_WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433],AUTHORITY["EPSG",4326]]'
)


def column_types(table: Table, system: Projection | None) -> str:
    """One line with the GDAL type of each column. `CoordX` and `CoordY` mark points: the coordinates in `system`, or
    else longitude and latitude."""
    point = dict(zip(_axes(system), _AXES, strict=True)) if has_points_in(table, system) else {}
    types = [point.get(column.name, _GDAL[column.type]) for column in table.columns]
    return ",".join(f'"{word}"' for word in types) + "\n"


def has_points_in(table: Table, system: Projection | None) -> bool:
    """Whether a table has points, those of `system` or else longitude and latitude."""
    return table.main and {*_axes(system)} <= {column.name for column in table.columns}


def _axes(system: Projection | None) -> tuple[str, str]:
    return _LON_LAT if system is None else axis_names(system)


def _load_statement(table: Table, dialect: CellDialect, lang: Language) -> str:
    """Loads a table with the types of its columns, in the folder of the files."""
    columns = ",\n    ".join(f"{quote_text(heading(column, lang))}: '{_SQL[column.type]}'" for column in table.columns)
    return (
        f"CREATE OR REPLACE TABLE {quote_name(table.name)} AS SELECT * FROM read_csv('{table.name}.csv',\n"
        f"  header = true, auto_detect = false, delim = '{dialect.delimiter}', quote = '\"', escape = '\"',\n"
        f"  decimal_separator = '{dialect.decimal}', nullstr = '', columns = {{\n    {columns}}});\n"
    )


DIALECTS: Mapping[str, CellDialect] = {
    "standard": STANDARD,
    "excel-fr": CellDialect("excel-fr", ";", ",", "\r\n", True),
}


def export(chosen: Chosen, *, lang: Language = "en", dialect: str = "standard") -> Iterator[Written]:
    """One file per table, then `datapackage.json`, the `.csvt` and `.prj` files and `load.sql`."""
    style = DIALECTS[dialect]
    # On two cores: one begins with the wide tables, the other with the narrow ones.
    order = sorted(chosen.tables, key=lambda table: len(table.columns), reverse=True)
    records = sum(chosen.view.tables.count(kind.name) for kind in chosen.kinds)
    texts = CellTexts(style)
    made = share_out(records, [partial(csv_text, table, texts, lang) for table in order], stage="write")
    written = {table.name: text for table, text in zip(order, made, strict=True)}
    for number, table in enumerate(chosen.tables):
        content, summary = written[table.name]
        note = None if number else _note(style)  # one line says it for all
        yield Written(f"{table.name}.csv", content, summary.rows, note, table.main)
    files = [PackageFile(table, written[table.name].summary) for table in chosen.tables]
    package = json_text(descriptor(files, chosen.source, style, lang))
    yield Written("datapackage.json", package.encode(), None, _describe_source(chosen.source))
    for table in chosen.tables:
        yield Written(f"{table.name}.csvt", encode_text(column_types(table, chosen.crs)), None, None)
        if has_points_in(table, chosen.crs):
            yield Written(f"{table.name}.prj", encode_text(f"{chosen.crs.prj if chosen.crs else _WGS84}\n"), None, None)
    script = "".join(_load_statement(table, style, lang) for table in chosen.tables)
    yield Written("load.sql", encode_text(script), None, Message("for DuckDB"))


def _note(dialect: CellDialect) -> Text:
    if dialect.name == "excel-fr":
        return Message('separator ";", UTF-8 BOM, decimal comma')
    return Message('separator ",", UTF-8, decimal point')


def _describe_source(source: Mapping[str, Json]) -> Text:
    commit = source.get("commit")
    if not isinstance(commit, str):
        return Message("Table Schema, not committed")
    return verbatim(f"Table Schema, commit {short_id(commit)}")


def _tables(file: str, content: bytes) -> list[SheetGrid]:
    """The table that a file holds. UsageFault when it cannot be read."""
    sheet = read_sheet(file, content, None, Dialect())
    if sheet.faults and (sheet.rows or not sheet.headings):
        fault = sheet.faults[0]
        row = f"{fault.where.row}: " if fault.where.row else ""
        raise UsageFault(Message("{given}: {row}{message}", given=file, row=row, message=fault.message), fault.hint)
    rows = (GridRow(row.number, tuple(cell or None for cell in row.cells)) for row in sheet.rows)
    return [SheetGrid(file, sheet.headings, tuple(rows))]


FORMAT = Format(
    "csv",
    export,
    ".csv",
    crs=True,
    labels=True,
    dialects=tuple(DIALECTS),
    compared="sheets",
    tables=_tables,
)
