"""The questions about a sheet that comes in for the first time, put on a terminal."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from smartreg.cli.ask import fill
from smartreg.cli.session import Session
from smartreg.commands.import_ import proposal, unknown_values
from smartreg.core.messages import Message
from smartreg.core.styled import Span, line
from smartreg.forms.importing import column_answers, value_answers
from smartreg.importing.options import ImportRequest
from smartreg.importing.profile import apply_answers
from smartreg.schema import ITEM, Kind

MANY = 40  # values that are asked about


def with_answers(session: Session, kind: Kind, file: Path, request: ImportRequest) -> ImportRequest:
    """The request with the answers on its columns; unchanged if nothing is open, or nobody can be asked."""
    found = proposal(session.workspace, kind, file, request) if session.interactive else None
    if found is None:
        return request
    names = ", ".join(field.name for field in found.kind.fields if ITEM not in field.path and field.kind != "object")
    question = Message(
        "Which field does each column fill? Enter takes what stands in brackets, - leaves the column out."
    )
    session.console.ask([line(question.in_(session.lang)), line(Span(names, "dim"))])
    return apply_answers(request, fill(session.console, partial(column_answers, session, found)))


def with_values(session: Session, kind: Kind, file: Path, request: ImportRequest) -> ImportRequest:
    """The request with what somebody says the values mean that their fields do not allow, each asked once."""
    unknown = unknown_values(session.workspace, kind, file, request) if session.interactive else []
    meanings = fill(session.console, partial(value_answers, session, kind, unknown[:MANY]))
    return replace(request, values=(*request.values, *meanings))
