"""`datapackage.json`: a Frictionless Tabular Data Package (version 1), with a Table Schema for every file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from smartreg.core.messages import Language
from smartreg.core.values import Json
from smartreg.exporters.cells import CellDialect, heading
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
    names = {file.table.name: file.table for file in files}
    origin = {"version": FORMAT_VERSION, **source, "dialect": dialect.name, "language": lang}
    return {
        "profile": "tabular-data-package",
        "name": "smartreg-export",
        **({"title": source["registry"]} if source.get("registry") else {}),
        "smartreg": origin,
        "resources": [_resource(file, names, dialect, lang) for file in files],
    }


def _resource(file: PackageFile, names: Mapping[str, Table], dialect: CellDialect, lang: Language) -> dict[str, Any]:
    table = file.table
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
            **({"primaryKey": [heading(item, lang) for item in table.columns[: table.key]]} if table.key else {}),
            "missingValues": [""],
            **_foreign_keys(table, names, lang),
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


def _foreign_keys(table: Table, names: Mapping[str, Table], lang: Language) -> dict[str, Any]:
    """Keys to the tables of the same export; references to other tables are left out."""
    headings = {column.name: heading(column, lang) for column in table.columns}
    keys = []
    for link in table.links:
        target = names.get(link.table)
        if target is not None:
            fields = [headings[name] for name in link.columns]
            there = [heading(column, lang) for column in target.columns[: target.key]]
            name = "" if target is table else _resource_name(target)
            keys.append({"fields": fields, "reference": {"resource": name, "fields": there}})
    return {"foreignKeys": keys} if keys else {}
