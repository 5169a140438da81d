"""Changing fields of records: `set`, `edit`."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ask import letter
from smartreg.cli.options import Reason, RecordWord, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, after_write, json_of, lay_out, tell, written
from smartreg.commands.edit_ import EditorDraft, begin, save
from smartreg.commands.set_ import set_fields
from smartreg.core.errors import Cancelled, StateFault, UsageFault
from smartreg.core.styled import line
from smartreg.core.values import Words
from smartreg.edit import Outcome, RefusedWrite, WriteOptions
from smartreg.gitio import editor

Assignments: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH=VALUE",
        help=t(
            "status=faulty, measures[0].unit=m, also by label; use_cases+=noise adds to a list, -= takes away",
            'status=faulty ou statut="en panne", measures[0].unit=m ; use_cases+=bruit ajoute à une liste, -= retire',
        ),
    ),
]
Unset: TypeAlias = Annotated[
    list[str], typer.Option("--unset", metavar="PATH", help=t("remove this field", "supprimer ce champ"))
]

Correct: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--correct",
        help=t(
            "what is there was entered wrongly; -m says why, and rules on fixed fields warn instead of refusing",
            "la valeur présente est une erreur de saisie ; -m dit pourquoi, et les règles d'immuabilité avertissent",
        ),
    ),
]


app = typer.Typer()


@app.command("set")
@with_session(writes=True, formats=FORMATS, prefetch=True)
def set_command(
    session: Session,
    writing: Writing,
    record: RecordWord,
    assignments: Assignments,
    unset: Unset,
    correct: Correct,
    reason: Reason,
) -> int:
    if not assignments and not unset:
        raise UsageFault(
            Words("nothing to set", "rien à modifier"),
            Words(f"smartreg set {record} status=…", f"smartreg set {record} status=…"),
        )
    options = writing.options(session, session.today, reason)
    return written(
        session,
        lambda: set_fields(session.workspace, session.from_root(record), assignments, unset, options, correct=correct),
    )


AGAIN = Words("(e)dit again or (x) discard?", "(e) modifier encore ou (x) abandonner ?")
KEEP = Words("(k)eep, (e)dit again or (x) discard?", "(k) enregistrer, (e) modifier encore ou (x) abandonner ?")


class _EditAgain(Exception):
    """The user goes back into the editor."""


class _Discarded(Exception):
    """The user gives the text up."""


@app.command("edit")
@with_session(writes=True, formats=FORMATS)
def edit_command(session: Session, writing: Writing, record: RecordWord, reason: Reason) -> int:
    if not session.interactive:
        raise UsageFault(
            Words(f"{session.why_not.en}: nobody can edit", f"{session.why_not.fr} : personne ne peut modifier"),
            Words(f"smartreg set {record} PATH=VALUE -y", f"smartreg set {record} CHAMP=VALEUR -y"),
        )
    options = writing.options(session, session.today, reason)
    if options.confirm is not None:
        options = replace(options, confirm=partial(_keeps, session))
    program = _editor(session)
    draft = begin(session.workspace, session.from_root(record), options)
    try:
        outcome = _edited(session, draft, program, options)
    except _Discarded:
        draft.discard()
        raise Cancelled(Words("discarded; nothing was changed", "abandonné ; rien n'a été modifié")) from None
    except BaseException:
        _tell_where(session, draft)
        raise
    if outcome is None or outcome.written or not outcome.edit.writes:
        draft.discard()
    with after_write(session, outcome is not None and outcome.written):
        _tell(session, outcome)
    if draft.place.exists():
        _tell_where(session, draft)
    return 0


def _editor(session: Session) -> str:
    """GIT_EDITOR and what Git falls back to. UsageFault when there is none."""
    found = os.environ.get("GIT_EDITOR") or editor(session.workspace.git.git)
    if not found:
        raise UsageFault(
            Words("there is no editor", "il n'y a pas d'éditeur"),
            Words("set EDITOR, or git config core.editor", "définissez EDITOR, ou git config core.editor"),
        )
    return found


def _edited(session: Session, draft: EditorDraft, program: str, options: WriteOptions) -> Outcome | None:
    """Edit until it is saved; None when the text is as it was."""
    while True:
        _open(program, draft.place)
        text = draft.edited()
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
            Words(
                f"the editor ended with {code}; nothing was written", f"l'éditeur a rendu {code} ; rien n'a été écrit"
            ),
            Words(f"it was started by: {program}", f"il a été lancé par : {program}"),
        )


def _tell(session: Session, outcome: Outcome | None) -> None:
    if outcome is None:
        session.console.show([line(Words("Nothing to change.", "Rien à modifier.").in_(session.lang))])
    elif session.format == "json":
        session.console.write(json_of(outcome))
    else:
        tell(session, outcome)


def _tell_where(session: Session, draft: EditorDraft) -> None:
    """Where the text is that was not written; an untouched one is not worth it."""
    try:
        if draft.place.read_bytes() == draft.text:
            draft.discard()
            return
    except OSError:
        return
    session.console.note(Words(f"your text is in {draft.place}", f"votre texte est dans {draft.place}"))
