"""`resolve [RECORD [FIELD]] --ours|--theirs|--value V`; on a terminal without a side, each conflict is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, TypeAlias

import typer

from smartreg.asking.choices import SHOWN
from smartreg.cli.options import offer, t
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, after_write, hint_staging, json_of, report_outcome, report_write
from smartreg.core.errors import UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import Message, Text, first_few
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Json
from smartreg.diff import ABSENT, FieldChange, place_text
from smartreg.edit import Outcome, WriteOptions
from smartreg.edit.merge import Choice
from smartreg.features.merge.command.conflicts import settle_by_questions
from smartreg.features.merge.conflicts import brief_value, describe_delete_modify
from smartreg.features.merge.rename_in_merge import rename_one_side
from smartreg.features.merge.resolve import (
    Conflict,
    DeleteModifyConflict,
    Resolution,
    SideChoice,
    conflict_of,
    decide,
    fields_named,
    files_in_conflict,
    find_delete_modify,
    merger_for,
    resolve,
    settle,
    settle_whole,
    side_names,
    value_for,
)
from smartreg.registry import keep_both
from smartreg.wording.full import blocks
from smartreg.workspace.locating import locator

LEFT = 1
MOST_ERRORS = 3

Record: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="RECORD",
        help=t("kind/id, id or path (on a terminal, default: all in conflict)"),
        autocompletion=offer("records_in_conflict"),
    ),
]
Field: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="FIELD", help=t("a field (default: all in conflict)")),
]
Ours: TypeAlias = Annotated[
    bool,
    typer.Option("--ours", help=t("take the value of the current branch (in a rebase: of the one yours goes on)")),
]
Theirs: TypeAlias = Annotated[
    bool,
    typer.Option("--theirs", help=t("take the value of the branch being merged (in a rebase: your own)")),
]
Value: TypeAlias = Annotated[str | None, typer.Option("--value", metavar="VALUE", help=t("set another value"))]


app = typer.Typer()


@app.command("resolve")
@with_session(formats=FORMATS, recovers=True)
def resolve_command(
    session: Session, writing: Writing, record: Record, field: Field, ours: Ours, theirs: Theirs, value: Value
) -> int:
    if ours + theirs + (value is not None) > 1:
        raise UsageFault(
            Message("--ours, --theirs and --value cannot be used together"),
            Message("give one of them"),
        )
    choice: Choice | None = "ours" if ours else "theirs" if theirs else None
    asks = choice is None and value is None and session.interactive and session.format != "json"
    if record is None:
        if not asks:
            raise _record_missing(session)
        return _ask(session, writing, files_in_conflict(session.workspace), None)
    if value is not None and field is None:
        raise UsageFault(
            Message("--value needs a field"),
            Message("smartreg resolve {record} FIELD --value …", record=record),
        )
    word = session.from_root(record)
    deleted = find_delete_modify(session.workspace, word)
    if deleted is not None and field is not None:
        raise UsageFault(
            Message("{deleted} was deleted on one branch: it is kept or deleted as a whole", deleted=deleted.rid),
            _whole_or_not(deleted),
        )
    if asks:
        return _ask(session, writing, [word], field)
    if deleted is not None:
        return _decide(session, writing, deleted, choice)
    return _settle(session, writing, conflict_of(session.workspace, word), field, choice, value)


def _record_missing(session: Session) -> UsageFault:
    """UsageFault that names the records in conflict."""
    files = files_in_conflict(session.workspace)
    if not files:
        return UsageFault(
            Message("no record is in conflict"),
            Message("smartreg validate shows what else is wrong"),
        )
    listed = first_few(files, SHOWN)
    return UsageFault(
        Message("name a record, or run smartreg resolve in a terminal, without --ours or --theirs"),
        Message("in conflict: {listed}", listed=listed),
    )


def _ask(session: Session, writing: Writing, words: Sequence[str], field: str | None) -> int:
    """Settle the conflicts of these records by questions."""
    if not words:
        session.console.show([line(Message("No record is in conflict.").in_(session.lang))])
        return 0
    options = writing.options(session, session.today)
    settled = settle_by_questions(session, words, field, asks=options.confirm is not None)
    if not any(settled):
        session.console.show([line(Message("Nothing to change.").in_(session.lang))])
        return LEFT
    options = replace(options, confirm=None)
    if settled.records:
        _write(session, settled.records, options)
    for conflict, new_id in settled.renamed:  # one after another, with the references as they are by then
        session = replace(session, asked=None)
        outcome = rename_one_side(session.workspace, conflict, new_id, options)
        report_write(session, outcome)
        hint_staging(session, outcome.edit.writes)
    return 0


def _settle(
    session: Session, writing: Writing, conflict: Conflict, field: str | None, choice: Choice | None, value: str | None
) -> int:
    """Settle a record, or one field of it, as the options say; without any, what merges by itself."""
    fields = fields_named(conflict, field) if field is not None else []
    if choice is None and value is None and not conflict.settling.agrees:
        return _show(session, conflict, fields or conflict.settling.fields)
    options = writing.options(session, session.today)
    merger = merger_for(session.workspace, conflict.settling)
    if value is not None and field is not None:
        settled = settle(conflict, [value_for(session.workspace, conflict, field, value)], merger)
    elif fields:
        settled = settle(conflict, [SideChoice(change, choice) for change in fields], merger)
    else:
        settled = settle_whole(conflict, choice or "ours")
    return _write(session, [settled], options)


def _write(session: Session, settled: Sequence[Resolution], options: WriteOptions) -> int:
    outcome = resolve(session.workspace, settled, options)
    with after_write(session, outcome.written):
        _report(session, outcome, settled)
    return 0


def _decide(session: Session, writing: Writing, conflict: DeleteModifyConflict, choice: Choice | None) -> int:
    """Show, or settle, that one branch deleted the record and the other changed it."""
    facts: dict[str, Json] = {"file": conflict.file, "changed_by": conflict.changed_by}
    if choice is None:
        if session.format == "json":
            content = {"version": 1, "record": str(conflict.rid), **facts, "conflicts": []}
            session.console.write(json_text(content))
            return LEFT
        session.console.show([line(describe_delete_modify(session.workspace, conflict).in_(session.lang))])
        session.console.hint(_whole_or_not(conflict))
        return LEFT
    settled = decide(session.workspace, conflict, choice)
    outcome = resolve(session.workspace, [settled], writing.options(session, session.today))
    with after_write(session, outcome.written):
        if session.format == "json":
            session.console.write(json_of(outcome, {**facts, "left": []}))
            return 0
        if outcome.edit.writes:
            report_outcome(session, outcome)
    if outcome.written or not outcome.edit.writes:
        stays = settled.text is not None
        session.console.hint(
            Message("{file} stays. Then: git add {file}", file=conflict.file)
            if stays
            else Message("{file} is gone. Then: git add {file}", file=conflict.file)
        )
    return 0


def _whole_or_not(conflict: DeleteModifyConflict) -> Text:
    keep, delete = ("--ours", "--theirs") if conflict.changed_by == "ours" else ("--theirs", "--ours")
    command = f"smartreg resolve {conflict.rid}"
    return Message(
        "keep it: {command} {keep}; or delete it: {command} {delete}", command=command, keep=keep, delete=delete
    )


def _show(session: Session, conflict: Conflict, fields: Sequence[FieldChange]) -> int:
    """Show what conflicts, and how to resolve it."""
    if session.format == "json":
        rows = [
            {"field": place_text(change.path), "ours": _json(change.before), "theirs": _json(change.after)}
            for change in fields
        ]
        content = {
            "version": 1,
            "record": str(conflict.rid),
            "file": conflict.file,
            "two_records": list(conflict.apart),
            "conflicts": rows,
        }
        session.console.write(json_text(content))
        return LEFT
    ours, theirs = side_names(session.workspace, conflict.file, conflict.settling.labels)
    headings = (
        Message("field").in_(session.lang),
        f"--ours ({ours.in_(session.lang)})",
        f"--theirs ({theirs.in_(session.lang)})",
    )
    rows_of_text = [
        (place_text(change.path), brief_value(change.before), brief_value(change.after)) for change in fields
    ]
    session.console.table(headings, rows_of_text)
    first = f" {place_text(fields[0].path)}" if fields else ""
    if conflict.apart:
        session.console.note(Message("two records under one id: {apart} differ", apart=", ".join(conflict.apart)))
        session.console.hint(keep_both(conflict.rid, conflict.apart[0]))
        return LEFT
    session.console.hint(
        Message(
            "smartreg resolve {conflict}{first} --ours, --theirs or --value VALUE", conflict=conflict.rid, first=first
        )
    )
    return LEFT


def _json(value: Json) -> Json:
    return None if value is ABSENT else value


def _report(session: Session, outcome: Outcome, settled: Sequence[Resolution]) -> None:
    """Report what was written, and what stays in conflict or what to do next."""
    left = [(resolution, place_text(change.path)) for resolution in settled for change in resolution.left]
    if session.format == "json":
        session.console.write(json_of(outcome, {"file": settled[0].file, "left": [name for _, name in left]}))
        return
    report_outcome(session, outcome)
    if not left:
        session.console.ask(_errors(session, outcome))
    if not outcome.written and outcome.edit.writes:
        return
    if left:
        listed = ", ".join(name if len(settled) == 1 else f"{resolution.rid} {name}" for resolution, name in left)
        session.console.hint(Message("Still in conflict: {listed}", listed=listed))
    elif any(resolution.in_merge for resolution in settled):
        hint_staging(session, {resolution.file: resolution.text for resolution in settled})


def _errors(session: Session, outcome: Outcome) -> list[Line]:
    """The first few errors of the records, now that they can be read."""
    errors = [finding for finding in outcome.introduced if finding.severity == "error"]
    if not errors:
        return []
    after = session.workspace.current.with_writes(outcome.edit.writes)
    more = len(errors) - MOST_ERRORS
    rest = Message("… and {more} more errors", more=more).in_(session.lang)
    return [
        *blocks(errors[:MOST_ERRORS], locator(after), session.lang),
        *([line(Span(rest, "dim"))] if more > 0 else []),
    ]
