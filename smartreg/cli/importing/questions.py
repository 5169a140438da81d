"""The questions about a sheet that comes in for the first time, put on a terminal."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from smartreg.cli.ask import fill
from smartreg.cli.session import Session
from smartreg.commands.import_ import FileRead, proposal, unknown_values
from smartreg.forms.importing import MOST_VALUES, kind_answer, proposal_answers, value_answers
from smartreg.forms.sheet_profile import show_profile
from smartreg.importing.options import ImportRequest
from smartreg.importing.survey import KindGuess
from smartreg.schema import Kind


def ask_kind(session: Session, guesses: list[KindGuess]) -> Kind:
    """The kind of the rows, asked unless it is known."""
    if len(guesses) == 1 and guesses[0].why is None:
        return guesses[0].kind
    name = fill(session.console, partial(kind_answer, session, guesses))
    return session.workspace.current.schemas.kind(name)


def with_answers(
    session: Session, kind: Kind, file: Path, request: ImportRequest, file_read: FileRead
) -> ImportRequest:
    """The request with what somebody says of a sheet, once its profile was shown; unchanged if nothing is open."""
    found = proposal(session.workspace, kind, file, request, session.today, file_read)
    if found is not None and found.has_questions:
        session.console.ask(show_profile(found, session.lang))
        again = partial(proposal, session.workspace, kind, file, on=session.today, file_read=file_read)
        request = fill(session.console, partial(proposal_answers, session, found, again))
    unknown = unknown_values(session.workspace, kind, file, request, file_read)
    meanings = fill(session.console, partial(value_answers, session, kind, unknown[:MOST_VALUES]))
    return replace(request, values=(*request.values, *meanings))
