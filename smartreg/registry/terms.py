"""Terms: short texts by which records are found: who is named, which values they carry."""

from __future__ import annotations

from smartreg.core.values import Json, RecordId
from smartreg.registry.earth import cell, point
from smartreg.registry.entry import Entry
from smartreg.registry.frame import Frame

REMARK = "#"
"""Of a text with a comment that speaks to us."""


def term_naming(target: str) -> str:
    """Of a text that names this id."""
    return f">{target}"


def term_carrying(kind: str, field: str, value: str) -> str:
    """Of a record of `kind` whose indexed `field` is looked up by `value`."""
    return f"{kind}.{field}={value}"


def lookup_value(value: Json) -> str | None:
    """The term of an indexed value: a text itself, or the grid cell of a position."""
    if isinstance(value, str):
        return value
    place = point(value)
    return cell(place) if place else None


def terms_of(rid: RecordId, entry: Entry, frame: Frame) -> tuple[str, ...]:
    """All terms of what a record says."""
    if entry.data is None:
        return ()
    terms = [term_naming(target) for target in frame.schemas.kinds[rid.kind].targets(entry.data)]
    for field in frame.indexed_of.get(rid.kind, ()):
        value = lookup_value(entry.data.get(field))
        if value is not None:
            terms.append(term_carrying(rid.kind, field, value))
    if entry.remarks:
        terms.append(REMARK)
    return tuple(terms)
