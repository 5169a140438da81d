"""`doctor`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

from smartreg.cli.ask import confirm
from smartreg.cli.doctor_telling import tell_ci, tell_settings
from smartreg.cli.invocation import invocation
from smartreg.cli.parameters import Option, command
from smartreg.cli.session import Session
from smartreg.cli.writing import Writing
from smartreg.commands.doctor import Surroundings, add_attributes, clear_index, examine, register
from smartreg.commands.doctor_check import Check
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Words

SIGNS = {"ok": ("ok", "added"), "note": ("--", "info"), "mend": ("!!", "error")}

Fix: TypeAlias = Annotated[bool, Option(("--fix",), Words("mend what can be mended", "corriger ce qui peut l'être"))]
ClearIndex: TypeAlias = Annotated[bool, Option(("--clear-index",), Words("empty the index", "vider l'index"))]

Ci: TypeAlias = Annotated[
    bool, Option(("--ci",), Words("the commands that the pipelines run", "les commandes que lancent les chaînes"))
]
Settings: TypeAlias = Annotated[
    bool,
    Option(("--settings",), Words("what is in force, and where it comes from", "ce qui est en vigueur, et d'où")),
]


def run(session: Session, writing: Writing, fix: Fix, clear: ClearIndex, ci: Ci, settings: Settings) -> int:
    if sum((fix or clear, ci, settings)) > 1:
        raise UsageFault(
            Words("--ci, --settings and --fix exclude each other", "--ci, --settings et --fix s'excluent"),
            Words("ask for one at a time", "demandez-en un à la fois"),
        )
    if ci:
        return tell_ci(session)
    workspace = _workspace(session)
    if settings:
        return tell_settings(session, workspace)
    around = Surroundings(invocation(), Path(sys.prefix), sys.stdout.encoding or "")
    if clear and workspace and workspace.repo:
        clear_index(workspace)
    checks = examine(session.directory, workspace, around)
    if fix and workspace and workspace.repo:
        for mending in dict.fromkeys(check.mending for check in checks if check.mending):
            _mend(session, writing, mending)
        checks = examine(session.directory, workspace, around)
    if session.format == "json":
        session.console.write(_json(checks))
    else:
        session.console.show(_lines(session, checks))
    return int(any(check.state == "mend" for check in checks))


def may_register(session: Session, writing: Writing) -> bool:
    """Whether the user lets Git's configuration of this clone be changed."""
    return _may(session, writing, REGISTER)


REGISTER = Words(
    "Let this clone merge records field by field (git config --local)?",
    "Fusionner les enregistrements champ par champ dans ce clone (git config --local) ?",
)
ATTRIBUTES = Words(
    "Add the lines to .gitattributes, in a commit?", "Ajouter les lignes à .gitattributes, dans un commit ?"
)


def _may(session: Session, writing: Writing, question: Words) -> bool:
    if writing.dry_run:
        return False
    return writing.yes or (session.interactive and confirm(session.console, question))


def _mend(session: Session, writing: Writing, mending: str) -> None:
    """Mend one thing with the user's word."""
    if not _may(session, writing, ATTRIBUTES if mending == "attributes" else REGISTER):
        if not session.interactive and not writing.dry_run:
            session.console.note(Words("nobody is there to ask: add -y", "personne à qui demander : ajoutez -y"))
    elif mending == "attributes":
        add_attributes(session.workspace, writing.options(session, session.today))
    else:
        register(session.workspace.git, invocation())


def _workspace(session: Session) -> Workspace | None:
    """The registry, or None outside of one: then the computer alone is looked at."""
    try:
        return session.workspace
    except StateFault:
        return None


def _lines(session: Session, checks: list[Check]) -> list[Line]:
    lines: list[Line] = []
    for check in checks:
        sign, style = SIGNS[check.state]
        lines.append(line(Span(f"{sign}  ", style), check.message.in_(session.lang)))
        if check.hint and check.state != "ok":
            lines.append(line(Span(f"    {check.hint.in_(session.lang)}", "dim")))
    return lines


def _json(checks: list[Check]) -> str:
    rows = [
        {
            "name": check.name,
            "state": check.state,
            "message": check.message.en,
            "hint": check.hint.en if check.hint else None,
            "fix": check.mending or None,
        }
        for check in checks
    ]
    sound = all(check.state != "mend" for check in checks)
    return json_text({"version": 1, "sound": sound, "checks": rows})


COMMAND = command(run, writes=True, formats=("text", "json"))
