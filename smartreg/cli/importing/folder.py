"""`import FOLDER`, `import WORKBOOK`: what became of each workbook that came back, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from smartreg.cli.session import Session
from smartreg.cli.writing import Writing, accept_interrupts, after_write, ask_to_write, nobody_confirms, outcome_json
from smartreg.commands.import_ import RefusedImport
from smartreg.commands.returns import REFUSED, ReturnedWorkbook, import_workbooks, write_refused
from smartreg.core.errors import Cancelled, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import SOURCE, Message, Text, joined, plural
from smartreg.core.styled import Span, line, visible
from smartreg.core.values import short_id
from smartreg.edit import WriteOptions
from smartreg.forms.import_summary import figures
from smartreg.importing.effects import join_first
from smartreg.importing.findings import by_cause
from smartreg.importing.options import ImportRequest, typed_options
from smartreg.wording.full import blocks
from smartreg.wording.log_report import according_to
from smartreg.wording.summing import count
from smartreg.workspace.locating import locator
from smartreg.workspace.output import Output, output


def import_returns(
    session: Session, writing: Writing, files: Sequence[Path], request: ImportRequest, options: WriteOptions
) -> int:
    """Import workbooks that lie in one folder. Exit code 1 if one cannot go in."""
    other = next((flag for flag, _ in typed_options(request, kept=True)), None)
    if other is not None or session.format == "csv":
        raise UsageFault(
            Message("{option} is not for workbooks that come back whole", option=other or "-f csv"),
            Message("import the one that needs it by itself: smartreg import KIND FILE"),
        )
    if options.confirm is not None and not session.interactive:
        raise nobody_confirms()
    refused = output(f"{files[0].parent / REFUSED}/", session.directory)
    done: list[ReturnedWorkbook] = []
    try:
        for returned in import_workbooks(session.workspace, files, request, options, lambda each: _ask(session, each)):
            done.append(returned)
            with after_write(session, written=returned.outcome is not None and returned.outcome.written):
                _report(session, writing, returned, refused)
            accept_interrupts()
    except (Cancelled, KeyboardInterrupt):
        if not any(each.outcome is not None and each.outcome.written for each in done):
            raise
        session.console.note(Message("stopped: what is listed above is in; run it again for the rest"))
        return Cancelled.exit_code
    if session.format == "json":
        session.console.write(json_text({"version": 1, "workbooks": [_json(each, writing) for each in done]}))
    else:
        session.console.show([line(Span(_summary(done, dry_run=writing.dry_run).in_(session.lang), "bold"))])
    return 1 if any(each.fault for each in done) else 0


def _ask(session: Session, returned: ReturnedWorkbook) -> bool:
    assert returned.outcome is not None
    return ask_to_write(session, returned.outcome, [line(text) for text in _lines(session, returned)])


def _report(session: Session, writing: Writing, returned: ReturnedWorkbook, refused: Output) -> None:
    """What became of one workbook; where it cannot go in also the files that say so to others."""
    written = write_refused(session.workspace, returned, refused) if not writing.dry_run else []
    if session.format == "json":
        return
    console, lang = session.console, session.lang
    if returned.fault is not None:
        console.show([line(Span(visible(returned.name), "name"), Span(f"  {_fault(returned).in_(lang)}", "error"))])
        if isinstance(returned.fault, RefusedImport):
            grave = [each for each in returned.fault.outcome.introduced if each.severity == "error"]
            shown = by_cause(grave, session.verbose)
            console.show(blocks(shown, locator(session.workspace.current), lang))
        elif returned.fault.hint is not None:
            console.show([line(Span(f"  {returned.fault.hint.in_(lang)}", "dim"))])
        if written:
            files = joined([path.as_posix() for path in written])
            console.show([line(Span(Message("  to send back: {files}", files=files).in_(lang), "dim"))])
        return
    first, *others = _lines(session, returned)
    console.show([line(Span(first, "name")), *map(line, others)])
    for note in _notes(returned):
        console.note(note)


def _fault(returned: ReturnedWorkbook) -> Text:
    if isinstance(returned.fault, RefusedImport):
        number = sum(each.severity == "error" for each in returned.fault.outcome.introduced)
        errors = plural("{n} error", "{n} errors", n=number)
        return Message("cannot go in: {errors}; nothing of it was written", errors=errors)
    return returned.fault.message if returned.fault is not None else Message("nothing to change")


def _lines(session: Session, returned: ReturnedWorkbook) -> Iterator[str]:
    """What it changes, and according to whom."""
    lang = session.lang
    if returned.before is not None:
        day = returned.before
        yield Message("{file}  came back on {day} already: skipped", file=visible(returned.name), day=day).in_(lang)
        return
    parts = [
        Message("{number} added", number=count(returned.count("added"))),
        Message("{number} changed", number=count(returned.count("changed"))),
        Message("{number} unchanged", number=count(returned.count("unchanged"))),
    ]
    outcome = returned.outcome
    mark = f"  ({short_id(outcome.commit)})" if outcome is not None and outcome.commit else ""
    yield f"{visible(returned.name)}  {joined(parts).in_(lang)}{mark}"
    unknown = Message("not in the list of those sent").in_(lang)
    yield f"  {according_to(returned.on_behalf_of, lang) if returned.on_behalf_of is not None else unknown}"


def _notes(returned: ReturnedWorkbook) -> Iterator[Text]:
    for result in returned.results.values():
        yield from result.notes
    if returned.missing:
        yield Message(
            "{file}: rows that are gone, their records stay as they are: {names}",
            file=returned.name,
            names=join_first(returned.missing),
        )


def _summary(done: list[ReturnedWorkbook], *, dry_run: bool) -> Text:
    inside = sum(each.outcome is not None for each in done)
    counts = {
        "inside": inside,
        "before": sum(each.before is not None for each in done),
        "refused": sum(each.fault is not None for each in done),
    }
    if dry_run:
        return Message("{inside} would go in, {before} came back before, {refused} cannot go in", **counts)
    return Message("{inside} imported, {before} came back before, {refused} cannot go in", **counts)


def _json(returned: ReturnedWorkbook, writing: Writing) -> dict[str, object]:
    fault = returned.fault
    about: dict[str, object] = {
        "file": returned.name,
        "on_behalf_of": returned.on_behalf_of,
        "came_back_before": returned.before,
        "fault": fault.message.in_(SOURCE) if fault is not None else None,
        "sheets": {name: figures(result, rows=writing.dry_run) for name, result in returned.results.items()},
    }
    outcome = returned.outcome or (fault.outcome if isinstance(fault, RefusedImport) else None)
    return {**about, **(outcome_json(outcome) if outcome is not None else {})}
