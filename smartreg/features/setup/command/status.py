"""`status`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from smartreg.cli.deadlines import deadline_json, deadlines_grid
from smartreg.cli.options import t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.commands.workbooks import workbook_states
from smartreg.core.escape import json_text
from smartreg.core.messages import SOURCE, Language, Message, Text, joined, plural
from smartreg.core.styled import Block, Grid, Line, Span, cells, line, visible
from smartreg.core.values import short_id
from smartreg.features.setup.status import RegistryStatus, status
from smartreg.wording.log_report import moment_text
from smartreg.wording.log_subjects import subject_of

SHOWN = 10
SIGNS = {"added": "+", "removed": "-", "changed": "~", "retired": "-", "unreadable": "!"}


Returns: TypeAlias = Annotated[
    bool, typer.Option("--returns", help=t("show the workbooks that went out, and which came back"))
]


app = typer.Typer()


@app.command("status")
@with_session(formats=("text", "json"), prefetch=True)
def status_command(session: Session, returns: Returns) -> int:
    if returns:
        return _show_workbooks(session)
    with show_progress(session, Message("reading the registry")):
        state = status(session.workspace, on=session.today)
    if session.format == "json":
        session.console.write(_json(state))
    else:
        session.console.show(_lines(session, state))
    return 0


def _show_workbooks(session: Session) -> int:
    states = list(workbook_states(session.workspace.current))
    if session.format == "json":
        session.console.write(json_text({"version": 1, "workbooks": [state._asdict() for state in states]}))
        return 0
    if not states:
        session.console.show([line(Message("No workbook went out.").in_(session.lang))])
        session.console.note(Message("send some: smartreg export --each commune -o workbooks/"))
        return 0
    lang = session.lang
    open_, unsent = Message("not back yet").in_(lang), Message("not in the list of those sent").in_(lang)
    rows = [
        cells(
            f"  {visible(state.file)}",
            state.name,
            Message("sent {day}", day=state.sent).in_(lang) if state.sent else Span(unsent, "warning"),
            Span(Message("back {day}", day=state.returned).in_(lang), "added") if state.returned else open_,
        )
        for state in states
    ]
    back = sum(state.returned is not None for state in states)
    head = Message("Workbooks: {back} of {total} came back", back=back, total=len(states))
    session.console.show([line(Span(head.in_(lang), "bold")), Grid(rows)])
    return 0


def _lines(session: Session, state: RegistryStatus) -> list[Block]:
    branch = state.branch or (Message("detached HEAD").in_(session.lang) if state.head else "")
    lines: list[Block] = [line(Span(state.name, "name"), Span(f"  {branch}" if branch else "", "dim"))]
    if state.under_way:
        lines += _under_way(session, state, state.under_way)
    lines.append(())
    lines.append(_counts(session, state))
    lines += [*_changes(state, session.lang), *_recent(session, state), *_notices(session, state)]
    lines += _ends(session, state)
    errors, warnings, infos = (state.findings.get(word, 0) for word in ("error", "warning", "info"))
    style = "error" if errors else "warning" if warnings else "added"
    counts = [
        plural("{n} error", "{n} errors", n=errors),
        plural("{n} warning", "{n} warnings", n=warnings),
        plural("{n} note", "{n} notes", n=infos),
    ]
    text = joined(counts).in_(session.lang)
    more = Span("  smartreg validate", "dim")
    return [*lines, (), line(Span(text, style), *([more] if errors or warnings else []))]


def _under_way(session: Session, state: RegistryStatus, under_way: Text) -> list[Line]:
    """What Git is in the middle of, and the files for which it waits."""
    if state.conflicts:
        count = len(state.conflicts)
        under_way = plural(
            "{under_way}, {n} conflict: smartreg resolve",
            "{under_way}, {n} conflicts: smartreg resolve",
            n=count,
            under_way=under_way,
        )
    more = len(state.conflicts) - SHOWN
    rows = [line(Span(f"  ! {visible(file)}", "error")) for file in state.conflicts[:SHOWN]]
    rows += [line(Span(f"  … {more}", "dim"))] if more > 0 else []
    return [line(Span(under_way.in_(session.lang), "warning")), *rows]


def _counts(session: Session, state: RegistryStatus) -> Grid:
    """The number of records of each kind; in other languages also the name of the kind, besides the word that commands
    take."""
    if session.lang == "en":
        return Grid([cells(f"  {kind}", str(number)) for kind, number in state.counts.items()], right=(1,))
    kinds = session.workspace.current.schemas.kinds
    return Grid(
        [
            cells(f"  {kinds[kind].plural.in_(session.lang)}", str(number), Span(kind, "dim"))
            for kind, number in state.counts.items()
        ],
        right=(1,),
    )


def _changes(state: RegistryStatus, lang: Language) -> list[Line]:
    changes = [each for each in state.changes if not (each.record and each.record.file in state.conflicts)]
    if not changes and not state.files:
        if state.under_way:  # a merge is committed when it is over
            return []
        return [(), line(Message("Everything is committed.").in_(lang))] if state.head else []
    count = len(changes) + len(state.files)
    head = Message("Not committed: {count}", count=count).in_(lang)
    unread = Span(Message("  cannot be read").in_(lang), "dim")
    rows = [
        line(f"  {SIGNS[change.kind]} {change.rid}", *([unread] if change.kind == "unreadable" else []))
        for change in changes[:SHOWN]
    ]
    rows += [line(f"  ~ {visible(file)}") for file in state.files[: max(0, SHOWN - len(rows))]]
    more = [line(Span(f"  … {count - SHOWN}  smartreg diff", "dim"))] if count > SHOWN else []
    return [(), line(Span(head, "bold")), *rows, *more]


def _recent(session: Session, state: RegistryStatus) -> list[Block]:
    if not state.recent:
        return []
    heading = Message("Last commits (times: {zone})", zone=str(session.zone)).in_(session.lang)
    kinds = session.workspace.current.schemas.kinds
    rows = [
        cells(
            f"  {moment_text(item.date, session.lang, session.zone)}",
            subject_of(item, kinds, session.lang),
            Span(short_id(item.oid), "dim"),
        )
        for item in state.recent
    ]
    return [(), line(Span(heading, "bold")), Grid(rows)]


def _notices(session: Session, state: RegistryStatus) -> list[Block]:
    """The days by which notice must be given, lest a convention be renewed."""
    if not state.notices:
        return []
    heading = Message("Renewed unless notice is given by")
    rows = [
        cells(f"  {notice.by}", notice.convention, Span(f"→ {notice.end}", "dim")) for notice in state.notices[:SHOWN]
    ]
    return [(), line(Span(heading.in_(session.lang), "bold")), Grid(rows)]


def _ends(session: Session, state: RegistryStatus) -> list[Block]:
    """The conventions that end, and the equipment to remove, within the notice period."""
    if not state.ends:
        return []
    heading = Message("To decide soon").in_(session.lang)
    more = Span("  smartreg deadlines", "dim")
    return [(), line(Span(heading, "bold"), more), deadlines_grid(session, state.ends[:SHOWN])]


def _json(state: RegistryStatus) -> str:
    content = {
        "version": 1,
        "name": state.name,
        "branch": state.branch,
        "commit": state.head,
        "under_way": state.under_way.in_(SOURCE) if state.under_way else None,
        "conflicts": list(state.conflicts),
        "records": dict(state.counts),
        "changes": [{"record": str(change.rid), "kind": change.kind} for change in state.changes],
        "files": list(state.files),
        "recent": [
            {"commit": item.oid, "date": item.date.isoformat() if item.date else None, "subject": item.subject}
            for item in state.recent
        ],
        "findings": dict(state.findings),
        "notices": [
            {"convention": each.convention, "by": each.by.isoformat(), "end": each.end.isoformat()}
            for each in state.notices
        ],
        "ends": [deadline_json(each) for each in state.ends],
    }
    return json_text(content)
