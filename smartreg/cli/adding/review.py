"""The review of a new record before it is written: every value, each changed by its number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from smartreg.asking.question import Back
from smartreg.asking.review import ReviewRow, review_rows
from smartreg.cli.ask import Prompt, confirm_or_number
from smartreg.cli.session import Session
from smartreg.core.messages import Message, Text
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Json
from smartreg.schema import FieldPath, Kind

NUMBER = Message("a number changes a value")
EXPLANATION = Message("y or Enter writes the record, n cancels, the number of a value asks for it again")


class ChangeValue(Exception):
    """The user goes back to one value."""

    def __init__(self, path: FieldPath) -> None:
        super().__init__(path)
        self.path = path


def review(
    session: Session,
    kind: Kind,
    data: Mapping[str, Json],
    answers: Mapping[FieldPath, Json],
    question: Text,
    refused: Collection[FieldPath] = (),
) -> bool:
    """Show every value, and those that were left out, and ask; the numbers of values that were `refused` are red.
    ChangeValue for a number, and for `<`, which goes back to the last question."""
    left_out = [path for path, answer in answers.items() if answer is None]
    rows = review_rows(session, kind, data, left_out)
    session.console.ask(_lines(rows, refused))
    session.console.ask([line(Span(NUMBER.in_(session.lang), "dim"))])
    prompt = Prompt(question.in_(session.lang), EXPLANATION.in_(session.lang), back=bool(answers))
    try:
        answer = confirm_or_number(session.console, prompt, len(rows))
    except Back:
        raise ChangeValue(list(answers)[-1]) from None
    if answer.isdigit():
        raise ChangeValue(rows[int(answer) - 1].path)
    return answer == "y"


def _lines(rows: Sequence[ReviewRow], refused: Collection[FieldPath]) -> list[Line]:
    wide = max(len(row.title) for row in rows)
    return [
        line(
            Span(f"{number:>3} ", "error" if row.path in refused else "code"),
            f"{row.title:<{wide}}  {row.text}",
            Span(f"  {row.label}" if row.label else "", "dim"),
        )
        for number, row in enumerate(rows, 1)
    ]
