"""CSV: one file per table, and `datapackage.json` (Frictionless Tabular Data Package, Table Schema) beside them.

Dialects: `standard` (comma, UTF-8, decimal point, LF; RFC 4180 and the French open-data guide) and `excel-fr` (BOM,
semicolon, decimal comma, CRLF). Same commit, same bytes: nothing here depends on the clock, the locale or the machine.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smartreg.tables import Column, Table
from smartreg.values import Json, Language, Words

DECIMALS = 6
_ACTS = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20']")
_HONEST = re.compile(r"[+-]?[0-9][0-9 .()/-]*")  # negative numbers and telephone numbers do nothing in a spreadsheet


@dataclass(frozen=True)
class Dialect:
    """How values are written: field separator, decimal mark, line end, byte order mark."""

    name: str
    delimiter: str
    decimal: str
    line_end: str
    bom: bool


DIALECTS: Mapping[str, Dialect] = {
    "standard": Dialect("standard", ",", ".", "\n", False),
    "excel-fr": Dialect("excel-fr", ";", ",", "\r\n", True),
}


@dataclass(frozen=True)
class Written:
    """A file of the export: name, bytes, rows (None for the package descriptor), and what it is for people."""

    name: str
    content: bytes
    rows: int | None
    note: Words


def export(
    tables: Sequence[Table], *, source: Mapping[str, Json], dialect: Dialect, lang: Language
) -> Iterator[Written]:
    """The files of an export. `source` names the state (commit, date …) and goes into the descriptor."""
    for table in tables:
        content, rows = csv_text(table, dialect, lang)
        yield Written(f"{table.name}.csv", content, rows, _note(dialect))
    package = json.dumps(descriptor(tables, source, dialect, lang), ensure_ascii=False, indent=2, allow_nan=False)
    yield Written("datapackage.json", f"{package}\n".encode(), None, Words("Table Schema", "Table Schema"))


def _note(dialect: Dialect) -> Words:
    if dialect.name == "excel-fr":
        return Words("; UTF-8 BOM, decimal comma", "; UTF-8 BOM, virgule décimale")
    return Words(", UTF-8, decimal point", ", UTF-8, point décimal")


def csv_text(table: Table, dialect: Dialect, lang: Language) -> tuple[bytes, int]:
    """The bytes of one table and its number of rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator=dialect.line_end, quoting=csv.QUOTE_MINIMAL)
    writer.writerow([column.title(lang) for column in table.columns])
    rows = 0
    for row in table.rows():
        writer.writerow([cell(value, dialect) for value in row])
        rows += 1
    text = out.getvalue().encode("utf-8", "backslashreplace")
    return (b"\xef\xbb\xbf" if dialect.bom else b"") + text, rows


def cell(value: Json, dialect: Dialect) -> str:
    """One cell. Text that a spreadsheet would run as a formula gets an apostrophe, which the import takes off again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value).replace(".", dialect.decimal)
    text = str(value)
    return f"'{text}" if _ACTS.match(text) and not _HONEST.fullmatch(text) else text


def number(value: float) -> str:
    """At most six decimals, no exponent, no trailing zeros: 0.1 m at the equator for degrees."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def descriptor(tables: Sequence[Table], source: Mapping[str, Json], dialect: Dialect, lang: Language) -> dict[str, Any]:
    """The package: where it comes from, and per file the dialect and the Table Schema."""
    return {
        "profile": "tabular-data-package",
        "name": "smartreg-export",
        "smartreg": {"version": 1, **source},
        "resources": [_resource(table, tables, dialect, lang) for table in tables],
    }


def _resource(table: Table, tables: Sequence[Table], dialect: Dialect, lang: Language) -> dict[str, Any]:
    titles = {column.name: column.title(lang) for column in table.columns}
    return {
        "name": table.name.replace("_", "-"),
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "title": table.kind.title.in_(lang),
        "description": table.kind.description.in_(lang),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig" if dialect.bom else "utf-8",
        "dialect": {"delimiter": dialect.delimiter, "lineTerminator": dialect.line_end, "header": True},
        "schema": {
            "fields": [_field(column, dialect, lang) for column in table.columns],
            "primaryKey": [titles[name] for name in table.key],
            "missingValues": [""],
            **_foreign_keys(table, tables, lang),
        },
    }


def _field(column: Column, dialect: Dialect, lang: Language) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.title(lang),
        "type": column.type,
        "description": column.description.in_(lang),
    }
    if column.type == "number" and dialect.decimal != ".":
        described["decimalChar"] = dialect.decimal
    schema = column.field.schema if column.field else {}
    examples = schema.get("examples", ())
    if examples and not isinstance(examples[0], (list, dict)):
        described["example"] = examples[0]
    constraints = {
        name: schema[name]
        for name in ("enum", "pattern", "minimum", "maximum", "minLength", "maxLength")
        if name in schema
    }
    if column.required:
        constraints = {"required": True, **constraints}
    if constraints:
        described["constraints"] = constraints
    return described


def _foreign_keys(table: Table, tables: Sequence[Table], lang: Language) -> dict[str, Any]:
    """Keys to the tables of the same export; a reference to a table that is not there has none to point to."""
    present = {other.name: other for other in tables}
    by_kind = {other.kind.name: other for other in tables if other.key == ("id",)}
    keys = []
    for column in table.columns:
        refs = column.field.refs if column.field else ()
        target = present.get(column.target or "") or (by_kind.get(refs[0]) if len(refs) == 1 else None)
        if target is not None:
            name = "" if target is table else target.name.replace("_", "-")
            keys.append(
                {
                    "fields": [column.title(lang)],
                    "reference": {"resource": name, "fields": [target.columns[0].title(lang)]},
                }
            )
    return {"foreignKeys": keys} if keys else {}
