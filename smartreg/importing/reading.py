"""Read the sheet of a file as a mapping says, with the columns that it makes from others: from the values of a column
(`COL->FIELD`), or with a template (`{NUM} {VOIE}`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import path_text
from smartreg.importing.mapping import ImportMapping
from smartreg.importing.syntax import ARROW, HOLE, field_named
from smartreg.readers import csv, geojson, json, objects, workbook
from smartreg.readers.foreign import read_features, read_grids
from smartreg.readers.formats import FOLDER, PLAIN, TABLES, VECTORS, WORKBOOKS, Bundle
from smartreg.readers.sheet import Row, Sheet
from smartreg.schema import Kind
from smartreg.tables import table_name


def read_sheet(kind: Kind, bundle: Bundle, mapping: ImportMapping) -> Sheet:
    """Read the sheet. UsageFault if no importer reads it; other faults come with the sheet."""
    file, form, content = bundle.name, bundle.form, bundle.content
    if mapping.options.sheet is not None and form not in WORKBOOKS:
        raise UsageFault(
            Message("--sheet is for workbooks (.xlsx)"),
            Message("--layer names a layer of a map, or a file of an archive"),
        )
    position = kind.position[0] if kind.position else "location"
    usual = (table_name(kind), kind.name, kind.noun, kind.plural.in_("en"), kind.plural.in_("fr"))
    if form in WORKBOOKS:
        grids = read_grids(bundle)
        return workbook.read_sheet(file, form, grids, mapping.options.sheet, usual)
    if form in VECTORS or form in TABLES:
        fields = (kind.field_at((position, axis)) for axis in ("lon", "lat"))
        axes = [field.column or path_text(field.path) for field in fields if field is not None]
        return read_features(bundle, mapping.options.layer, mapping.options.encoding, mapping.options.crs, usual, axes)
    if form == FOLDER:
        return objects.read_sheet(bundle, position, kind.whole)
    if form == "geojson":
        return geojson.read_sheet(file, content, position, kind.whole)
    if form in PLAIN and form != "csv":
        return json.read_sheet(file, content, form, (kind.name,), kind.whole)
    return csv.read_sheet(file, content, mapping.options.encoding, csv.dialect_named(mapping.options.dialect))


def derive_columns(kind: Kind, sheet: Sheet, mapping: ImportMapping) -> Sheet:
    """The sheet with a further column for each field that templates and values of other columns fill; `made` says which
    heading fills which field, `sources` from which columns. UsageFault for unknown columns and fields."""
    headings_by_field: dict[str, str] = {}
    parts: list[Sequence[str | int]] = []
    for text in mapping.values:
        word, arrow, field = text.partition(ARROW)
        if arrow:
            headings_by_field[field_named(kind, field)] = text
            parts.append((sheet.column(word.strip()),))
    for field, template in mapping.set_from.items():
        headings_by_field[field_named(kind, field)] = template
        pieces = HOLE.split(template)
        parts.append([sheet.column(piece) if index % 2 else piece for index, piece in enumerate(pieces)])
    if not parts or not sheet.rows:
        return sheet
    rows = tuple(Row(number, [*cells, *(_text(part, cells) for part in parts)]) for number, cells in sheet.rows)
    sources = frozenset(piece for part in parts for piece in part if isinstance(piece, int))
    return replace(
        sheet,
        headings=(*sheet.headings, *headings_by_field.values()),
        rows=rows,
        made=headings_by_field,
        sources=sources,
    )


def _text(part: Sequence[str | int], cells: Sequence[str]) -> str:
    """A cell itself, or a text with cells in it; empty where all of these are empty."""
    if len(part) == 1 and isinstance(part[0], int):
        return cells[part[0]]
    if not any(cells[piece].strip() for piece in part if isinstance(piece, int)):
        return ""
    return " ".join("".join(piece if isinstance(piece, str) else cells[piece] for piece in part).split())
