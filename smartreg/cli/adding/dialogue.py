"""`add-…` on a terminal: ask, let the answers be reviewed, write; `--repeat` goes on with the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from smartreg.cli.adding.interview import Interview
from smartreg.cli.adding.options import AddForm
from smartreg.cli.adding.review import ChangeValue, review
from smartreg.cli.adding.values import command_line
from smartreg.cli.writing import Writing, accept_interrupts, attempt, finding_lines, report_write
from smartreg.commands.add import add
from smartreg.core.errors import Cancelled, Interrupted, SmartregError
from smartreg.core.values import Json, Words
from smartreg.edit import Outcome


def add_by_questions(form: AddForm, writing: Writing, interview: Interview, *, repeat: bool) -> int:
    """Add a record, and with `repeat` one after another: common values are kept, places and identifiers are
    asked. The end of input ends a series."""
    code = _add_one(form, writing, interview)
    while repeat:
        accept_interrupts()
        interview = interview.for_next(replace(interview.session, asked=None))  # the registry as it is now
        try:
            _add_one(form, writing, interview)
        except (Interrupted, KeyboardInterrupt):
            raise Interrupted(
                Words("cancelled; what was added before stays", "annulé ; ce qui a été ajouté avant reste")
            ) from None
        except Cancelled:
            break
    return code


def _add_one(form: AddForm, writing: Writing, interview: Interview) -> int:
    """Ask, let the answers be reviewed, write. What is refused comes back to the review, with everything typed."""
    while True:
        session, values = interview.session, _ask_all(form, interview)
        options = writing.options(session, session.today)
        if options.confirm:
            options = replace(options, confirm=partial(_confirm, interview, values))
        try:
            with attempt(session):
                outcome = add(session.workspace, form.kind, values, options=options, decimals=interview.decimals)
            return report_write(session, outcome)
        except ChangeValue as change:
            interview.change(change.path)
        except Cancelled:
            if interview.asked:
                _show_command_line(form, interview, values)
            raise
        except SmartregError as fault:
            if not interview.asked:
                _show_command_line(form, interview, values)
                raise
            session.console.fault(fault)
            _retry(form, interview, values)


def _confirm(interview: Interview, values: Mapping[str, Json], outcome: Outcome) -> bool:
    session = interview.session
    session.console.ask(finding_lines(session, outcome))
    question = Words("Write this?", "Écrire ?")
    return review(session, interview.kind, values, interview.answered, question)


def _retry(form: AddForm, interview: Interview, values: Mapping[str, Json]) -> None:
    """Ask what to change about a record that was refused. Cancelled, with the answers as a command line, when the user
    gives up."""
    interview.session = session = replace(interview.session, asked=None)  # others may have written meanwhile
    try:
        if not review(session, interview.kind, values, interview.answered, Words("Try again?", "Réessayer ?")):
            raise Cancelled(Words("cancelled; nothing was changed", "annulé ; rien n'a été modifié"))
    except ChangeValue as change:
        interview.change(change.path)
    except Cancelled:
        _show_command_line(form, interview, values)
        raise


def _ask_all(form: AddForm, interview: Interview) -> dict[str, Json]:
    """The values with the answers. What was answered before something is missing comes back as a command line."""
    try:
        return interview.values()
    except Cancelled:
        raise
    except SmartregError:
        if interview.asked:
            _show_command_line(form, interview, interview.so_far)
        raise


def _show_command_line(form: AddForm, interview: Interview, values: Mapping[str, Json]) -> None:
    """The answers as a command line, so that nobody has to type them twice."""
    own = {name: value for name, value in values.items() if form.preset.get(name) != value}
    line = command_line(interview.session.command, form.options, own)
    interview.session.console.hint(Words(f"the same again: {line}", f"la même chose : {line}"))
