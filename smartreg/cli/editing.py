"""Changing fields of records: `set`, `edit`."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg.asking.question import Answers, Questions
from smartreg.cli.answers import ask_and_write
from smartreg.cli.ask import letter
from smartreg.cli.options import Reason, RecordToPick, Where, t
from smartreg.cli.picker import pick_record, refuse_missing
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, after_write, attempt, json_of, lay_out, report_outcome, report_write
from smartreg.commands.edit_ import EditorDraft, begin, save
from smartreg.commands.show import listing
from smartreg.core.errors import Cancelled, StateFault, UsageFault
from smartreg.core.messages import Message
from smartreg.core.styled import line
from smartreg.edit import Outcome, RefusedWrite, WriteOptions
from smartreg.forms import changing as forms
from smartreg.gitio import editor
from smartreg.workspace.set_ import set_fields

Record: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="RECORD|KIND",
        help=t("kind/id, id or path; with --where, a kind (default: pick from a list)"),
    ),
]
Assignments: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH=VALUE",
        help=t(
            "status=faulty, measures[0].unit=m, also by label; use_cases+=noise adds to a list, -= removes; more "
            "records"
        ),
    ),
]
Unset: TypeAlias = Annotated[list[str], typer.Option("--unset", metavar="PATH", help=t("remove this field"))]

Correct: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--correct",
        help=t("correct an entry error: -m says why, and rules on fixed fields warn instead of refusing"),
    ),
]


app = typer.Typer()


@app.command("set")
@with_session(writes=True, formats=FORMATS, prefetch=True)
def set_command(
    session: Session,
    writing: Writing,
    record: Record,
    assignments: Assignments,
    unset: Unset,
    where: Where,
    correct: Correct,
    reason: Reason,
) -> int:
    words = [*([record] if record else []), *assignments]
    named, changes = [word for word in words if "=" not in word], [word for word in words if "=" in word]
    nothing = not changes and not unset
    if not (named or where) or (nothing and session.interactive):
        refuse_missing(session, *([] if named else ["RECORD"]), *(["PATH=VALUE"] if nothing else []))
    elif nothing:
        subject = shlex.quote(named[0]) if named else Message("KIND --where FIELD=VALUE")
        raise UsageFault(Message("nothing to set"), Message("smartreg set {subject} status=…", subject=subject))
    options = writing.options(session, session.today, reason, back=nothing)
    records = _records_to_set(session, named, where)

    def write(session: Session, made: forms.Assignments) -> int:
        first, *further = made.records
        with attempt(session):
            outcome = set_fields(
                session.workspace, first, made.changes, made.unset, options, further=further, correct=correct
            )
        return report_write(session, outcome)

    def form(session: Session, answers: Answers) -> Questions[forms.Assignments]:
        return forms.assignments(session, records, answers)

    if not nothing:
        return write(session, forms.Assignments(tuple(records), tuple(changes), tuple(unset)))
    return ask_and_write(session, form, write, lambda made, _reached: made.typed, again=lambda asked: asked[-1:])


def _records_to_set(session: Session, named: Sequence[str], where: Sequence[str]) -> list[str]:
    """The named records, or those of a kind that meet the conditions. UsageFault if none does."""
    if not where:
        return [session.from_root(word) for word in named]
    if len(named) != 1:
        raise UsageFault(
            Message("--where needs one kind"),
            Message("smartreg set KIND --where FIELD=VALUE PATH=VALUE"),
        )
    rows = listing(session.workspace, named[0], where=where).rows
    if not rows:
        listed = " ".join(where)
        raise UsageFault(
            Message("{named}: no record has {listed}", named=named[0], listed=listed),
            Message("smartreg list {named} shows them", named=named[0]),
        )
    return [str(record.rid) for record, _values in rows]


AGAIN = Message("(e)dit again or (x) discard?")
KEEP = Message("(k)eep, (e)dit again or (x) discard?")


class _EditAgain(Exception):
    """The user returns to the editor."""


class _Discarded(Exception):
    """The user discards the text."""


@app.command("edit")
@with_session(writes=True, formats=FORMATS)
def edit_command(session: Session, writing: Writing, record: RecordToPick, reason: Reason) -> int:
    if not session.interactive:
        subject = shlex.quote(record) if record else Message("RECORD")
        raise UsageFault(
            Message("cannot edit: {why_not}", why_not=session.why_not),
            Message("smartreg set {subject} PATH=VALUE -y", subject=subject),
        )
    record = record or pick_record(session)
    options = writing.options(session, session.today, reason)
    if options.confirm is not None:
        options = replace(options, confirm=partial(_keeps, session))
    program = _editor(session)
    draft = begin(session.workspace, session.from_root(record), options)
    try:
        outcome = _edit_until_saved(session, draft, program, options)
    except _Discarded:
        draft.discard()
        raise Cancelled(Message("discarded; nothing was changed")) from None
    except BaseException:
        _report_where(session, draft)
        raise
    if outcome is None or outcome.written or not outcome.edit.writes:
        draft.discard()
    with after_write(session, outcome is not None and outcome.written):
        _report(session, outcome)
    if draft.place.exists():
        _report_where(session, draft)
    return 0


def _editor(session: Session) -> str:
    """GIT_EDITOR and what Git falls back to. UsageFault when there is none."""
    program = os.environ.get("GIT_EDITOR") or editor(session.workspace.git.git)
    if not program:
        raise UsageFault(
            Message("there is no editor"),
            Message("set EDITOR, or git config core.editor"),
        )
    return program


def _edit_until_saved(session: Session, draft: EditorDraft, program: str, options: WriteOptions) -> Outcome | None:
    """Edit until it is saved; None if the text did not change."""
    while True:
        _open(program, draft.place)
        text = draft.read_text()
        if text == draft.text:
            return None
        try:
            return save(session.workspace.root, draft, text, options)
        except _EditAgain:
            continue
        except RefusedWrite as refusal:
            lay_out(session, refusal.outcome)
            session.console.fault(refusal)
            if letter(session.console, AGAIN, "ex") == "x":
                raise _Discarded from None


def _keeps(session: Session, outcome: Outcome) -> bool:
    """Ask about a text without errors; warnings are shown."""
    lay_out(session, outcome)
    answer = letter(session.console, KEEP, "kex")
    if answer == "e":
        raise _EditAgain
    if answer == "x":
        raise _Discarded
    return True


def _open(program: str, place: Path) -> None:
    """Run the editor as Git does, through the shell. Ctrl-C is the editor's alone. StateFault when it fails."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        code = subprocess.call(["sh", "-c", f'{program} "$@"', program, str(place)])
    finally:
        signal.signal(signal.SIGINT, before)
    if code:
        raise StateFault(
            Message("the editor ended with {code}; nothing was written", code=code),
            Message("it was started by: {program}", program=program),
        )


def _report(session: Session, outcome: Outcome | None) -> None:
    if outcome is None:
        session.console.show([line(Message("Nothing to change.").in_(session.lang))])
    elif session.format == "json":
        session.console.write(json_of(outcome))
    else:
        report_outcome(session, outcome)


def _report_where(session: Session, draft: EditorDraft) -> None:
    """Say where the unwritten text is, unless it is unchanged."""
    try:
        if draft.place.read_bytes() == draft.text:
            draft.discard()
            return
    except OSError:
        return
    session.console.note(Message("your text is in {place}", place=draft.place))
