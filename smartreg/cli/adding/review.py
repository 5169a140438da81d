"""The review of a new record before it is written: every value, numbered; a number changes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smartreg.cli.adding.options import item_of
from smartreg.cli.adding.questions import is_place
from smartreg.cli.ask import Back, Prompt, confirm_or_number
from smartreg.cli.cells import cell
from smartreg.cli.picker import name_of
from smartreg.cli.session import Session
from smartreg.core.secret import mask
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Json, RecordId, Words, value_at
from smartreg.schema import Field, Kind, literal, unit_suffix

FieldPath = tuple[str, ...]
Asked = Mapping[FieldPath, Json]  # the questions of the last pass in their order, and their answers
EMPTY = "–"
NUMBER = Words("a number changes a value", "un numéro change une valeur")
EXPLANATION = Words(
    "y or Enter writes the record, n cancels, the number of a value asks for it again",
    "o ou Entrée écrit la fiche, n annule, le numéro d'une valeur la redemande",
)


class ChangeValue(Exception):
    """The user goes back to one value."""

    def __init__(self, path: FieldPath) -> None:
        super().__init__(path)
        self.path = path


class ReviewRow(NamedTuple):
    """A value as the review names it."""

    path: FieldPath
    title: str
    text: str
    label: str


def review(session: Session, kind: Kind, data: Mapping[str, Json], answers: Asked, question: Words) -> bool:
    """Show every value, and those that were left out, and ask; ChangeValue for a number, and for `<`, which goes back
    to the last question."""
    left_out = [path for path, answer in answers.items() if answer is None]
    rows = review_rows(session, kind, data, left_out)
    session.console.ask(_lines(rows))
    session.console.ask([line(Span(NUMBER.in_(session.lang), "dim"))])
    prompt = Prompt(question.in_(session.lang), EXPLANATION.in_(session.lang), back=bool(answers))
    try:
        answer = confirm_or_number(session.console, prompt, len(rows))
    except Back:
        raise ChangeValue(list(answers)[-1]) from None
    if answer.isdigit():
        raise ChangeValue(rows[int(answer) - 1].path)
    return answer == "y"


def review_rows(
    session: Session, kind: Kind, data: Mapping[str, Json], left_out: Sequence[FieldPath]
) -> list[ReviewRow]:
    """What the record says, in the order of the schema; secrets masked."""
    shown_data = mask(dict(data))
    rows = []
    for field in kind.fields:
        value = value_at(shown_data, field.path)
        if is_one_answer(kind, field) and (value is not None or field.path in left_out):
            text = EMPTY if value is None else _text(value)
            label = "" if value is None else _label(session, kind, field, value)
            rows.append(ReviewRow(field.path, field.title.in_(session.lang), text, "" if label == text else label))
    return rows


def is_one_answer(kind: Kind, field: Field) -> bool:
    """Whether a field is asked for by itself: a position is, not its longitude."""
    group = kind.by_path.get(field.path[:-1])
    within = group is not None and is_place(kind, group) and field.path[-1] in ("lon", "lat")
    return not field.in_list and not within and (field.kind != "object" or is_place(kind, field))


def _lines(rows: Sequence[ReviewRow]) -> list[Line]:
    wide = max(len(row.title) for row in rows)
    return [
        line(
            Span(f"{number:>3} ", "code"),
            f"{row.title:<{wide}}  {row.text}",
            Span(f"  {row.label}" if row.label else "", "dim"),
        )
        for number, row in enumerate(rows, 1)
    ]


def _text(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "[]"
    if isinstance(value, dict) and {"lon", "lat"} <= value.keys():
        return f"{value['lat']}, {value['lon']}"
    if isinstance(value, dict):
        return " ".join(map(_text, value.values()))
    return value if isinstance(value, str) else literal(value)


def _label(session: Session, kind: Kind, field: Field, value: Json) -> str:
    """What people call a value: the label of an enumeration, the record that it names, its unit."""
    item = item_of(kind, field)
    if item.refs:
        named = [RecordId(ref, id) for id in (value if isinstance(value, list) else [value]) for ref in item.refs]
        return ", ".join(filter(None, (name_of(session, rid) for rid in named)))
    if item.kind in ("object", "array"):
        return ""
    if item.enum:
        return cell(kind, field, value, session.lang)
    return unit_suffix(value, field.unit).in_(session.lang).strip()
