"""`show RECORD`"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.options import At, RecordToPick, t
from smartreg.cli.picker import choose_record
from smartreg.cli.session import Session, with_session
from smartreg.cli.showing.parts import (
    convention_json,
    convention_lines,
    party_json,
    party_lines,
    places_json,
    places_lines,
)
from smartreg.commands.show import RecordView, show
from smartreg.core.escape import json_text
from smartreg.core.messages import SOURCE, Language, Message
from smartreg.core.styled import Block, Grid, GridRow, Line, Span, cells, line
from smartreg.core.typed import day
from smartreg.core.values import Json, path_text
from smartreg.schema import literal, unit_suffix
from smartreg.schema.cells import cell

Refs: TypeAlias = Annotated[
    bool,
    typer.Option("--refs", help=t("also show references to it and from it")),
]

On: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="YYYY-MM-DD",
        help=t("also show where it was, whose, or in force on this day"),
    ),
]


app = typer.Typer()


@app.command("show")
@with_session(formats=("text", "yaml", "json"), prefetch=True)
def show_command(session: Session, record: RecordToPick, refs: Refs, on: On, at: At) -> int:
    word, when = choose_record(session, record), day("--on", on) if on else None
    view = show(session.workspace, word, session.today, on=when, at=at, refs=refs, lang=session.lang)
    if session.format == "json":
        session.console.write(_json(view, refs))
    elif session.format == "yaml":
        session.console.write(session.workspace.tree(at).read(view.record.file))
    else:
        session.console.show(_lines(session, view, refs))
        if when is not None and at is None and view.places is None and view.convention is None:
            session.console.note(
                Message(
                    "--on changes nothing here: this is recorded today; --at {when} shows what was recorded then",
                    when=when,
                )
            )
    return 0


def _lines(session: Session, view: RecordView, refs: bool) -> Iterator[Block]:
    called = view.label if session.lang == SOURCE else f"{view.kind.title.in_(session.lang)} · {view.label}"
    yield line(Span(str(view.record.rid), "name"), f"  {called}")
    yield line(Span(view.record.file, "dim"))
    if view.convention is not None and view.read.data != view.record.data:
        yield line(Span(view.convention.reading.in_(session.lang), "dim"))
    yield ()
    yield Grid(list(_fields(view, session.lang)))
    if view.places is not None:
        yield from places_lines(session, view.places)
    if view.party is not None:
        yield from party_lines(session, view.party)
    if view.convention is not None:
        yield from convention_lines(session, view.kind, view.convention, refs)
    if refs:
        yield from _links(session, view)


def _fields(view: RecordView, lang: Language) -> Iterator[GridRow]:
    """A row for each value: its path, in French what the schema calls it, the value; then the place it derives."""
    paths = set()
    for path, field, value in view.values():
        paths.add(path)
        label = cell(view.kind, field, value, lang) if field and lang != SOURCE else ""
        unit = unit_suffix(value, field.unit).in_(lang) if field else ""
        extra = f"  {label}" if label and label != _text(value) else ""
        title = field.title.in_(lang) if field and lang != SOURCE else ""
        yield cells(path_text(path), Span(title, "dim"), line(_text(value), unit, Span(extra, "dim")))
    if view.place and ("location", "lon") not in paths:
        lon, lat = view.place
        yield cells("", "", Span(f"lat {lat:.5f}, lon {lon:.5f}", "dim"))


def _links(session: Session, view: RecordView) -> list[Line]:
    named, naming = Message("names"), Message("named by")
    lines: list[Line] = []
    for heading, rows in (
        (named, [(f"{'|'.join(link.kinds)}/{link.target}", path_text(link.path)) for link in view.names]),
        (naming, [(str(link.source), path_text(link.path)) for link in view.named_by]),
    ):
        lines += [(), line(Span(f"{heading.in_(session.lang)} ({len(rows)})", "bold"))]
        lines += [line(f"  {who}", Span(f"  {path}", "dim")) for who, path in rows]
    return lines


def _text(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value) or "[]"
    return value if isinstance(value, str) else literal(value)


def _json(view: RecordView, refs: bool) -> str:
    content: dict[str, Json] = {
        "version": 1,
        "record": str(view.record.rid),
        "file": view.record.file,
        "label": view.label,
        "place": {"lon": view.place[0], "lat": view.place[1]} if view.place else None,
        "data": view.record.data,
    }
    if view.places is not None:
        content["on"] = places_json(view.places)
    if view.party is not None and (view.party.predecessors or view.party.heirs):
        content["party"] = party_json(view.party)
    if view.convention is not None:
        content["convention"] = convention_json(view.convention)
    if refs:
        content["names"] = [
            {"path": path_text(link.path), "kinds": list(link.kinds), "id": link.target} for link in view.names
        ]
        content["named_by"] = [{"record": str(link.source), "path": path_text(link.path)} for link in view.named_by]
    return json_text(content)
