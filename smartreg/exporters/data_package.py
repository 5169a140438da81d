"""`datapackage.json`: a Frictionless Tabular Data Package (version 1), with a Table Schema for every file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from smartreg.core.messages import SOURCE, Language
from smartreg.core.values import Json
from smartreg.exporters import Written, parquet
from smartreg.exporters.cells import STANDARD, CellDialect, heading
from smartreg.tables import Column, Table

FORMAT_VERSION = 1
_CONSTRAINTS = {
    "string": ("enum", "pattern", "minLength", "maxLength"),
    "number": ("enum", "minimum", "maximum"),
    "integer": ("enum", "minimum", "maximum"),
    "date": ("enum",),
}
_PYTHON: Mapping[str, Any] = {"string": str, "date": str, "number": (int, float), "integer": int}
_LONGER = ("enum", "pattern", "maxLength")  # what an apostrophe before a text may break


class FileSummary(NamedTuple):
    """The entry of a file in a package: its length in bytes, its SHA-256 in hexadecimal, its rows, and the
    names of the columns where some text got an apostrophe."""

    size: int
    digest: str
    rows: int
    altered: frozenset[str]


class PackageFile(NamedTuple):
    """A written table and the summary of its file."""

    table: Table
    summary: FileSummary


def descriptor(
    files: Sequence[PackageFile], source: Mapping[str, Json], dialect: CellDialect, lang: Language
) -> dict[str, Any]:
    """The package: where it comes from, and per file the dialect, the digest and the columns."""
    tables = {file.table.name: file.table for file in files}
    origin = {"version": FORMAT_VERSION, **source, "dialect": dialect.name, "language": lang}
    return {
        "profile": "tabular-data-package",
        "name": "smartreg-export",
        **({"title": source["registry"]} if source.get("registry") else {}),
        "smartreg": origin,
        "resources": [_resource(file, tables, dialect, lang) for file in files],
    }


def _resource(file: PackageFile, tables: Mapping[str, Table], dialect: CellDialect, lang: Language) -> dict[str, Any]:
    table = file.table
    headings = {column.name: heading(column, lang) for column in table.columns}
    return {
        "name": _resource_name(table),
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        **_without_empty(title=table.title.in_(lang), description=table.description.in_(lang)),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.summary.size,
        "hash": f"sha256:{file.summary.digest}",
        "dialect": {"delimiter": dialect.delimiter, "lineTerminator": dialect.line_end, "header": True},
        "schema": {
            "fields": [_field(column, file.summary.altered, dialect, lang) for column in table.columns],
            **({"primaryKey": [headings[item.name] for item in table.columns[: table.key]]} if table.key else {}),
            "missingValues": [""],
            **_foreign_keys(table, tables, headings, lambda column: heading(column, lang)),
        },
    }


_SQL: Mapping[str, str] = {
    "VARCHAR": "string",
    "DATE": "date",
    "DOUBLE": "number",
    "BIGINT": "integer",
    "BOOLEAN": "boolean",
}


def parquet_resource(table: Table, file: Written, tables: Mapping[str, Table]) -> dict[str, Any]:
    """The resource of a table that is a Parquet file, with its Table Schema; `tables`: those of the package by name.
    After the columns of the table come its points (WKB, OGC:CRS84) and their bounds, if it has any."""
    names = {column.name: name for column, (name, _) in zip(table.columns, file.columns, strict=False)}
    fields = []
    for column, (name, kind) in zip(table.columns, file.columns, strict=False):
        field = {**_field(column, (), STANDARD, SOURCE), "name": name, "type": _SQL[kind]}
        if _SQL[kind] != column.type:  # a value of the registry is of another type than its schema says
            field.pop("constraints", None)
        fields.append(field)
    for name, kind in file.columns[len(table.columns) :]:
        fields.append({"name": name, "type": "any" if kind == "BLOB" else "object"})
    return {
        "name": _resource_name(table),
        "path": file.name,
        **_without_empty(title=table.title.in_(SOURCE), description=table.description.in_(SOURCE)),
        "format": parquet.FORMAT.name,
        "mediatype": parquet.MEDIA_TYPE,
        "bytes": len(file.content),
        "hash": f"sha256:{hashlib.sha256(file.content).hexdigest()}",
        "schema": {
            "fields": fields,
            **({"primaryKey": [names[item.name] for item in table.columns[: table.key]]} if table.key else {}),
            **_foreign_keys(table, tables, names, lambda column: column.name),
        },
    }


def _resource_name(table: Table) -> str:
    return table.name.lower().replace("_", "-")


def _without_empty(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _field(column: Column, altered: Collection[str], dialect: CellDialect, lang: Language) -> dict[str, Any]:
    schema = column.field.schema if column.field else {}
    examples = schema.get("examples", ())
    constraints = _constraints(column, schema, column.name in altered)
    return {
        "name": heading(column, lang),
        "type": column.type,
        **_without_empty(
            title=column.field.title.in_(lang) if column.field else "", description=column.description.in_(lang)
        ),
        **({"decimalChar": dialect.decimal} if column.type == "number" and dialect.decimal != "." else {}),
        **({"unit": column.field.unit} if column.field and column.field.unit else {}),
        **({"example": examples[0]} if examples and not isinstance(examples[0], (list, dict)) else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def _constraints(column: Column, schema: Mapping[str, Any], altered: bool) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    for name in _CONSTRAINTS.get(column.type, ()):
        if name not in schema or (altered and name in _LONGER):
            continue
        value = schema[name]
        if name == "pattern":
            value = whole(value)
        elif name == "enum":
            value = [item for item in value if isinstance(item, _PYTHON[column.type])]
        if value is not None and value != []:
            constraints[name] = value
    return constraints


def whole(pattern: str) -> str | None:
    """The pattern of a JSON Schema, which may match anywhere, as one of a Table Schema, which matches the whole cell;
    None if other readers would not know its syntax."""
    try:
        re.compile(pattern)
    except re.error:
        return None
    flat = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "", pattern)
    while flat != (flat := re.sub(r"\([^()]*\)", "", flat)):
        pass
    if pattern.startswith("^") and flat.endswith("$") and "|" not in flat:
        return pattern
    return f"[\\s\\S]*(?:{pattern})[\\s\\S]*"


def _foreign_keys(
    table: Table, tables: Mapping[str, Table], names: Mapping[str, str], name_of: Callable[[Column], str]
) -> dict[str, Any]:
    """Keys to the tables of the same export; references to other tables are left out. `names`: what the file calls the
    columns of the table; `name_of`: what the other file calls a column."""
    keys = []
    for link in table.links:
        target = tables.get(link.table)
        if target is not None:
            fields = [names[name] for name in link.columns]
            there = [name_of(column) for column in target.columns[: target.key]]
            resource = "" if target.name == table.name else _resource_name(target)
            keys.append({"fields": fields, "reference": {"resource": resource, "fields": there}})
    return {"foreignKeys": keys} if keys else {}
