"""Column types for readers that would guess them, and take an INSEE code for a number: `.csvt` files for GDAL and QGIS,
which say where the points are too, and `load.sql` for DuckDB."""

from __future__ import annotations

from collections.abc import Sequence

from smartreg.core.values import Language
from smartreg.domain.crs import Projection
from smartreg.exporters.cells import CellDialect, heading
from smartreg.tables import Column, Table
from smartreg.tables.projected import axis_names

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
