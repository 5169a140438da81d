"""Columns made from others: by the values of a column (`COL->FIELD`), or by a template (`{NUM} {VOIE}`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smartreg.importers.mapping import ImportMapping
from smartreg.importers.sheet import Row, Sheet
from smartreg.importers.value_options import ARROW, HOLE, field_named
from smartreg.schema import Kind


def derive_columns(kind: Kind, sheet: Sheet, mapping: ImportMapping) -> Sheet:
    """The sheet with a further column for each field that templates and values of other columns fill; `made` says which
    heading fills which field, `sources` from which columns. UsageFault for unknown columns and fields."""
    made: dict[str, str] = {}
    parts: list[Sequence[str | int]] = []
    for text in mapping.values:
        word, arrow, field = text.partition(ARROW)
        if arrow:
            made[field_named(kind, field)] = text
            parts.append((sheet.column(word.strip()),))
    for field, template in mapping.set_from.items():
        made[field_named(kind, field)] = template
        pieces = HOLE.split(template)
        parts.append([sheet.column(piece) if index % 2 else piece for index, piece in enumerate(pieces)])
    if not parts or not sheet.rows:
        return sheet
    rows = tuple(Row(number, [*cells, *(_text(part, cells) for part in parts)]) for number, cells in sheet.rows)
    sources = frozenset(piece for part in parts for piece in part if isinstance(piece, int))
    return replace(sheet, headings=(*sheet.headings, *made.values()), rows=rows, made=made, sources=sources)


def _text(part: Sequence[str | int], cells: Sequence[str]) -> str:
    """A cell itself, or a text with cells in it; empty where all of these are empty."""
    if len(part) == 1 and isinstance(part[0], int):
        return cells[part[0]]
    if not any(cells[piece].strip() for piece in part if isinstance(piece, int)):
        return ""
    return " ".join("".join(piece if isinstance(piece, str) else cells[piece] for piece in part).split())
