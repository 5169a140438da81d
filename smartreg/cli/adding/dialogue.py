"""`add-…` on a terminal: ask, let the answers be reviewed, write; `--repeat` goes on with the next one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from smartreg.asking.adding import NewRecord, NothingToName
from smartreg.asking.review import findings_by_question
from smartreg.cli.adding.command import add_options_for
from smartreg.cli.adding.options import AddOptions
from smartreg.cli.adding.review import ChangeValue, review
from smartreg.cli.adding.values import command_line
from smartreg.cli.ask import confirm, fill
from smartreg.cli.session import Session
from smartreg.cli.writing import Writing, accept_interrupts, attempt, finding_lines, report_write
from smartreg.core.errors import Cancelled, Interrupted, SmartregError
from smartreg.core.findings import SEVERITIES
from smartreg.core.messages import Message
from smartreg.core.values import Json
from smartreg.edit import Outcome, RefusedWrite
from smartreg.schema import FieldPath
from smartreg.workspace.add import add

GRAVE = ("error", "warning")


def add_by_questions(
    session: Session, add_options: AddOptions, writing: Writing, form: NewRecord, *, repeat: bool
) -> int:
    """Add a record, and with `repeat` one after another: common values are kept, places and identifiers are
    asked. The end of input ends a series."""
    code = _add_one(session, add_options, writing, form)
    while repeat:
        accept_interrupts()
        session = replace(session, asked=None)  # the registry as it is now
        form = form.for_next(session)
        try:
            _add_one(session, add_options, writing, form)
        except (Interrupted, KeyboardInterrupt):
            raise Interrupted(Message("cancelled; what was added before stays")) from None
        except Cancelled:
            break
    return code


def _add_one(
    session: Session, add_options: AddOptions, writing: Writing, form: NewRecord, *, notes: bool = True
) -> int:
    """Ask, let the answers be reviewed, write. What is refused comes back to the review, with everything typed.
    `notes`: show findings that are no more than a note, such as that nothing names the record."""
    while True:
        try:
            values = _ask_all(session, add_options, form)
        except NothingToName as lacking:
            form.context = session = _add_on_the_way(session, add_options, writing, form, lacking)
            continue
        options = writing.options(session, session.today)
        if options.confirm:
            options = replace(options, confirm=partial(_confirm, session, form, values, SEVERITIES if notes else GRAVE))
        try:
            with attempt(session):
                outcome = add(session.workspace, form.kind, values, options=options, decimals=form.decimals)
            return report_write(session, outcome)
        except ChangeValue as change:
            form.change(change.path)
        except Cancelled:
            if form.answers.asked:
                _show_command_line(session, add_options, values)
            raise
        except SmartregError as fault:
            if not form.answers.asked:
                _show_command_line(session, add_options, values)
                raise
            session.console.fault(fault)
            form.context = session = replace(session, asked=None)  # others may have written meanwhile
            refused = _refused_questions(form, fault.outcome) if isinstance(fault, RefusedWrite) else ()
            _ask_what_to_change(session, add_options, form, values, refused)


def _add_on_the_way(
    session: Session, add_options: AddOptions, writing: Writing, form: NewRecord, lacking: NothingToName
) -> Session:
    """Add the record that another must name, as a commit of its own, and name it; the session that knows it. The fault
    itself where that is not wanted."""
    kind = lacking.kind
    question = Message("There is no {kind} yet. Add one now?", kind=kind.title_in_a_sentence)
    nested = replace(session, command=f"add-{kind.noun}", words=())
    if writing.dry_run or session.format == "json" or not confirm(session.console, question):
        if form.answers.asked:
            _show_command_line(session, add_options, form.data)
        raise lacking
    record = NewRecord(nested, kind, {}, asks_id=not writing.yes)
    try:
        _add_one(nested, add_options_for(kind, {}), writing._replace(message=None, allowed=[]), record, notes=False)
    except Cancelled:
        if form.answers.asked:
            _show_command_line(session, add_options, form.data)
        raise
    accept_interrupts()
    session = replace(session, asked=None)  # the registry with the new record
    form.name(lacking.path, next(iter(session.workspace.current.ids(kind.name))))
    return session


def _refused_questions(form: NewRecord, outcome: Outcome) -> Collection[FieldPath]:
    """The questions whose answers the errors are about."""
    errors = [finding for finding in outcome.introduced if finding.severity == "error"]
    return findings_by_question(form.kind, next(iter(outcome.edit.writes)), errors)


def _confirm(
    session: Session, form: NewRecord, values: Mapping[str, Json], severities: tuple[str, ...], outcome: Outcome
) -> bool:
    session.console.ask(finding_lines(session, outcome, severities))
    return review(session, form.kind, values, form.answers.reached, Message("Write this?"))


def _ask_what_to_change(
    session: Session,
    add_options: AddOptions,
    form: NewRecord,
    values: Mapping[str, Json],
    refused: Collection[FieldPath],
) -> None:
    """Ask what to change about a record that was refused. Cancelled, with the answers as a command line, when the user
    gives up."""
    try:
        question = Message("Try again?")
        if not review(session, form.kind, values, form.answers.reached, question, refused):
            raise Cancelled(Message("cancelled; nothing was changed"))
    except ChangeValue as change:
        form.change(change.path)
    except Cancelled:
        _show_command_line(session, add_options, values)
        raise


def _ask_all(session: Session, add_options: AddOptions, form: NewRecord) -> dict[str, Json]:
    """The values with the answers. What was answered before something is missing, or before the user gives up, comes
    back as a command line."""
    try:
        return fill(session.console, form.questions, form.answers)
    except NothingToName:
        raise
    except SmartregError:
        if form.answers.asked:
            _show_command_line(session, add_options, form.data)
        raise


def _show_command_line(session: Session, add_options: AddOptions, values: Mapping[str, Json]) -> None:
    """The answers as a command line, so that nobody has to type them twice."""
    own = {name: value for name, value in values.items() if add_options.preset.get(name) != value}
    line = command_line(session.command, add_options.options, own)
    session.console.hint(Message("with your answers: {line}", line=line))
