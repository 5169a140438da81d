"""`verify FILE`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg import __version__
from smartreg.cli.options import offer, t
from smartreg.cli.progress import show_progress
from smartreg.cli.report import Conclusion, Deliveries, text_of
from smartreg.cli.session import Session, with_session
from smartreg.commands.verify import VerifiedExport, verify
from smartreg.core.escape import json_text
from smartreg.core.messages import Message, Text, joined, verbatim
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import short_id
from smartreg.importing.comparing import Difference
from smartreg.reporters.summing import count
from smartreg.tables.view import AUDIENCES

SHOWN = 50  # most differences shown to people
DIFFERS = 1

File: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="FILE", help=t("an exported file or a report")),
]
In: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--in",
        metavar="PACKAGE",
        help=t("the datapackage.json that came with it"),
        autocompletion=offer("files"),
    ),
]
AtCommit: TypeAlias = Annotated[
    str | None,
    typer.Option("--at", metavar="REV|DATE", help=t("the commit that it should match")),
]


app = typer.Typer()


@app.command("verify")
@with_session(formats=("text", "json"))
def verify_command(
    session: Session, file: File, package: In, conclusion: Conclusion, delivered: Deliveries, at: AtCommit
) -> int:
    given = {"conclusion": ("--conclusion", conclusion), "deliveries": ("--deliveries", delivered)}
    texts = {name: text_of(option, path) for name, (option, path) in given.items() if path}
    with show_progress(session, Message("exporting again")):
        verified = verify(session.workspace, Path(file), Path(package) if package else None, at, texts)
    if session.format == "json":
        session.console.write(json_text(_document(verified)))
    else:
        session.console.show(_lines(session, verified))
    return DIFFERS if verified.same == "no" else 0


def _document(verified: VerifiedExport) -> dict[str, object]:
    origin = verified.origin
    return {
        "version": 1,
        "file": verified.file,
        "format": verified.form,
        "same": verified.same,
        "commit": verified.commit,
        "reference_date": verified.day,
        "audience": origin.audience,
        "kinds": list(origin.kinds),
        "where": list(origin.where),
        "columns": list(origin.columns),
        **({"crs": origin.crs} if origin.crs else {}),
        **({"labels": origin.labels} if origin.labels else {}),
        "differences": [asdict(item) for item in verified.differences],
    }


def _lines(session: Session, verified: VerifiedExport) -> Iterator[Line]:
    lang = session.lang
    state = Message("commit {commit} ({day})", commit=short_id(verified.commit), day=verified.day)
    outcome, style = {
        "bytes": (
            Message("matches the registry at {state}, byte for byte", state=state),
            "added",
        ),
        "values": (
            Message("has the content of the registry at {state}; only its formatting differs", state=state),
            "added",
        ),
        "no": (
            Message("does not match the registry at {state}", state=state),
            "error",
        ),
    }[verified.same]
    yield line(Span(verified.file, "name"), " ", Span(outcome.in_(lang), style))
    chosen = _describe_choice(verified).in_(lang)
    if chosen:
        yield line(Span(chosen, "dim"))
    for item in verified.differences[:SHOWN]:
        yield from _difference(session, item)
    if len(verified.differences) > SHOWN:
        more = count(len(verified.differences) - SHOWN)
        yield line(Span(Message("… {more} more: --json", more=more).in_(lang), "dim"))
    made_by = dict(verified.origin.said).get("smartreg")
    if verified.same == "no" and isinstance(made_by, str) and made_by != __version__:
        other = Message(
            "made by smartreg {made_by}, checked by {version}: wording may differ for that reason alone",
            made_by=made_by,
            version=__version__,
        )
        yield line(Span(other.in_(lang), "warning"))


def _describe_choice(verified: VerifiedExport) -> Text:
    """The selection that it was made with, if any."""
    origin = verified.origin
    parts = [Message("for {audience}", audience=origin.audience)] if origin.audience != AUDIENCES[-1] else []
    listed = (
        (Message("kind: "), " ".join(origin.kinds)),
        (Message("where "), " ".join(origin.where)),
        (Message("columns: "), ", ".join(origin.columns)),
        (verbatim(""), origin.crs),
        (Message("labels: "), origin.labels),
    )
    parts += [Message("{name}{text}", name=name, text=text) for name, text in listed if text]
    return joined(parts, Message("; "))


def _difference(session: Session, item: Difference) -> Iterator[Line]:
    lang = session.lang
    row = Message("row {row}", row=item.row).in_(lang) if item.row is not None else ""
    place = " ".join(part for part in (item.table, row, item.key) if part)
    if item.what in ("cell", "origin"):
        nothing = Message("nothing").in_(lang)
        sides = (item.exported or nothing, item.present or nothing)
        what = Message("registry: {side}   file: {side2}", side=sides[0], side2=sides[1])
        yield line(f"  {place}  ", Span(item.column, "bold"), f"  {what.in_(lang)}")
        return
    what = _WHAT[item.what]
    yield line(f"  {place}  ", Span(f"{item.column}  " if item.column else "", "bold"), what.in_(lang))


_WHAT = {
    "row missing": Message("is missing in the file"),
    "row added": Message("the registry had no such row"),
    "column missing": Message("the column is missing in the file"),
    "column added": Message("the registry had no such column"),
    "table added": Message("the registry had no such table"),
    "content": Message(
        "differs from what the commit gives here; this format is compared byte for byte: another version may be why"
    ),
    "table missing": Message("the table is missing in the file"),
}
