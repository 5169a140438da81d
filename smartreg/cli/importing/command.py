"""`import KIND FILE`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from smartreg.cli.answers import keep_answers
from smartreg.cli.importing.folder import import_returns
from smartreg.cli.importing.options import File, KindOf, option_annotations, read_request
from smartreg.cli.importing.questions import with_answers, with_values
from smartreg.cli.importing.summary import figures, findings_csv, rows_csv, summary
from smartreg.cli.options import Reason
from smartreg.cli.progress import show_progress
from smartreg.cli.session import RunOptions, Session, session_command
from smartreg.cli.writing import (
    ASKED,
    FORMATS,
    Writing,
    after_write,
    ask_to_write,
    attempt,
    json_of,
    nobody_confirms,
    report_outcome,
)
from smartreg.commands.import_ import import_records
from smartreg.commands.locating import locator
from smartreg.commands.returns import workbooks_in
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import short_id
from smartreg.edit import Outcome
from smartreg.importing.effects import Imported, join_first
from smartreg.importing.findings import by_cause
from smartreg.importing.mapping import Source
from smartreg.importing.options import typed_options
from smartreg.importing.readers.formats import VECTORS, WORKBOOKS
from smartreg.reporters.full import blocks

app = typer.Typer()


def import_command(
    session: Session, writing: Writing, kind: str, file: str | None, reason: str | None, **typed: Any
) -> int:
    """The command; `typed`: the options that `ImportRequest` declares. A folder of workbooks stands alone."""
    request = read_request(typed)
    options = writing.options(session, session.today, reason)
    if file is None and Path(kind).is_dir() and workbooks_in(Path(kind)):
        return import_returns(session, writing, Path(kind), request, options)
    if file is None:
        raise UsageFault(
            Message("a kind and a file are needed, or a folder of workbooks"),
            Message("smartreg import support supports.csv, or smartreg import workbooks/"),
        )
    found, preset = session.workspace.current.schemas.kind_or_preset(kind)
    request = replace(request, word=kind, preset=preset)
    typed_before = list(typed_options(request))
    request = with_values(session, found, Path(file), with_answers(session, found, Path(file), request))
    answered = [option for option in typed_options(request) if option not in typed_before]
    progress = show_progress(session, Message("importing"))
    with keep_answers(session, answered), progress, attempt(session, _show_refusal):
        done = import_records(session.workspace, found, Path(file), request, options, lambda plan: _ask(session, plan))
    with after_write(session, done.outcome.written):
        if session.format == "json":
            session.console.write(json_of(done.outcome, figures(done, rows=writing.dry_run)))
            return 0
        if session.format == "csv":
            session.console.write(rows_csv(done))
            return 0
        report_outcome(session, _by_cause(session, done), None if session.verbose else ASKED)
        session.console.show(_lines(session, done))
    if request.missing_rows == "list":
        session.console.show([line(id) for id in done.missing])
    for note in (*done.notes, *_describe_gone(done)):
        session.console.note(note)
    return 0


app.command("import")(
    session_command(
        import_command,
        {"writing": Writing, "kind": KindOf, "file": File, **option_annotations(), "reason": Reason},
        RunOptions((*FORMATS, "csv"), writes=True, prefetch=True),
    )
)


def _show_refusal(session: Session, outcome: Outcome) -> None:
    """Why rows were refused, by cause (all of it with -v), or row by row in CSV and JSON."""
    if session.format == "json":
        session.console.write(json_of(outcome))
    elif session.format == "csv":
        session.console.write(findings_csv(outcome.introduced, session.lang))
    else:
        grave = [finding for finding in outcome.introduced if finding.severity == "error"]
        shown = by_cause(grave, session.verbose)
        session.console.show(blocks(shown, locator(session.workspace.current), session.lang))


def _ask(session: Session, plan: Imported) -> bool:
    if not session.interactive:
        raise nobody_confirms()
    return ask_to_write(session, _by_cause(session, plan), _lines(session, plan))


def _by_cause(session: Session, done: Imported) -> Outcome:
    """The outcome with one finding for each cause; all of them with -v."""
    return replace(done.outcome, introduced=by_cause(done.outcome.introduced, session.verbose))


def _lines(session: Session, done: Imported) -> list[Line]:
    lang = session.lang
    lines = [line(text.in_(lang)) for text in summary(done)]
    lines.append(line(Span(_read_as(done.source).in_(lang), "dim")))
    if done.ignored:
        ignored = ", ".join(done.ignored)
        left = Message("columns not used: {ignored}", ignored=ignored)
        lines.append(line(Span(left.in_(lang), "dim")))
    if done.base is not None:
        commit = short_id(done.base)
        since = Message("edits since its export at commit {commit}", commit=commit)
        lines.append(line(Span(since.in_(lang), "dim")))
    elif done.outcome.written or done.mapped_by is not None:
        by = f" ({done.mapped_by.in_(lang)})" if done.mapped_by is not None else ""
        kept = Message("mapping: {mapping}{by}", mapping=done.mapping, by=by)
        lines.append(line(Span(kept.in_(lang), "dim")))
    return lines


def _describe_gone(done: Imported) -> Iterator[Text]:
    """The records whose rows are gone and were not retired: they stay as they are."""
    left = [effect.id for effect in done.effects if effect.action == "gone"]
    if left:
        names = join_first(left)
        yield Message(
            "no longer in the sheet, and kept as they are: {names}; --missing-rows list names all of them, "
            "--missing-rows retire --on DAY ends their life",
            names=names,
        )


def _read_as(source: Source) -> Text:
    """The detected form of the sheet."""
    if source.form in WORKBOOKS:
        if source.decimal == ",":
            return Message("read as: workbook, sheet {sheet}, decimal comma", sheet=source.sheet)
        return Message("read as: workbook, sheet {sheet}", sheet=source.sheet)
    if source.form in VECTORS:
        parts = ", ".join(filter(None, (VECTORS[source.form], source.encoding, source.sheet and f"“{source.sheet}”")))
        return Message("read as: {parts}", parts=parts)
    if source.form != "csv":
        return Message("read as: {form}", form=source.form)
    sign = "TAB" if source.delimiter == "\t" else source.delimiter
    if source.decimal == ",":
        return Message("read as: {encoding}, separator {sign}, decimal comma", encoding=source.encoding, sign=sign)
    return Message("read as: {encoding}, separator {sign}, decimal point", encoding=source.encoding, sign=sign)
