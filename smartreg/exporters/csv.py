"""CSV: one file per table, and what readers need to know about the columns beside them.

Dialects: `standard` (comma, UTF-8, decimal point, LF; RFC 4180 and the French open-data guide) and `excel-fr` (BOM,
semicolon, decimal comma, CRLF). Same commit, same bytes: nothing here depends on the clock, the locale or the machine.

The bytes of a CSV file. Nothing here depends on Python's csv module, whose quotes differ from version to version.

Column types for readers that would guess them, and take an INSEE code for a number: `.csvt` files for GDAL and QGIS,
which say where the points are too, and `load.sql` for DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from smartreg.core.escape import json_text, quote_cell
from smartreg.core.parallel import share_out
from smartreg.core.values import Json, Language, Words, short_id
from smartreg.domain.crs import Projection
from smartreg.exporters import Chosen, Written
from smartreg.exporters.cells import CellDialect, CellTexts, cell, heading
from smartreg.exporters.data_package import PackageFile, descriptor
from smartreg.tables import Column, Table
from smartreg.tables.records import axis_names

STANDARD = CellDialect("standard", ",", ".", "\n", False)
_BOM = b"\xef\xbb\xbf"
_AT_ONCE = 200  # rows: few enough that their cells stay in the processor's own memory


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


_GDAL = {"string": "String", "number": "Real", "integer": "Integer64", "boolean": "String", "date": "Date"}
_SQL = {"string": "VARCHAR", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}
_AXES = ("CoordX", "CoordY")
_LON_LAT = ("lon", "lat")


def column_types(table: Table, system: Projection | None = None) -> str:
    """One line with the GDAL type of each column. `CoordX` and `CoordY` make points: of the coordinates in `system`,
    else of longitude and latitude."""
    axes = _LON_LAT if system is None else axis_names(system)
    point = dict(zip(axes, _AXES, strict=True)) if _has_point(table, axes) else {}
    types = [point.get(column.name, _GDAL[column.type]) for column in table.columns]
    return ",".join(f'"{word}"' for word in types) + "\n"


def has_points_in(table: Table, system: Projection) -> bool:
    """Whether a table has its points in this system, too."""
    return _has_point(table, axis_names(system))


def _has_point(table: Table, axes: tuple[str, str]) -> bool:
    return table.main and {*axes} <= {column.name for column in table.columns}


def load_script(tables: Sequence[Table], dialect: CellDialect, lang: Language) -> str:
    """A script that loads every table with the types of its columns; run it in the folder of the files."""
    return "".join(_load(table, dialect, lang) for table in tables)


def _load(table: Table, dialect: CellDialect, lang: Language) -> str:
    columns = ",\n    ".join(_sql_type(column, lang) for column in table.columns)
    return (
        f"CREATE OR REPLACE TABLE {_name(table.name)} AS SELECT * FROM read_csv('{table.name}.csv',\n"
        f"  header = true, auto_detect = false, delim = '{dialect.delimiter}', quote = '\"', escape = '\"',\n"
        f"  decimal_separator = '{dialect.decimal}', nullstr = '', columns = {{\n    {columns}}});\n"
    )


def _sql_type(column: Column, lang: Language) -> str:
    return f"{_text(heading(column, lang))}: '{_SQL[column.type]}'"


def _name(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


__all__ = ["DIALECTS", "cell", "export"]

DIALECTS: Mapping[str, CellDialect] = {
    "standard": STANDARD,
    "excel-fr": CellDialect("excel-fr", ";", ",", "\r\n", True),
}


def export(chosen: Chosen, *, lang: Language = "en", dialect: str = "standard") -> Iterator[Written]:
    """One file per table, then `datapackage.json`, the `.csvt` and `.prj` files and `load.sql`."""
    style = DIALECTS[dialect]
    files = _files(chosen, style, lang)
    for number, file in enumerate(files):
        note = None if number else _note(style)  # one line says it for all
        yield Written(f"{file.table.name}.csv", file.content, file.rows, note, file.table.main)
    package = json_text(descriptor(files, chosen.source, style, lang))
    yield Written("datapackage.json", package.encode(), None, _describe_source(chosen.source))
    for file in files:
        yield Written(f"{file.table.name}.csvt", encode_text(column_types(file.table, chosen.crs)), None, None)
        if chosen.crs is not None and has_points_in(file.table, chosen.crs):
            yield Written(f"{file.table.name}.prj", encode_text(f"{chosen.crs.prj}\n"), None, None)
    script = load_script([file.table for file in files], style, lang)
    yield Written("load.sql", encode_text(script), None, Words("for DuckDB", "pour DuckDB"))


def _files(chosen: Chosen, style: CellDialect, lang: Language) -> list[PackageFile]:
    """The bytes of all tables, made on two cores: of wide tables from one side, of narrow ones from the other."""
    texts = CellTexts(style)
    order = sorted(chosen.tables, key=lambda table: len(table.columns), reverse=True)
    records = sum(chosen.view.tables.count(kind.name) for kind in chosen.kinds)
    made = share_out(records, [partial(csv_rows, table, texts) for table in order], stage="write")
    rows = {table.name: found for table, found in zip(order, made, strict=True)}
    return [csv_file(table, rows[table.name], style, lang) for table in chosen.tables]


def _note(dialect: CellDialect) -> Words:
    if dialect.name == "excel-fr":
        return Words('separator ";", UTF-8 BOM, decimal comma', "séparateur « ; », UTF-8 BOM, virgule décimale")
    return Words('separator ",", UTF-8, decimal point', "séparateur « , », UTF-8, point décimal")


def _describe_source(source: Mapping[str, Json]) -> Words:
    commit = source.get("commit")
    if not isinstance(commit, str):
        return Words("Table Schema, not committed", "Table Schema, état sans commit")
    return Words(f"Table Schema, commit {short_id(commit)}", f"Table Schema, commit {short_id(commit)}")
