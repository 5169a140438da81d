"""The common part of `validate --fix` and `format`, and `format` itself: the texts as they would be, and what was
fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ask import confirm
from smartreg.cli.options import t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, after_write, attempt, finding_lines, json_of, report_outcome
from smartreg.commands.autofix import Fixed, FixSelection, fix, format_records
from smartreg.commands.validate import ValidateOptions, Verdict, validate
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message
from smartreg.core.styled import Line, Span, line, plain
from smartreg.core.values import path_text, short_id
from smartreg.edit import Outcome, WriteOptions
from smartreg.wording.secrets import SECRET
from smartreg.wording.unified_diff import pair_texts, secret_texts, unified_lines

ASKED = 100  # most lines of the diff before a question
FOR_PEOPLE = ("full", "concise", "grouped", "text")
MOST_SKIPPED = 10  # most skipped fixes that are named

Diff: TypeAlias = Annotated[bool, typer.Option("--diff", help=t("show the lines that would change"))]


def refuse_without_fix(
    fix: bool, writing: Writing, only_with: Mapping[str, bool], never_with: Mapping[str, bool]
) -> None:
    """UsageFault for what makes sense only with `--fix`, and for what it cannot fix."""
    given = {**only_with, "-n": writing.dry_run, "-y": writing.yes, "-m": bool(writing.message)}
    given |= {"--no-commit": writing.no_commit, "--trailer": bool(writing.trailers), "--allow": bool(writing.allowed)}
    for name in (name for name, there in given.items() if there and not fix):
        raise UsageFault(
            Message("{name} requires --fix", name=name),
            Message("validate alone writes nothing"),
        )
    for name in (name for name, there in never_with.items() if there and fix):
        raise UsageFault(
            Message("{name} and --fix cannot be used together", name=name),
            Message("--fix changes the files as they are now"),
        )


def apply_fixes(
    session: Session, verdict: Verdict, meant: FixSelection, options: WriteOptions, *, unsafe: bool
) -> Fixed:
    """Carry out the fixes."""
    options = with_question(session, options, secret_texts(verdict.findings, verdict.locate))
    with attempt(session), show_progress(session, Message("fixing")):
        return fix(session.workspace, verdict, meant, options, unsafe=unsafe)


def report_fixed(session: Session, verdict: Verdict, done: Fixed, form: str) -> None:
    """Report the result of the fixes, ahead of a report in the format `form`."""
    report(
        session, done.outcome, form, secret_texts(verdict.findings, verdict.locate), _fix_lines(session, verdict, done)
    )
    _report_left(session, done.left)


def with_question(session: Session, options: WriteOptions, secrets: Sequence[str]) -> WriteOptions:
    """The options, showing the texts themselves before the question: if only the formatting changes, no field does."""
    if options.confirm is None or not session.interactive:
        return options

    def ask(outcome: Outcome) -> bool:
        rows = diff_lines(session, outcome, secrets)
        session.console.ask(islice(rows, ASKED))
        rest = sum(1 for _ in rows)
        if rest:
            session.console.ask([line(Span(f"… {rest}", "dim"))])
        session.console.ask(finding_lines(session, outcome))
        return confirm(session.console, Message("Write this?"))

    return replace(options, confirm=ask)


def report(session: Session, outcome: Outcome, form: str, secrets: Sequence[str], preview: Sequence[Line] = ()) -> None:
    """The diff when nothing was written, else what was. Machines get their one object: of a dry run the changes, of
    a write what the command says of the registry afterwards."""
    planned = outcome.edit.writes and not outcome.written
    if form == "json" and planned:
        text = plain(diff_lines(session, outcome, secrets))
        session.console.write(json_of(outcome, {"files": files(outcome), "diff": text}))
    elif planned:
        session.console.show(diff_lines(session, outcome, secrets))
        session.console.show(preview)
        session.console.note(Message("dry run: nothing was written"))
    elif form in FOR_PEOPLE:
        report_outcome(session, outcome)
        session.console.show(preview)
    elif outcome.commit:
        short = short_id(outcome.commit)
        session.console.note(Message("fixed in commit {short}", short=short))


def files(outcome: Outcome) -> list[str]:
    """The present paths of the files that are written or removed."""
    return sorted({path for path, text in outcome.edit.writes.items() if path not in outcome.edit.moved.values()})


def diff_lines(session: Session, outcome: Outcome, secrets: Sequence[str]) -> Iterator[Line]:
    edit, tree = outcome.edit, session.workspace.current.tree
    before = dict(tree.read_many([path for path in files(outcome) if path in tree.files()]))
    return unified_lines(pair_texts(edit.writes, edit.moved, before), secrets)


def _fix_lines(session: Session, verdict: Verdict, done: Fixed) -> list[Line]:
    counts = Counter(finding.code for finding in done.fixed)
    rows = [(number, code, verdict.rules[code].title) for code, number in sorted(counts.items())]
    if done.formatted:
        form = Message("order, quotes, line ends, first line")
        rows.append((done.formatted, "format", form))
    return [line(Span(f"  {number} × {code}", "dim"), f"  {title.in_(session.lang)}") for number, code, title in rows]


def _report_left(session: Session, left: Sequence[Finding]) -> None:
    for finding in left[:MOST_SKIPPED]:
        place = f"{finding.where.file} {path_text(finding.where.path)}".rstrip()
        session.console.note(
            Message(
                "{place}: left as it is ({code}): its fix would cause another finding", place=place, code=finding.code
            )
        )
    if len(left) > MOST_SKIPPED:
        session.console.note(Message("… and {left} more", left=len(left) - MOST_SKIPPED))


Names: TypeAlias = Annotated[list[str], typer.Argument(metavar="PATH|RECORD", help=t("format only these"))]
Check: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--check",
        help=t("list the files that would change and exit with 1"),
    ),
]


app = typer.Typer()


@app.command("format")
@with_session(formats=FORMATS, recovers=True)
def format_command(session: Session, writing: Writing, names: Names, check: Check, diff: Diff) -> int:
    chosen = [session.from_root(name) for name in names]
    options = writing.options(session, session.today)
    options = replace(options, dry_run=options.dry_run or check or diff)
    shows = not check and (options.dry_run or session.interactive)
    secrets = _secrets(session, chosen) if shows else []
    options = with_question(session, options, secrets)
    with attempt(session), show_progress(session, Message("reading")):
        outcome = format_records(session.workspace, chosen, options)
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
