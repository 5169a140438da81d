"""GeoPackage 1.3 (OGC 12-128r17): a layer of points per kind that has a place, attribute tables for the rest; the
origin is a row of `gpkg_metadata`. For QGIS, GDAL and ArcGIS."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from smartreg.core.errors import UsageFault
from smartreg.core.messages import SOURCE, Message
from smartreg.core.values import Json
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.database import StoredTable, database, quote_name, refuse_wide, store_table
from smartreg.exporters.features import points
from smartreg.exporters.origin import json_or_none
from smartreg.readers.exported import has_layers, is_database, open_database, tables_of_layers
from smartreg.tables import Table
from smartreg.tables.records import may_be_placed
from smartreg.tables.table import CellType, free

APPLICATION = int.from_bytes(b"GPKG", "big")
VERSION = 10300
WGS84 = 4326
ROW, SHAPE = "fid", "geom"
NEVER = "1970-01-01"  # the day of a state that no commit holds
_TYPES: Mapping[CellType, str] = {
    "string": "TEXT",
    "date": "DATE",
    "number": "DOUBLE",
    "integer": "INTEGER",
    "boolean": "BOOLEAN",
}
_WGS84_WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
_SYSTEMS = (
    ("WGS 84 geodetic", WGS84, "EPSG", WGS84, _WGS84_WKT, "longitude/latitude on the WGS 84 ellipsoid"),
    ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
)
# Tables of the standard (annex C), the last two of its extension for metadata (annex F.8).
_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""
_METADATA_EXTENSION = "http://www.geopackage.org/spec130/#extension_metadata"
_ABOUT_STANDARD = "https://www.w3.org/TR/prov-overview/"


def export(chosen: Chosen) -> Iterator[Written]:
    """One file. Columns have their short names; mobile equipment has no geometry."""
    rows = 0

    def fill(base: sqlite3.Connection) -> None:
        nonlocal rows
        day = chosen.source.get("reference_date") or NEVER
        _frame(base, chosen, f"{day}T00:00:00.000Z")
        for table in chosen.tables:
            count = _write(base, chosen, table, f"{day}T00:00:00.000Z")
            rows += count if table.main else 0

    content = database(fill, APPLICATION, VERSION)
    layers = sum(1 for table in chosen.tables if _is_layer(table))
    note = Message("GeoPackage 1.3, {layers} layers", layers=layers)
    yield Written("registry.gpkg", content, rows, note, main=True)


def _is_layer(table: Table) -> bool:
    return table.main and may_be_placed(table.kind)


def _frame(base: sqlite3.Connection, chosen: Chosen, moment: str) -> None:
    """The tables that describe the file."""
    for statement in _TABLES.split(";\n"):
        base.execute(statement)
    base.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", (*_SYSTEMS, *_requested_crs(chosen)))
    base.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_metadata', ?, 'read-write')",
        [(name, _METADATA_EXTENSION) for name in ("gpkg_metadata", "gpkg_metadata_reference")],
    )
    about = json.dumps({"smartreg": chosen.origin}, ensure_ascii=False)
    base.execute("INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'application/json', ?)", (_ABOUT_STANDARD, about))
    base.execute("INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?, 1, NULL)", (moment,))


def _requested_crs(chosen: Chosen) -> Iterator[tuple[str, int, str, int, str, str]]:
    """The requested system, as the standard describes one: by WKT 1. UsageFault without a number of EPSG."""
    if chosen.crs is not None:
        system, number = chosen.crs.system, _system(chosen)
        area = system.area_of_use.name if system.area_of_use else ""
        yield system.name, number, "EPSG", number, system.to_wkt("WKT1_GDAL"), area


def _system(chosen: Chosen) -> int:
    """The number of the system that the points are in."""
    number = chosen.crs.epsg if chosen.crs else WGS84
    if number is None:
        raise UsageFault(
            Message("a GeoPackage names its system by a number of EPSG"), Message("such as --crs EPSG:2154")
        )
    return number


def _write(base: sqlite3.Connection, chosen: Chosen, table: Table, moment: str) -> int:
    """One table with its rows, and its entries in the tables of the standard; how many rows."""
    layer = _is_layer(table)
    used = {column.name.casefold() for column in table.columns}
    row_id, shape = free(ROW, used), free(SHAPE, used)
    stored = store_table(table)
    columns = [f"{quote_name(row_id)} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"]
    columns += [f"{quote_name(shape)} POINT"] if layer else []
    columns += [f"{quote_name(name)} {_TYPES[word]}" for name, word in zip(stored.names, stored.types, strict=True)]
    refuse_wide(table.name, len(columns))
    base.execute(f"CREATE TABLE {quote_name(stored.name)} (\n  " + ",\n  ".join(columns) + "\n)")
    system = _system(chosen)
    places = points(chosen, table.kind) if layer else []
    marks = ", ".join("?" * len(columns))
    base.executemany(f"INSERT INTO {quote_name(stored.name)} VALUES ({marks})", _rows(stored, places, system))
    _list(base, stored, moment, [place for place in places if place], system if layer else None)
    if layer:
        entry = (stored.name, shape, "POINT", system, 0, 0)
        base.execute("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, ?)", entry)
    key = ", ".join(map(quote_name, stored.names[: table.key]))
    base.execute(f"CREATE INDEX {quote_name(f'idx_{stored.name}')} ON {quote_name(stored.name)} ({key})")
    return len(stored.rows)


def _rows(stored: StoredTable, places: Sequence[tuple[float, float] | None], system: int) -> Iterator[tuple[Json, ...]]:
    if not places:
        for number, values in enumerate(stored.rows, 1):
            yield (number, *values)
        return
    for number, (place, values) in enumerate(zip(places, stored.rows, strict=True), 1):
        yield (number, _blob(place, system), *values)


def _list(
    base: sqlite3.Connection,
    stored: StoredTable,
    moment: str,
    places: Sequence[tuple[float, float]],
    system: int | None,
) -> None:
    """The entry of a table in the list of contents, with the bounds of its points; of a layer, their system."""
    bounds: list[float | None] = [None] * 4
    if places:
        across, up = zip(*places, strict=True)
        bounds = [min(across), min(up), max(across), max(up)]
    what = "attributes" if system is None else "features"
    entry = (stored.name, what, stored.name, stored.table.description.in_(SOURCE), moment, *bounds, system)
    base.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entry)


def _blob(place: tuple[float, float] | None, system: int) -> bytes | None:
    """A point as GeoPackage stores it: `GP`, version 0, little-endian without envelope, system, then WKB."""
    if place is None:
        return None
    return struct.pack("<2sBBiBIdd", b"GP", 0, 1, system, 1, 1, *place)


def _origin(_file: str, content: bytes) -> Json:
    try:
        with closing(open_database(content)) as base:
            texts = [text for (text,) in base.execute("SELECT CAST(metadata AS BLOB) FROM gpkg_metadata")]
    except (sqlite3.Error, MemoryError):
        return None
    documents = map(json_or_none, texts)
    return next((item["smartreg"] for item in documents if isinstance(item, Mapping) and "smartreg" in item), None)


FORMAT = Format(
    "gpkg",
    export,
    ".gpkg",
    single=True,
    binary=True,
    crs=True,
    lists=True,
    recognizes=lambda _file, content: is_database(content) and has_layers(content),
    origin=_origin,
    compared="records",
    tables=tables_of_layers,
)
