"""`deadlines`"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ci import cell_at
from smartreg.cli.options import At, t
from smartreg.cli.session import Session, with_session
from smartreg.core.escape import csv_text, json_text
from smartreg.core.messages import Message, verbatim
from smartreg.core.styled import Grid, Span, cells, line
from smartreg.core.typed import count, day
from smartreg.core.values import Json
from smartreg.domain.days import months_later
from smartreg.domain.deadlines import DECISIONS, Deadline, deadlines
from smartreg.wording.record_counts import count_by_kind

MONTHS = 6
COLUMNS = ("by", "decision", "convention", "end", "equipment", "networks", "flows")

Months: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--months",
        metavar="NUMBER",
        help=t("in how many months (default: {months})", months=MONTHS),
    ),
]
On: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="DATE",
        help=t("from this day on (default: today)"),
    ),
]


app = typer.Typer()


@app.command("deadlines")
@with_session(formats=("text", "json", "csv"))
def deadlines_command(session: Session, months: Months, on: On, at: At) -> int:
    first = day("--on", on) if on else session.today
    until = months_later(first, count("--months", months) if months is not None else MONTHS)
    due = deadlines(session.workspace.registry(at), first, until)
    if session.format == "json":
        rows = [deadline_json(deadline) for deadline in due]
        session.console.write(json_text({"version": 1, "from": str(first), "until": str(until), "deadlines": rows}))
    elif session.format == "csv":
        ids = [str(deadline.convention.rid) for deadline in due]
        text = csv_text(COLUMNS, [tuple(map(str, _row(deadline))) for deadline in due])
        session.console.write(text, place=cell_at(lambda row, _first: ids[row]))
    elif due:
        session.console.show([deadlines_grid(session, due)])
    else:
        nothing = Message("Nothing to decide by {until}.", until=until)
        session.console.show([line(nothing.in_(session.lang))])
    return 0


def deadlines_grid(session: Session, due: Iterable[Deadline]) -> Grid:
    """A line for each: by when, about which convention, what, and how much depends on it."""
    rows = []
    for deadline in due:
        depends = count_by_kind(deadline.records) or verbatim("")
        what = DECISIONS[deadline.decision].in_(session.lang)
        rest = f"→ {deadline.end}" if deadline.decision == "notice" else ""
        rows.append(
            cells(f"  {deadline.by}", deadline.convention.rid.id, what, rest, Span(depends.in_(session.lang), "dim"))
        )
    return Grid(rows)


def deadline_json(deadline: Deadline) -> dict[str, Json]:
    """A deadline for programs."""
    return dict(zip(COLUMNS, _row(deadline), strict=True))


def _row(deadline: Deadline) -> tuple[Json, ...]:
    """The cells of a deadline; days as ISO dates."""
    counts = (deadline.records[kind] for kind in ("equipment", "network", "flow"))
    return (deadline.by.isoformat(), deadline.decision, deadline.convention.rid.id, deadline.end.isoformat(), *counts)
