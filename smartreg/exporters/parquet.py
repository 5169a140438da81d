"""Parquet, through DuckDB: a file per kind and per list, typed; those with a place are GeoParquet 1.1 (WGS 84). For
data engines: DuckDB, Spark, pandas, GDAL. The origin is the key `smartreg` of a file's metadata.

DuckDB comes with the extra `parquet`. The bytes depend on its version, and on nothing else.
"""

from __future__ import annotations

import json
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.escape import encodable
from smartreg.core.installation import install_command
from smartreg.core.interrupts import unhidden_interrupt
from smartreg.core.messages import Message
from smartreg.core.spelling import slug
from smartreg.core.values import Json, RecordId
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.database import quote_name, quote_text, store_table, typed_columns
from smartreg.registry import map_point
from smartreg.tables import Table
from smartreg.tables.records import may_be_placed
from smartreg.tables.table import CellType, free

Connection: TypeAlias = Any  # duckdb.DuckDBPyConnection

SHAPE, BOUNDS = "geometry", "bbox"
_EDGES = ("xmin", "ymin", "xmax", "ymax")
_BOUNDS_TYPE = f"STRUCT({', '.join(f'{edge} DOUBLE' for edge in _EDGES)})"
FILE = "data.parquet"
MEDIA_TYPE = "application/vnd.apache.parquet"  # as IANA has registered it
PARTITIONS = ("registry", "kind")
SQL_TYPES: Mapping[CellType, str] = {
    "string": "VARCHAR",
    "date": "DATE",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


def export(chosen: Chosen, *, partitioned: bool = False) -> Iterator[Written]:
    """One file per table; `partitioned`: in the folders `registry=…/kind=…`, as engines find the parts of a data set. A
    column of one of these two names is then called `kind_2`. UsageFault without the library, and for a registry
    without a name that is to be a partition."""
    engine = _engine()
    folder = f"registry={_partition(chosen)}/" if partitioned else ""
    origin = {**chosen.origin, **({"siren": _siren(chosen)} if partitioned else {})}
    with tempfile.TemporaryDirectory(prefix="smartreg-") as drafts, engine.connect(config={"threads": 1}) as base:
        for number, table in enumerate(chosen.tables):
            sheet = _sheet(chosen, table, PARTITIONS if partitioned else ())
            content = _to_bytes(base, sheet, origin, Path(drafts))
            name = f"{folder}kind={table.name}/{FILE}" if partitioned else f"{table.name}.parquet"
            note = None if number else Message("Parquet; points as GeoParquet")
            columns = tuple(
                (column, "BLOB" if column == sheet.shape else kind)
                for column, kind in zip(sheet.names, sheet.types, strict=True)
            )
            yield Written(name, content, len(sheet.rows), note, main=table.main, columns=columns)


def engine_version() -> str:
    """The version of DuckDB, on which the bytes of a file depend. UsageFault without it."""
    return _version_of(_engine())


@cache
def _version_of(duckdb: Any) -> str:
    with duckdb.connect() as base:
        (version,) = base.execute("SELECT library_version FROM pragma_version()").fetchone()
    return str(version).removeprefix("v")


def _engine() -> Any:
    try:
        import duckdb
    except ImportError:
        raise UsageFault(Message("Parquet needs the extra “parquet”"), install_command("parquet")) from None
    return duckdb


def _partition(chosen: Chosen) -> str:
    """The name of the registry as the name of a folder."""
    name = slug(str(chosen.source.get("registry") or ""))
    if not name:
        raise UsageFault(Message("a registry in a data set needs a name"), Message('add name = "…" to smartreg.toml'))
    return name


def _siren(chosen: Chosen) -> Json:
    """The SIREN of the Métropole, by which a partition is known for that of this registry."""
    publisher = chosen.view.get(RecordId("party", chosen.publisher)) if chosen.publisher else None
    return publisher.data.get("siren") if publisher else None


@dataclass(frozen=True)
class _Sheet:
    """A table as Parquet holds it: names and SQL types of the columns, rows of JSON values; which columns, if any, have
    points and their bounds, and the points."""

    names: Sequence[str]
    types: Sequence[str]
    rows: Sequence[tuple[Json, ...]]
    shape: str | None = None
    bounds: str = ""
    points: Sequence[tuple[float, float] | None] = ()


def _sheet(chosen: Chosen, table: Table, reserved: Sequence[str]) -> _Sheet:
    stored = store_table(table)
    used = set(reserved)
    names = [free(name, used) for name in stored.names]
    typed = list(typed_columns(stored))
    types, columns = [SQL_TYPES[word] for word, _ in typed], [values for _, values in typed]
    if not (table.main and may_be_placed(table.kind)):
        return _Sheet(names, types, list(zip(*columns, strict=True)) if stored.rows else [])
    points = [map_point(chosen.view, record) for record in chosen.view.of_kind(table.kind.name)]
    shape, bounds = free(SHAPE, used), free(BOUNDS, used)
    rows = list(zip(*columns, map(_wkb, points), map(_bounds, points), strict=True)) if stored.rows else []
    return _Sheet([*names, shape, bounds], [*types, "VARCHAR", _BOUNDS_TYPE], rows, shape, bounds, points)


def _to_bytes(base: Connection, sheet: _Sheet, origin: Mapping[str, Json], folder: Path) -> bytes:
    """The bytes of a table. DuckDB reads the rows as lines of JSON, with the given types, and guesses none."""
    rows, target = folder / "rows.json", folder / FILE
    with rows.open("w", encoding="utf-8", newline="") as file:
        for row in sheet.rows:
            line = dict(zip(sheet.names, row, strict=True))
            file.write(f"{json.dumps(line, ensure_ascii=False, allow_nan=False)}\n")
    pairs = zip(sheet.names, sheet.types, strict=True)
    typed = ", ".join(f"{quote_text(name)}: {quote_text(kind)}" for name, kind in pairs)
    plain = {name: quote_name(name) for name in sheet.names}
    if sheet.shape:
        plain[sheet.shape] = f"unhex({quote_name(sheet.shape)}) AS {quote_name(sheet.shape)}"
    metadata = {"smartreg": json.dumps(origin, ensure_ascii=False), **({"geo": _geo(sheet)} if sheet.shape else {})}
    noted = ", ".join(f"{name}: {quote_text(encodable(value))}" for name, value in metadata.items())
    sql = (
        f"COPY (SELECT {', '.join(plain.values())} FROM read_json({quote_text(str(rows))}, "
        f"format = 'newline_delimited', maximum_object_size = 268435456, columns = {{{typed}}})) "
        f"TO {quote_text(str(target))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{noted}}})"
    )
    with unhidden_interrupt():
        base.execute(sql)
    return target.read_bytes()


def _geo(sheet: _Sheet) -> str:
    """The metadata of GeoParquet: the encoding, the bounds of the points, and the column that has those of each, by
    whose statistics engines skip row groups (the covering of GeoParquet 1.1). Without a system, it is WGS 84, longitude
    first (OGC:CRS84)."""
    points = [place for place in sheet.points if place is not None]
    bounds = {}
    if points:
        across, up = zip(*points, strict=True)
        bounds = {"bbox": [min(across), min(up), max(across), max(up)]}
    covering = {"bbox": {edge: [sheet.bounds, edge] for edge in _EDGES}}
    column = {"encoding": "WKB", "geometry_types": ["Point"] if points else [], **bounds, "covering": covering}
    return json.dumps({"version": "1.1.0", "primary_column": sheet.shape, "columns": {sheet.shape: column}})


def _wkb(place: tuple[float, float] | None) -> str | None:
    """A point in well-known binary, little-endian, as hexadecimal digits."""
    return None if place is None else struct.pack("<BIdd", 1, 1, *place).hex()


def _bounds(place: tuple[float, float] | None) -> dict[str, Json] | None:
    """The bounds of a point: itself."""
    return None if place is None else dict(zip(_EDGES, (*place, *place), strict=True))


def _origin(_file: str, content: bytes) -> Json:
    """What our text in the metadata says, which is not compressed: it is the last that begins so."""
    try:
        start = content.rindex(b'{"version": 1, "registry"')
        origin, _end = json.JSONDecoder().raw_decode(content[start:].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    stated: Json = origin
    return stated


FORMAT = Format(
    "parquet",
    export,
    ".parquet",
    binary=True,
    recognizes=lambda _file, content: content.startswith(b"PAR1"),
    origin=_origin,
)
