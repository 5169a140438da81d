"""`format [PATH|RECORD…]`"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, TypeAlias

from smartreg.cli.fixing import Diff, asking, files, report
from smartreg.cli.parameters import Argument, Option, command
from smartreg.cli.progress import working
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, after_write, attempted, json_of
from smartreg.commands.format_ import format_records
from smartreg.commands.validate import ValidateOptions, validate
from smartreg.core.styled import line
from smartreg.core.values import Words
from smartreg.edit import Outcome
from smartreg.reporters.secrets import SECRET
from smartreg.reporters.unified_diff import secret_texts

Names: TypeAlias = Annotated[
    list[str],
    Argument("PATH|RECORD", Words("only these", "seulement ceux-ci"), required=False, completes="record"),
]
Check: TypeAlias = Annotated[
    bool,
    Option(
        ("--check",),
        Words("list the files that would change, exit 1", "lister les fichiers à mettre en forme, sortie 1"),
    ),
]


def run(session: Session, writing: Writing, names: Names, check: Check, diff: Diff) -> int:
    chosen = [session.from_root(name) for name in names]
    options = writing.options(session, session.today)
    options = replace(options, dry_run=options.dry_run or check or diff)
    shows = not check and (options.dry_run or session.interactive)
    secrets = _secrets(session, chosen) if shows else []
    options = asking(session, options, secrets)

    def work() -> Outcome:
        with working(session, Words("reading", "lecture")):
            return format_records(session.workspace, chosen, options)

    outcome = attempted(session, work)
    with after_write(session, outcome.written):
        if check and session.format == "json":
            session.console.write(json_of(outcome, {"files": files(outcome)}))
        elif check:
            session.console.show(line(file) for file in files(outcome))
        elif session.format == "json" and (outcome.written or not outcome.edit.writes):
            session.console.write(json_of(outcome))
        else:
            report(session, outcome, session.format, secrets)
    return int(options.dry_run and bool(outcome.edit.writes))


def _secrets(session: Session, names: list[str]) -> list[str]:
    verdict = validate(session.workspace, ValidateOptions(session.today, names, select=[SECRET]))
    return secret_texts(verdict.findings, verdict.locate)


COMMAND = command(run, writes=True, formats=FORMATS)
