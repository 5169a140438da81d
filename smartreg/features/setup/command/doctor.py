"""`doctor`"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ask import confirm
from smartreg.cli.options import t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import Writing
from smartreg.commands.doctor_ci import FAULTS, ci
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.installation import invocation
from smartreg.core.messages import SOURCE, Message, Text
from smartreg.core.styled import Grid, Line, Span, align, cells, line
from smartreg.features.setup.doctor import Surroundings, add_attributes, clear_index, examine, register
from smartreg.features.setup.doctor_clone import Check
from smartreg.features.setup.settings import DEFAULT, settings_in_force
from smartreg.trees import find_root
from smartreg.workspace.workspace import Workspace

NONE = Message("no pipeline here runs smartreg; init --ci github,gitlab writes one, docs/gate.md shows it")

RENEW = Message("to write a pipeline anew: delete its file, commit that, and run smartreg init --ci github or gitlab")
VARIABLE = Message(
    "pull requests from forks do not get the variable SMARTREG_SOURCE: delete the pipeline and run smartreg init "
    "--ci again, which writes the source into it"
)
MERGE = Message(
    "allow merge commits only: a squash or rebase drops the signed commits by which parties agree (docs/gate.md)"
)


def report_ci(session: Session) -> int:
    """Print the commands of the pipelines, with the line that gives the same verdict here, and what they lack."""
    checked = ci(session.workspace, session.today)
    lacking = any(set(command.faults) - {"pin"} for command in checked.commands)
    if session.format == "json":
        rows = [asdict(command) for command in checked.commands]
        content = {"version": 1, "base": checked.base, "behind": checked.behind, "commands": rows}
        session.console.write(json_text(content))
        return int(lacking)
    if not checked.commands:
        session.console.note(NONE)
        return 0
    labels = [text.in_(session.lang) for text in (LINE, PULL_REQUEST, PUSH, HERE)]
    for command in checked.commands:
        values = (command.line, command.pull_request, command.push, command.here)
        lines = [
            pair for pair in zip(labels, values, strict=True) if pair[1] != command.pull_request or pair[0] == labels[1]
        ]
        table = [cells(Span(f"  {label}", "dim"), text) for label, text in lines]
        session.console.show([line(command.file), *align(Grid(table))])
    for file, fault in dict.fromkeys((command.file, fault) for command in checked.commands for fault in command.faults):
        session.console.note(Message("{file}: {fault}", file=file, fault=FAULTS[fault]))
    if any(command.faults for command in checked.commands):
        session.console.hint(RENEW)
    if any(command.variable for command in checked.commands):
        session.console.note(VARIABLE)
    if any("--as-author" in command.here for command in checked.commands):
        session.console.note(MERGE)
    if checked.behind:
        session.console.note(
            Message(
                "the pipeline checks the merge with {base}, which has commits that you lack: merge it first",
                base=checked.base,
            )
        )
    return int(lacking)


def report_settings(session: Session, workspace: Workspace | None) -> int:
    """Print the settings in force, each with its source."""
    rows = list(settings_in_force(workspace, os.environ))
    if session.format == "json":
        content = {"version": 1, "settings": [row._asdict() for row in rows]}
        session.console.write(json_text(content))
        return 0
    words = {source: text.in_(session.lang) for source, text in SOURCES.items()}
    table = [
        cells(row.name, json.dumps(row.value, ensure_ascii=False), Span(words.get(row.source, row.source), "dim"))
        for row in rows
    ]
    session.console.show([Grid(table)])
    return 0


SOURCES = {DEFAULT: Message("default"), "environment": Message("environment")}
LINE, PULL_REQUEST, PUSH, HERE = Message("line"), Message("pull request"), Message("push"), Message("here")
SIGNS = {"ok": ("ok", "added"), "note": ("--", "info"), "mend": ("!!", "error")}

Fix: TypeAlias = Annotated[bool, typer.Option("--fix", help=t("repair what can be repaired"))]
ClearIndex: TypeAlias = Annotated[
    bool,
    typer.Option("--clear-index", help=t("clear the index, and check nothing")),
]

Ci: TypeAlias = Annotated[
    bool,
    typer.Option("--ci", help=t("show the commands that the pipelines run")),
]
Settings: TypeAlias = Annotated[
    bool,
    typer.Option("--settings", help=t("show the settings in force and where they come from")),
]


app = typer.Typer()


@app.command("doctor")
@with_session(formats=("text", "json"), recovers="fix")
def doctor_command(session: Session, writing: Writing, fix: Fix, clear: ClearIndex, ci: Ci, settings: Settings) -> int:
    if sum((fix or clear, ci, settings)) > 1:
        raise UsageFault(
            Message("--ci, --settings and --fix cannot be used together"),
            Message("ask for one at a time"),
        )
    if ci:
        return report_ci(session)
    workspace = _workspace(session)
    if settings:
        return report_settings(session, workspace)
    around = Surroundings(invocation(), Path(sys.prefix), sys.stdout.encoding or "")
    if clear:
        clear_index(replace(session.workspace, indexed=True))
        session.console.note(Message("the index is cleared"))
        if not fix:
            return 0
    checks = examine(session.directory, workspace, around)
    if fix and workspace and workspace.repo:
        for repair in dict.fromkeys(check.repair for check in checks if check.repair):
            _repair(session, writing, repair)
        checks = examine(session.directory, workspace, around)
    if session.format == "json":
        session.console.write(_json(checks))
    else:
        session.console.show(_lines(session, checks))
    return int(any(check.state == "mend" for check in checks))


def may_register(session: Session, writing: Writing) -> bool:
    """Whether the user allows a change of Git's configuration in this clone."""
    return _may(session, writing, REGISTER)


REGISTER = Message("Let this clone merge records field by field (git config --local)?")
ATTRIBUTES = Message("Add the lines to .gitattributes, in a commit?")


def _may(session: Session, writing: Writing, question: Text) -> bool:
    if writing.dry_run:
        return False
    return writing.yes or (session.interactive and confirm(session.console, question))


def _repair(session: Session, writing: Writing, repair: str) -> None:
    """Repair one thing with the user's consent."""
    if not _may(session, writing, ATTRIBUTES if repair == "attributes" else REGISTER):
        if not session.interactive and not writing.dry_run:
            session.console.note(Message("cannot ask for confirmation: add -y"))
    elif repair == "attributes":
        add_attributes(session.workspace, writing.options(session, session.today))
    else:
        register(session.workspace.git, invocation())


def _workspace(session: Session) -> Workspace | None:
    """The registry, or None outside of one: then only the computer is checked."""
    try:
        find_root(session.directory)
    except StateFault:
        return None
    return session.workspace


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
            "message": check.message.in_(SOURCE),
            "hint": check.hint.in_(SOURCE) if check.hint else None,
            "fix": check.repair or None,
        }
        for check in checks
    ]
    sound = all(check.state != "mend" for check in checks)
    return json_text({"version": 1, "sound": sound, "checks": rows})
