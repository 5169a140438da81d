"""`status`"""

from __future__ import annotations

import typer

from smartreg.cli.deadlines import deadline_json, deadlines_grid
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.commands.status import RegistryStatus, status
from smartreg.core.escape import json_text
from smartreg.core.messages import Language, Message, joined, plural
from smartreg.core.styled import Block, Grid, Line, Span, cells, line, visible
from smartreg.core.values import short_id
from smartreg.reporters.log_report import moment_text
from smartreg.reporters.log_subjects import subject_of

SHOWN = 10
SIGNS = {"added": "+", "removed": "-", "changed": "~", "retired": "-", "unreadable": "!"}


app = typer.Typer()


@app.command("status")
@with_session(formats=("text", "json"), prefetch=True)
def status_command(session: Session) -> int:
    with show_progress(session, Message("reading the registry")):
        found = status(session.workspace, on=session.today)
    if session.format == "json":
        session.console.write(_json(found))
    else:
        session.console.show(_lines(session, found))
    return 0


def _lines(session: Session, found: RegistryStatus) -> list[Block]:
    branch = found.branch or (Message("detached HEAD").in_(session.lang) if found.head else "")
    lines: list[Block] = [line(Span(found.name, "name"), Span(f"  {branch}" if branch else "", "dim"))]
    if found.under_way:
        lines.append(line(Span(found.under_way.in_(session.lang), "warning")))
        lines += _conflicts(session, found)
    lines.append(())
    lines.append(_counts(session, found))
    lines += [*_changes(found, session.lang), *_recent(session, found), *_notices(session, found)]
    lines += _ends(session, found)
    errors, warnings, infos = (found.findings.get(word, 0) for word in ("error", "warning", "info"))
    style = "error" if errors else "warning" if warnings else "added"
    counts = [
        plural("{n} error", "{n} errors", n=errors),
        plural("{n} warning", "{n} warnings", n=warnings),
        plural("{n} note", "{n} notes", n=infos),
    ]
    text = joined(counts).in_(session.lang)
    more = Span("  smartreg validate", "dim")
    return [*lines, (), line(Span(text, style), *([more] if errors or warnings else []))]


def _conflicts(session: Session, found: RegistryStatus) -> list[Line]:
    """The files for which Git waits."""
    more = len(found.conflicts) - SHOWN
    rows = [line(Span(f"  ! {visible(file)}", "error")) for file in found.conflicts[:SHOWN]]
    words = Message("in conflict").in_(session.lang)
    head = [
        line(
            Span(
                Message("{words}: {conflicts}", words=words, conflicts=len(found.conflicts)).in_(session.lang),
                "bold",
            )
        )
    ]
    return [*head, *rows, *([line(Span(f"  … {more}", "dim"))] if more > 0 else [])] if rows else []


def _counts(session: Session, found: RegistryStatus) -> Grid:
    """How many records of each kind; in other languages also the name of the kind, besides the word that commands
    take."""
    if session.lang == "en":
        return Grid([cells(f"  {kind}", str(number)) for kind, number in found.counts.items()], right=(1,))
    kinds = session.workspace.current.schemas.kinds
    return Grid(
        [
            cells(f"  {kinds[kind].plural.in_(session.lang)}", str(number), Span(kind, "dim"))
            for kind, number in found.counts.items()
        ],
        right=(1,),
    )


def _changes(found: RegistryStatus, lang: Language) -> list[Line]:
    if not found.changes and not found.files:
        if found.under_way:  # a merge is committed when it is over
            return []
        return [(), line(Message("Everything is committed.").in_(lang))] if found.head else []
    count = len(found.changes) + len(found.files)
    head = Message("Not committed: {count}", count=count).in_(lang)
    unread = Span(Message("  cannot be read").in_(lang), "dim")
    rows = [
        line(f"  {SIGNS[change.kind]} {change.rid}", *([unread] if change.kind == "unreadable" else []))
        for change in found.changes[:SHOWN]
    ]
    rows += [line(f"  ~ {visible(file)}") for file in found.files[: max(0, SHOWN - len(rows))]]
    more = [line(Span(f"  … {count - SHOWN}  smartreg diff", "dim"))] if count > SHOWN else []
    return [(), line(Span(head, "bold")), *rows, *more]


def _recent(session: Session, found: RegistryStatus) -> list[Block]:
    if not found.recent:
        return []
    heading = Message("Last commits").in_(session.lang)
    kinds = session.workspace.current.schemas.kinds
    rows = [
        cells(
            f"  {moment_text(item.date, session.lang)}",
            subject_of(item, kinds, session.lang),
            Span(short_id(item.oid), "dim"),
        )
        for item in found.recent
    ]
    return [(), line(Span(heading, "bold")), Grid(rows)]


def _notices(session: Session, found: RegistryStatus) -> list[Block]:
    """The days by which notice must be given, lest a convention be renewed."""
    if not found.notices:
        return []
    heading = Message("Renewed unless notice is given by")
    rows = [cells(f"  {one.by}", one.convention, Span(f"→ {one.end}", "dim")) for one in found.notices[:SHOWN]]
    return [(), line(Span(heading.in_(session.lang), "bold")), Grid(rows)]


def _ends(session: Session, found: RegistryStatus) -> list[Block]:
    """The conventions that end, and the equipment to remove, within the notice period."""
    if not found.ends:
        return []
    heading = Message("To decide soon").in_(session.lang)
    more = Span("  smartreg deadlines", "dim")
    return [(), line(Span(heading, "bold"), more), deadlines_grid(session, found.ends[:SHOWN])]


def _json(found: RegistryStatus) -> str:
    content = {
        "version": 1,
        "name": found.name,
        "branch": found.branch,
        "commit": found.head,
        "under_way": found.under_way.en if found.under_way else None,
        "conflicts": list(found.conflicts),
        "records": dict(found.counts),
        "changes": [{"record": str(change.rid), "kind": change.kind} for change in found.changes],
        "files": list(found.files),
        "recent": [
            {"commit": item.oid, "date": item.date.isoformat() if item.date else None, "subject": item.subject}
            for item in found.recent
        ],
        "findings": dict(found.findings),
        "notices": [
            {"convention": one.convention, "by": one.by.isoformat(), "end": one.end.isoformat()}
            for one in found.notices
        ],
        "ends": [deadline_json(one) for one in found.ends],
    }
    return json_text(content)
