"""The process that reads a file with a library written in C: `python -m smartreg.readers.isolated REQUEST`.

REQUEST is JSON: `reader`, `file`, `layer`, `usual` (layers), `encoding`, `most` (cells); of outlines `codes` and
`crs`. The process works in a private folder that holds the file and its companions, and leaves its answer there, JSON:

    {"tables": [{"name", "headings", "rows", "numbers"}], "layers": [name], "crs": text or null, "points": [[x, y], …]}
    {"outlines": …, "layers": [name]} (see `outlines_in`)
    {"shapes": [{"rows", "columns": [[name, SQL type], …], "ids", "texts"} or null, …], "layers": []} (see `_shapes`)
    {"fault": "layer" | "large" | "unreadable", "layers": [name]}

Cells are texts, numbers, true, false or null. A point is null where a row has none; `inner` says how many are points
inside a line or an area. Of another shape it is the name. GDAL keeps the drivers that are needed here alone.
"""

from __future__ import annotations

import importlib
import json
import math
import re
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import closing, suppress
from datetime import date, datetime, time
from pathlib import Path
from time import process_time
from typing import Any

from smartreg.readers.confinement import confine
from smartreg.readers.outlines import outlines_in
from smartreg.readers.shapes import KINDS, inner_point, read_binary

ANSWER = "answer.json"
DRIVERS = frozenset({"ESRI Shapefile", "GPKG", "LIBKML", "GML", "FlatGeobuf", "MapInfo File"})
OUTLINES = frozenset({"ESRI Shapefile", "GPKG", "FlatGeobuf", "GeoJSON"})
DRAWING = "kml_"  # columns that say how KML is drawn, not what it describes
CALM = {
    "CPL_DEBUG": "OFF",
    "CPL_VSIL_USE_TEMP_FILE_FOR_RANDOM_WRITE": "NO",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_HTTP_PROXY": "127.0.0.1:1",  # a system of coordinates by its address, in GeoJSON, is not fetched
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_FIELDTYPES": "ALWAYS_STRING",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "LIBKML_EXTERNAL_STYLE": "NO",
    **{
        f"LIBKML_{name}_FIELD": f"{DRAWING}{name.lower()}"
        for name in [
            "ID",
            "TIMESTAMP",
            "BEGIN",
            "END",
            "ALTITUDEMODE",
            "TESSELLATE",
            "EXTRUDE",
            "VISIBILITY",
            "DRAWORDER",
            "ICON",
        ]
    },
    "LIBKML_RESOLVE_STYLE": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
    "OPENBLAS_NUM_THREADS": "1",
    "PROJ_NETWORK": "OFF",
    "SHAPE_RESTORE_SHX": "YES",
    "SPATIALITE_LOAD": "NO",  # its virtual tables read any file
}
_MIDNIGHT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00(?:\.0+)?(?:Z|[+-]00:00)?")
_SHORT = frozenset(range(12, 19))


class CannotRead(Exception):
    """Why there is no table: a word for the answer, and the layers to choose from."""

    def __init__(self, fault: str, layers: Sequence[str] = ()) -> None:
        super().__init__(fault)
        self.answer = {"fault": fault, "layers": list(layers)}


def main(words: Sequence[str]) -> int:
    """Read what the request names and leave the answer in the current folder."""
    request = json.loads(words[0])
    folder = Path.cwd()
    name, read = READERS[request["reader"]]
    for other in USED_BY_PYOGRIO.difference(ALSO.get(request["reader"], ())):
        sys.modules[other] = None  # type: ignore[assignment]  # its import fails, as if it were not installed
    library = importlib.import_module(name)
    if name == "pyogrio":
        _skip_drivers(library, OUTLINES if request["reader"] == "outlines" else DRIVERS)
    confine(folder)
    try:
        if request["reader"] != "shapes":
            _check_database(request)
        answer = read(library, request)
    except CannotRead as fault:
        answer = fault.answer
    except MemoryError:
        answer = {"fault": "large", "layers": []}
    with (folder / ANSWER).open("w", encoding="utf-8", errors="replace") as file:
        json.dump(answer, file, ensure_ascii=False)
    return 0


# -- GDAL ------------------------------------------------------------------------------------------------------------


def _skip_drivers(pyogrio: Any, allowed: Set[str]) -> None:
    """Leave GDAL the allowed drivers alone: whenever it registers them, it drops those that OGR_SKIP names."""
    pyogrio.set_gdal_config_options({"OGR_SKIP": ",".join(sorted(set(pyogrio.list_drivers()) - allowed))})
    pyogrio.core._register_drivers()
    others = set(pyogrio.list_drivers()) - allowed
    if others:
        raise SystemExit(f"drivers that cannot be left out: {others}")


def _vector(pyogrio: Any, request: Mapping[str, Any]) -> Mapping[str, Any]:
    layers = [str(name) for name, _ in pyogrio.list_layers(request["file"])]
    layer = _choose_layer(layers, request)
    info = pyogrio.read_info(request["file"], layer=layer, force_feature_count=True)
    if max(info["features"], 0) * (len(info["fields"]) + 2) > request["most"]:
        raise CannotRead("large")
    meta, _, shapes, columns = pyogrio.raw.read(
        request["file"], layer=layer, encoding=request["encoding"], datetime_as_string=True
    )
    count = len(columns[0]) if len(columns) else 0 if shapes is None else len(shapes)
    by_name = {str(name): column for name, column in zip(meta["fields"], columns, strict=True)}
    names = [name for name in by_name if not name.startswith(DRAWING)]
    cells = [[_scalar(value) for value in by_name[name]] for name in names]
    rows = [list(row) for row in zip(*cells, strict=True)] if cells else [[] for _ in range(count)]
    table = {"name": layer, "headings": names, "rows": rows}
    points = None if shapes is None else list(map(place_of, shapes))
    inner = 0 if shapes is None else _count_inner(shapes, points or ())
    return {"tables": [table], "layers": layers, "crs": meta["crs"], "points": points, "inner": inner}


def _choose_layer(layers: Sequence[str], request: Mapping[str, Any]) -> str:
    """The requested layer, else one with a usual name, else the only one."""
    if not layers:
        raise CannotRead("unreadable")
    requested = request["layer"]
    folded = {name.casefold(): name for name in layers}
    usual = [folded[name.casefold()] for name in request["usual"] if name.casefold() in folded]
    if requested is None and (usual or len(layers) == 1):
        return (*usual, *layers)[0]
    if requested not in layers:
        raise CannotRead("layer", layers)
    return str(requested)


def point_of(shape: bytes | None) -> list[float] | str | None:
    """The point of a geometry in well-known binary, of one point or of a group of one; else the name of the shape."""
    if shape is None or len(shape) < 5:
        return None
    order = "<" if shape[0] == 1 else ">"
    (word,) = struct.unpack_from(f"{order}I", shape, 1)
    kind = (word & 0x0FFFFFFF) % 1000
    if kind == 4 and struct.unpack_from(f"{order}I", shape, 5) == (1,):
        return point_of(shape[9:])
    if kind != 1:
        return KINDS.get(kind, "geometry")
    x, y = struct.unpack_from(f"{order}dd", shape, 9 if word & 0x20000000 else 5)
    return [x, y] if math.isfinite(x) and math.isfinite(y) else None


def place_of(shape: bytes | None) -> list[float] | str | None:
    """The point of a geometry in well-known binary, or one inside a line or an area; the name of any other shape."""
    point = point_of(shape)
    line_or_area = read_binary(shape) if isinstance(point, str) and shape is not None else None
    inner = inner_point(*line_or_area) if line_or_area is not None else None
    return point if inner is None else list(inner)


def _count_inner(shapes: Sequence[bytes | None], points: Sequence[list[float] | str | None]) -> int:
    """How many shapes are no points, and have one inside."""
    return sum(
        isinstance(point, list) and isinstance(point_of(shape), str)
        for shape, point in zip(shapes, points, strict=True)
    )


def _outlines(pyogrio: Any, request: Mapping[str, Any]) -> Mapping[str, Any]:
    layers = [str(name) for name, _ in pyogrio.list_layers(request["file"])]
    return {**outlines_in(pyogrio, request, _choose_layer(layers, request)), "layers": layers}


# -- DuckDB ----------------------------------------------------------------------------------------------------------


_LIMITS = {"threads": 1, "memory_limit": "512MB", "temp_directory": "", "autoload_known_extensions": False}


def _parquet(duckdb: Any, request: Mapping[str, Any]) -> Mapping[str, Any]:
    with duckdb.connect(config=_LIMITS) as base:
        try:
            metadata = base.execute("SELECT key, value FROM parquet_kv_metadata(?)", [request["file"]]).fetchall()
            geo = dict(metadata).get(b"geo")
            columns = base.execute("DESCRIBE SELECT * FROM read_parquet(?)", [request["file"]]).fetchall()
            (count,) = base.execute("SELECT count(*) FROM read_parquet(?)", [request["file"]]).fetchone()
            if count * len(columns) > request["most"]:
                raise CannotRead("large")
            names = [name for name, *_ in columns]
            shape, crs = _geometry(geo, names)
            rows = base.execute("SELECT * FROM read_parquet(?)", [request["file"]]).fetchall()
        except duckdb.Error:
            raise CannotRead("unreadable") from None
    place = names.index(shape) if shape else None
    cells = [[_scalar(value) for index, value in enumerate(row) if index != place] for row in rows]
    headings = [name for name in names if name != shape]
    shapes = [] if place is None else [row[place] for row in rows]
    points = list(map(place_of, shapes))
    return {
        "tables": [{"name": "", "headings": headings, "rows": cells}],
        "layers": [],
        "crs": crs,
        "points": None if place is None else points,
        "inner": _count_inner(shapes, points),
    }


_FIXED = frozenset({"BIGINT", "BOOLEAN", "DATE", "DOUBLE", "INTEGER"})  # types whose values have one size


def _shapes(duckdb: Any, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Rows and columns of the Parquet files 0, 1, … of `count`, every page of which is read; `ids`: how many different
    ones the first column has if it is called `id`; `texts`: the length of all texts. None for a file that cannot be
    read whole."""
    shapes: list[Mapping[str, Any] | None] = []
    with duckdb.connect(config={**_LIMITS, "memory_limit": "2GB"}) as base:
        for number in range(request["count"]):
            table = f"read_parquet('{number}', hive_partitioning = false)"
            try:
                columns = [list(column[:2]) for column in base.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()]
                ids = "count(DISTINCT id)" if columns[0][0] == "id" else "NULL"
                names = ['"{}"'.format(name.replace('"', '""')) for name, kind in columns if kind not in _FIXED]
                texts = " + ".join(["0", *(f"coalesce(sum(strlen({name}::VARCHAR)), 0)" for name in names)])
                read = base.execute(f"SELECT count(*), {ids}, {texts}, count(COLUMNS(*)) FROM {table}").fetchone()
            except duckdb.Error:
                shapes.append(None)
                continue
            shapes.append({"rows": read[0], "columns": columns, "ids": read[1], "texts": int(read[2])})
    return {"shapes": shapes, "layers": []}


def _geometry(geo: bytes | None, names: Sequence[str]) -> tuple[str | None, str | None]:
    """The column of points of a GeoParquet file and its system (None: WGS 84)."""
    try:
        geometry = json.loads(geo) if geo else {}
        shape = geometry["primary_column"]
        column = geometry["columns"][shape]
        if column["encoding"] != "WKB" or shape not in names:
            return None, None
        system = column.get("crs")
        system_code = f"{system['id']['authority']}:{system['id']['code']}" if system else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, None
    return str(shape), system_code


# -- SQLite ----------------------------------------------------------------------------------------------------------


def _sqlite(sqlite3: Any, request: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        with closing(sqlite3.connect(f"file:{request['file']}?mode=ro", uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            tables = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
            layers = [name for (name,) in tables if not name.startswith(("sqlite_", "smartreg_about"))]
            layer = _choose_layer(layers, request)
            name = layer.replace('"', '""')
            cursor = base.execute(f'SELECT * FROM "{name}"')
            headings = [word for word, *_ in cursor.description]
            rows = cursor.fetchmany(request["most"] // len(headings) + 1)
    except sqlite3.Error:
        raise CannotRead("unreadable") from None
    if len(rows) * len(headings) > request["most"]:
        raise CannotRead("large")
    table = {"name": layer, "headings": headings, "rows": [list(map(_scalar, row)) for row in rows]}
    return {"tables": [table], "layers": layers, "crs": None, "points": None}


_MAGIC = b"SQLite format 3\0"
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|--[^\n]*", re.DOTALL)
_VIRTUAL = re.compile(r"create\s+virtual\b", re.IGNORECASE)
_RTREE = re.compile(r'create virtual table ("[^"]*"|\w+) using rtree\s*\([\w", ]*\)', re.IGNORECASE)
_COUNTING = 3.0  # seconds of processor time for the rows of all views: a million rows take less than one
_MOST_ROWS = 5_000_000  # of a view, for a reader that has no limit of its own


def _check_database(request: Mapping[str, Any]) -> None:
    """Refuse, before a library opens it, a database that would make it read other files or never end: virtual tables
    (but the spatial index of a GeoPackage), and views with very many rows."""
    with suppress(OSError), open(request["file"], "rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return
    import sqlite3

    end = process_time() + _COUNTING
    try:
        with closing(sqlite3.connect(f"file:{request['file']}?mode=ro&immutable=1", uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            schema = base.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
            for _, name, sql in schema:
                statement = _COMMENT.sub(" ", str(sql))
                if _VIRTUAL.match(statement) and not _RTREE.fullmatch(statement):
                    raise CannotRead("virtual", [str(name)])
            base.set_progress_handler(lambda: process_time() > end, 10_000)
            for kind, name, _ in schema:
                if kind == "view":
                    _refuse_long_view(sqlite3, base, str(name), request.get("most", _MOST_ROWS))
    except sqlite3.Error:
        raise CannotRead("unreadable") from None


def _refuse_long_view(sqlite3: Any, base: Any, name: str, most: int) -> None:
    quoted = name.replace('"', '""')
    try:
        (count,) = base.execute(f'SELECT count(*) FROM (SELECT 1 FROM "{quoted}" LIMIT {most + 1})').fetchone()
    except sqlite3.Error as error:
        if str(error) == "interrupted":
            raise CannotRead("large") from None
        return  # a function of the library, or a table that is gone
    if count > most:
        raise CannotRead("large")


# -- workbooks -------------------------------------------------------------------------------------------------------


def _workbook(calamine: Any, request: Mapping[str, Any]) -> Mapping[str, Any]:
    if request["file"].endswith(".xlsb") and _has_short_cells(request["file"]):
        raise CannotRead("short")
    try:
        book = calamine.load_workbook(request["file"])
        tables = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height * max(sheet.total_width, 1) > request["most"]:
                raise CannotRead("large")
            rows = sheet.to_python(skip_empty_area=False)
            tables.append({"name": name, "rows": [[_scalar(cell) for cell in row] for row in rows]})
    except calamine.CalamineError:
        raise CannotRead("unreadable") from None
    return {"tables": tables, "layers": [], "crs": None, "points": None}


def _has_short_cells(file: str) -> bool:
    """Whether a sheet of an .xlsb has cells without a column of their own ([MS-XLSB] 2.3.2, BrtShortBlank to
    BrtShortIsst), which calamine silently leaves out."""
    with suppress(zipfile.BadZipFile, IndexError), zipfile.ZipFile(file) as packed:
        for name in packed.namelist():
            if name.startswith("xl/worksheets/") and not _SHORT.isdisjoint(_records(packed.read(name))):
                return True
    return False


def _records(content: bytes) -> Iterator[int]:
    """The types of the records of a part."""
    at = 0
    while at < len(content):
        kind, at = content[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (content[at] & 0x7F) << 7, at + 1
        size = 0
        for place in range(4):
            byte, at = content[at], at + 1
            size |= (byte & 0x7F) << (7 * place)
            if not byte & 0x80:
                break
        yield kind
        at += size


# -- cells -----------------------------------------------------------------------------------------------------------


def _scalar(value: Any) -> Any:
    """A cell as JSON: days and times as text, numbers that are not finite as null."""
    if hasattr(value, "tolist"):  # numpy
        value = value.tolist()
    if isinstance(value, str):
        return value[:10] if _MIDNIGHT.fullmatch(value) else value
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)


READERS: Mapping[str, tuple[str, Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]]] = {
    "vector": ("pyogrio", _vector),
    "outlines": ("pyogrio", _outlines),
    "parquet": ("duckdb", _parquet),
    "shapes": ("duckdb", _shapes),
    "sqlite": ("sqlite3", _sqlite),
    "workbook": ("python_calamine", _workbook),
}

ALSO: Mapping[str, Sequence[str]] = {"outlines": ("shapely", "pyproj")}  # further libraries that a reader needs
# What pyogrio imports where it is installed: half of the time that this process takes, for frames that nobody makes.
USED_BY_PYOGRIO = frozenset({"geopandas", "pandas", "pyarrow", "pyproj", "shapely"})

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
