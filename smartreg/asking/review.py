"""The values of a new record, to be looked over before they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from smartreg.asking.fields import is_one_answer
from smartreg.asking.question import FormContext
from smartreg.asking.records import name_of
from smartreg.core.findings import Finding
from smartreg.core.secret import mask
from smartreg.core.values import Json, KeyPath, RecordId, value_at
from smartreg.schema import Field, FieldPath, Kind, literal, unit_suffix
from smartreg.schema.cells import cell

EMPTY = "–"


class ReviewRow(NamedTuple):
    """A value as the review names it."""

    path: FieldPath
    title: str
    text: str
    label: str


def findings_by_question(kind: Kind, file: str, findings: Iterable[Finding]) -> dict[FieldPath, list[Finding]]:
    """The findings about a record by the question that its key path belongs to; by () those about none of them."""
    by_question: dict[FieldPath, list[Finding]] = {}
    for finding in findings:
        if finding.where.file == file:
            by_question.setdefault(_question_at(kind, finding.where.path), []).append(finding)
    return by_question


def _question_at(kind: Kind, path: KeyPath) -> FieldPath:
    """The longest path that is asked for by itself: `location` for its longitude, `measures` for an item of it."""
    for length in range(len(path), 0, -1):
        field = kind.field_at(path[:length])
        if field is not None and is_one_answer(kind, field):
            return field.path
    return ()


def review_rows(
    context: FormContext, kind: Kind, data: Mapping[str, Json], left_out: Sequence[FieldPath]
) -> list[ReviewRow]:
    """The values of a record in the order of the schema, secrets masked; also those that were `left_out`."""
    shown_data = mask(dict(data))
    rows = []
    for field in kind.fields:
        value = value_at(shown_data, field.path)
        if is_one_answer(kind, field) and (value is not None or field.path in left_out):
            text = EMPTY if value is None else _text(value)
            label = "" if value is None else _label(context, kind, field, value)
            rows.append(ReviewRow(field.path, field.title.in_(context.lang), text, "" if label == text else label))
    return rows


def _text(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "[]"
    if isinstance(value, dict) and {"lon", "lat"} <= value.keys():
        return f"{value['lat']}, {value['lon']}"
    if isinstance(value, dict):
        return " ".join(map(_text, value.values()))
    return value if isinstance(value, str) else literal(value)


def _label(context: FormContext, kind: Kind, field: Field, value: Json) -> str:
    """The name of a value for people: the label of an enumeration, the record that it names, its unit."""
    item = kind.item_of(field)
    if item.refs:
        rids = [RecordId(ref, id) for id in (value if isinstance(value, list) else [value]) for ref in item.refs]
        return ", ".join(filter(None, (name_of(context, rid) for rid in rids)))
    if item.kind in ("object", "array"):
        return ""
    if item.enum:
        return cell(kind, field, value, context.lang)
    return unit_suffix(value, field.unit).in_(context.lang).strip()
