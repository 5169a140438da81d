"""The common core: the columns that figures use, the same for all registries, and how they are made from a release.

`core.json` is the Data Package that is published beside the tables. A field is the column of that name in the release,
or the SQL of `from`; what a release lacks is NULL. `reads` lists the tables of a release, and their columns, of which
that SQL may speak. Two functions are there: `key_of(id, registry)`, the key of the record that a column and the one of
its registry name, and `siren_of`, the SIREN of such a party.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json
from smartreg.exporters.database import quote_name
from smartreg.exporters.parquet import SQL_TYPES
from smartreg.features.observatory.confined import text
from smartreg.registry.pins import KeptRelease
from smartreg.schema import Kind

TABLE = "table"
"""In a mapping, the name of the source's table."""


@dataclass(frozen=True)
class CoreColumn:
    """A column of a view: its SQL type, and the SQL that makes it."""

    name: str
    type: str
    source: str


@dataclass(frozen=True)
class CoreView:
    """A view of the core. `sources` describes the releases themselves."""

    name: str
    columns: tuple[CoreColumn, ...]


@dataclass(frozen=True)
class Core:
    """All views, the columns that they read by table with their SQL types, the Data Package, and its digest."""

    views: tuple[CoreView, ...]
    reads: Mapping[str, Mapping[str, str]]
    document: Mapping[str, Any]
    digest: str


@cache
def core() -> Core:
    """The core of this version."""
    content = Path(__file__).with_name("core.json").read_bytes()
    document = json.loads(content)
    views = (
        CoreView(resource["name"], tuple(_column(field) for field in resource["schema"]["fields"]))
        for resource in document["resources"]
    )
    reads = {
        table: {column: SQL_TYPES[kind] for column, kind in columns.items()}
        for table, columns in document["smartreg"]["reads"].items()
    }
    return Core(tuple(views), reads, document, hashlib.sha256(content).hexdigest())


def _column(field: Mapping[str, Any]) -> CoreColumn:
    return CoreColumn(field["name"], SQL_TYPES[field["type"]], field.get("from", f"t.{quote_name(field['name'])}"))


@dataclass(frozen=True)
class TableReading:
    """How a table of a release is read: its path there (None: the release has none), the columns by the names that the
    core has for them, and those of them that were recognised by what other standards call them."""

    path: str | None
    columns: Mapping[str, str]
    recognised: tuple[str, ...] = ()


def readings(release: KeptRelease, kinds: Mapping[str, Kind]) -> Mapping[str, TableReading]:
    """How each table is read: as `[sources.x.map.TABLE]` says, else by the same names, else by the terms of other
    standards (`x-map`) that the schemas shipped here, `kinds`, and those of the source give to exactly one field."""
    return {table: _reading(release, table, kinds) for table in core().reads}


def _reading(release: KeptRelease, table: str, kinds: Mapping[str, Kind]) -> TableReading:
    mapped = release.source.map.get(table, {})
    path = f"kind={mapped.get(TABLE, table)}/data.parquet"
    if path not in release.manifest.files:
        return TableReading(None, {})
    there = dict(release.manifest.files[path].columns)
    columns = {name: mapped.get(name, name) for name in core().reads[table] if mapped.get(name, name) in there}
    recognised = {
        name: column
        for name, column in _by_terms(release, table, kinds)
        if name in core().reads[table] and name not in {*columns, *mapped} and column in there
    }
    return TableReading(path, columns | recognised, tuple(recognised))


def _by_terms(release: KeptRelease, table: str, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    """Columns of the core, and those of the source whose field other standards call the same."""
    kind = next((kind for kind in kinds.values() if kind.folder == table), None)
    maps = about_of(release).get("maps")
    theirs = maps.get(kind.name) if kind is not None and isinstance(maps, Mapping) else None
    if kind is None or not isinstance(theirs, Mapping):
        return
    fields = {field.column or field.name: field.maps for field in kind.fields}
    by_term = {term: name for name, term in _own_terms(theirs)}
    for name, term in _own_terms(fields):
        if term in by_term:
            yield from ((name, by_term[term] + ending) for ending in ("", "_id"))


def _own_terms(fields: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """The terms (standard and name there) that belong to a single field, each with that field."""
    terms = [
        (name, (str(standard), str(term)))
        for name, maps in fields.items()
        if isinstance(maps, Mapping)
        for standard, term in maps.items()
    ]
    counts = Counter(term for _, term in terms)
    return ((name, term) for name, term in terms if counts[term] == 1)


def unmet(release: KeptRelease) -> Iterator[Text]:
    """What the settings map to tables or columns that the release does not have, or the core does not read."""
    for table, mapped in release.source.map.items():
        where = f"sources.{release.alias}.map.{table}"
        reads = core().reads.get(table)
        if reads is None:
            yield Message("{where}: the common core has {listed}", where=where, listed=", ".join(core().reads))
            continue
        path = f"kind={mapped.get(TABLE, table)}/data.parquet"
        there = dict(release.manifest.files[path].columns) if path in release.manifest.files else {}
        if not there:
            yield Message("{where}: the release has no table {path}", where=where, path=path)
            continue
        for name, column in mapped.items():
            if name != TABLE and name not in reads:
                yield Message("{where}: the common core does not read {name}", where=where, name=name)
            elif name != TABLE and column not in there:
                yield Message("{where}: the release has no column {column}", where=where, column=column)


def casting(release: KeptRelease, folder: Path, tables: Mapping[str, TableReading]) -> Iterator[str]:
    """The statements that write the views of a release as `VIEW.parquet` into the current folder; `folder`: of the
    release."""
    on = _literal(about_of(release).get("reference_date"))
    yield f"CREATE MACRO reference_date() AS TRY_CAST({on} AS DATE)"
    yield (
        "CREATE MACRO key_of(id, abroad) AS "
        f"coalesce(abroad, {text(release.manifest.registry)}) || ':' || "
        "CASE WHEN abroad IS NULL THEN id ELSE substr(id, strpos(id, ':') + 1) END"
    )
    for table, columns in core().reads.items():
        yield f"CREATE VIEW {quote_name(table)} AS {_read(folder, tables[table], columns)}"
    yield (
        "CREATE MACRO siren_of(party, abroad) AS "
        "(SELECT max(p.siren) FROM parties p WHERE p.id = party AND abroad IS NULL)"
    )
    for view in core().views:
        rows = f"SELECT {', '.join(_cells(view, release))}"
        source = f" FROM {quote_name(view.name)} t" if view.name in core().reads else ""
        target = text(f"{view.name}.parquet")
        yield f"COPY ({rows}{source} ORDER BY ALL) TO {target} (FORMAT parquet, COMPRESSION zstd)"


def _read(folder: Path, reading: TableReading, columns: Mapping[str, str]) -> str:
    cells = (
        f"TRY_CAST({quote_name(reading.columns[name])} AS {kind}) AS {quote_name(name)}"
        if name in reading.columns
        else f"CAST(NULL AS {kind}) AS {quote_name(name)}"
        for name, kind in columns.items()
    )
    if reading.path is None:
        return f"SELECT {', '.join(cells)} WHERE false"
    file = text(str(folder / reading.path))
    return f"SELECT {', '.join(cells)} FROM read_parquet({file}, hive_partitioning = false)"


def misfits(release: KeptRelease, folder: Path, tables: Mapping[str, TableReading]) -> Iterator[str]:
    """The questions how many values of the release are not of the type that the core has for their column, and so NULL:
    a row of TABLE.COLUMN and a number, if there are any. Only a column of another type can have some."""
    for table, reading in tables.items():
        if reading.path is None:
            continue
        types = dict(release.manifest.files[reading.path].columns)
        file = text(str(folder / reading.path))
        for name, column in reading.columns.items():
            kind, cell = core().reads[table][name], quote_name(column)
            if kind not in (types[column], SQL_TYPES["string"]):
                yield (
                    f"SELECT {text(f'{table}.{name}')}, count({cell}) - count(TRY_CAST({cell} AS {kind})) AS misfits "
                    f"FROM read_parquet({file}, hive_partitioning = false) HAVING misfits > 0"
                )


def _cells(view: CoreView, release: KeptRelease) -> Iterator[str]:
    """The columns of a view; those that say which release a row is of are constants."""
    manifest, about = release.manifest, about_of(release)
    constants: dict[str, Json] = {
        "registry": manifest.registry,
        "serial": manifest.serial,
        "commit": manifest.commit,
    }
    if view.name not in core().reads:
        constants |= {
            "alias": release.alias,
            "name": manifest.name,
            "issued": manifest.issued.date().isoformat(),
            "reference_date": about.get("reference_date"),
            "licence": about.get("licence"),
            "manifest": manifest.digest,
        }
    for column in view.columns:
        value = _literal(constants[column.name]) if column.name in constants else column.source
        value = f"{text(manifest.registry + ':')} || t.id" if column.name == "key" else value
        yield f"TRY_CAST({value} AS {column.type}) AS {quote_name(column.name)}"


def about_of(release: KeptRelease) -> Mapping[str, Json]:
    """What the manifest says of its release."""
    about = release.manifest.document["smartreg"]
    return about if isinstance(about, Mapping) else {}


def _literal(value: Json) -> str:
    return text(value) if isinstance(value, str) else str(int(value)) if isinstance(value, int) else "NULL"
