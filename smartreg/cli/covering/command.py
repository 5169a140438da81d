"""`coverage RECORD`"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ci import cell_at
from smartreg.cli.console import count_by_kind
from smartreg.cli.covering.report import (
    csv_of,
    describe_cover,
    describe_loss,
    describe_way,
    family,
    json_of,
    markdown_of,
    term,
)
from smartreg.cli.options import At, RecordToPick, t
from smartreg.cli.picker import choose_record
from smartreg.cli.session import Session, with_session
from smartreg.commands.coverage import Coverage, coverage
from smartreg.core.messages import LANGUAGES, Message, Text, Words, message_in, verbatim
from smartreg.core.styled import Block, Grid, Line, Span, cells, line
from smartreg.core.typed import day
from smartreg.core.values import RecordId
from smartreg.domain.coverage import Cover, State, Title
from smartreg.domain.kinds import is_network, is_party

On: TypeAlias = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help=t("as of this day (default: today)")),
]
IfEnded: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--if-ended",
        metavar="CONVENTION",
        help=t("show what would lose cover if this convention ended on that day"),
    ),
]
MACHINE = {"json": json_of, "markdown": markdown_of}
STYLES = {"covered": "added", "uncovered": "error", "unknown": "warning", "not_needed": "dim"}
COUNTED: dict[State, tuple[Text, Text]] = {
    "covered": (Message("covered"), message_in("command", "covered")),
    "uncovered": (Message("not covered"), message_in("command", "not covered")),
    "unknown": (Message("unknown"), message_in("command", "unknown")),
    "not_needed": (Message("needing none"), Message("needing none")),
}


app = typer.Typer()


@app.command("coverage")
@with_session(formats=("text", "json", "csv", "markdown"))
def coverage_command(session: Session, record: RecordToPick, on: On, if_ended: IfEnded, at: At) -> int:
    when = day("--on", on) if on else session.today
    word = choose_record(session, record)
    found = coverage(session.workspace, word, when, today=session.today, at=at, ending=if_ended, lang=session.lang)
    if session.format == "csv":
        session.console.write(csv_of(found), place=cell_at(lambda _row, record: record))
    elif session.format in MACHINE:
        session.console.write(MACHINE[session.format](found))
    else:
        session.console.show(_lines(session, found))
    if found.note is not None and session.format != "json":
        session.console.note(found.note)
    return 0


def _lines(session: Session, found: Coverage) -> Iterator[Block]:
    day = Message("on {on}", on=found.on).in_(session.lang)
    yield line(Span(str(found.record.rid), "name"), f"  {found.label}  ", Span(day, "dim"))
    yield ()
    if found.ending is not None:
        yield from loss_lines(session, found)
        yield line(_if_ended(found, found.ending).in_(session.lang))
        return
    for cover in found.covers:
        yield from _cover(session, found, cover)
    for item in found.own:
        name, id = family(found.conventions, item.family), item.through.rid
        own = Message("{id} is its owner's own: no convention is needed", id=id)
        yield line(Span(name.in_(session.lang), "bold"), f"  {own.in_(session.lang)}")
    yield from _convention_rows(session, found)
    yield line(_summary(found).in_(session.lang))


def _cover(session: Session, found: Coverage, cover: Cover) -> Iterator[Line]:
    lang = session.lang
    name = family(found.conventions, cover.exchange.family).in_(lang)
    other = "" if cover.record.rid == found.record.rid else f"{cover.record.rid}  "
    yield line(other, Span(name, "bold"), f"  {describe_way(cover).in_(lang)}")
    yield line("  ", Span(describe_cover(cover, found.on).in_(lang), STYLES[cover.state(found.on)]))


def _convention_rows(session: Session, found: Coverage) -> Iterator[Block]:
    if not found.opened:
        return
    lang = session.lang
    heading = Message("Conventions") if is_party(found.record.rid) else Message("Conventions that open it to others")
    yield line(Span(heading.in_(lang), "bold"))
    rows = []
    for title in found.opened:
        names = ", ".join(family(found.conventions, name).in_(lang) for name in title.families)
        why = "" if title.in_force(found.on) else f"  ({title.reason_not_in_force(found.on).in_(lang)})"
        rows.append(cells(f"  {title.id}", term(title).in_(lang), Span(f"{names}{why}", "dim")))
    yield Grid(rows)


def _summary(found: Coverage) -> Text:
    counts = Counter(cover.state(found.on) for cover in found.covers)
    if not counts:
        return Message("Nothing passes between parties here on {on}.", on=found.on)
    parts = [(counts[state], names[counts[state] > 1]) for state, names in COUNTED.items() if counts[state]]
    en, fr = (", ".join(f"{count} {name.in_(lang)}" for count, name in parts) for lang in LANGUAGES)
    return Message("On {on}: {detail}.", on=found.on, detail=Words(en, fr))


def loss_lines(session: Session, found: Coverage) -> Iterator[Line]:
    """What loses cover from that day, by record, and what to do about each."""
    lang = session.lang
    for loss in found.losses:
        name = family(found.conventions, loss.cover.exchange.family).in_(lang)
        yield line(f"{loss.cover.record.rid}  ", Span(name, "bold"), f"  {describe_way(loss.cover).in_(lang)}")
        yield line("  ", Span(describe_loss(loss, found.on).in_(lang), "warning"))
    for network, users in _networks(found).items():
        count = count_by_kind({"equipment": len(users)}) or verbatim("")
        use = Message("used by {count} without cover", count=count)
        yield line(
            f"{network}  ", Span(family(found.conventions, "connectivity").in_(lang), "bold"), f"  {use.in_(lang)}"
        )


def _networks(found: Coverage) -> dict[RecordId, set[RecordId]]:
    """The networks on which equipment loses cover, and that equipment."""
    users: dict[RecordId, set[RecordId]] = {}
    for loss in found.losses:
        through = loss.cover.exchange.through
        if through is not None and is_network(through.rid):
            users.setdefault(through.rid, set()).add(loss.cover.record.rid)
    return users


def count_losses(found: Coverage) -> Text | None:
    """How many records of each kind lose cover, and on how many networks; None if none do."""
    records = {loss.cover.record.rid for loss in found.losses}
    return count_by_kind(Counter(rid.kind for rid in (*records, *_networks(found))))


def _if_ended(found: Coverage, title: Title) -> Text:
    count, on = count_losses(found), found.on
    if not title.in_force(on):
        why = title.reason_not_in_force(on)
        return Message("{title} {why}: on {on} nothing rests on it.", title=title.id, why=why, on=on)
    if count is None:
        return Message("If {title} ended on {on}, nothing would lose cover.", title=title.id, on=on)
    return Message("If {title} ended on {on}, these would lose cover: {count}.", title=title.id, on=on, count=count)
