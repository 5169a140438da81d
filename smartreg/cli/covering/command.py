"""`coverage RECORD`, `coverage --uncovered`"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.ci import cell_at
from smartreg.cli.covering.report import (
    csv_of,
    json_of,
    json_of_uncovered,
    markdown_of,
    table_of,
    table_of_uncovered,
)
from smartreg.cli.options import At, RecordToPick, t
from smartreg.cli.picker import choose_record
from smartreg.cli.session import Session, with_session
from smartreg.commands.coverage import Coverage, Uncovered, coverage, uncovered
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, joined, plural, verbatim
from smartreg.core.styled import Block, Grid, Line, Span, cells, line
from smartreg.core.typed import day
from smartreg.core.values import RecordId
from smartreg.domain.covers import Cover, State
from smartreg.domain.kinds import is_network, is_party
from smartreg.domain.titles import Title
from smartreg.reporters.cover_wording import (
    count_uncovered,
    describe_cover,
    describe_loss,
    describe_own,
    describe_way,
    family,
    term,
)
from smartreg.wording.record_counts import count_by_kind

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
STYLES = {"covered": "added", "uncovered": "error", "unknown": "warning", "not_needed": "dim"}
_COUNTED: Mapping[State, Callable[[int], Text]] = {
    "covered": lambda n: plural("{n} covered", "{n} covered", n=n),
    "uncovered": lambda n: plural("{n} not covered", "{n} not covered", n=n),
    "unknown": lambda n: plural("{n} unknown", "{n} unknown", n=n),
    "not_needed": lambda n: plural("{n} needing none", "{n} needing none", n=n),
}


WithoutCover: TypeAlias = Annotated[
    bool,
    typer.Option("--uncovered", help=t("show everything that no convention covers on that day")),
]


app = typer.Typer()


@app.command("coverage")
@with_session(formats=("text", "json", "csv", "markdown"))
def coverage_command(
    session: Session, record: RecordToPick, on: On, if_ended: IfEnded, without: WithoutCover, at: At
) -> int:
    when = day("--on", on) if on else session.today
    result: Coverage | Uncovered
    if without:
        if record is not None or if_ended is not None:
            raise UsageFault(Message("--uncovered is about all records"), verbatim("smartreg coverage --uncovered"))
        result = uncovered(session.workspace, when, today=session.today, at=at)
        json, table, lines = json_of_uncovered(result), table_of_uncovered(result), _uncovered_lines(session, result)
    else:
        word = choose_record(session, record)
        result = coverage(session.workspace, word, when, today=session.today, at=at, ending=if_ended, lang=session.lang)
        json, table, lines = json_of(result), table_of(result), _lines(session, result)
    if session.format == "csv":
        session.console.write(csv_of(table), place=cell_at(lambda _row, record: record))
    elif session.format == "json":
        session.console.write(json)
    elif session.format == "markdown":
        session.console.write(markdown_of(table))
    else:
        session.console.show(lines)
    if result.note is not None and session.format != "json":
        session.console.note(result.note)
    return 0


def _uncovered_lines(session: Session, result: Uncovered) -> Iterator[Block]:
    for cover in result.covers:
        name = family(result.conventions, cover.exchange.family).in_(session.lang)
        way = describe_way(cover).in_(session.lang)
        yield line(Span(str(cover.record.rid), "name"), "  ", Span(name, "bold"), f"  {way}")
        yield line("  ", Span(describe_cover(cover, result.on).in_(session.lang), STYLES["uncovered"]))
    yield line(count_uncovered(result.covers, result.on).in_(session.lang))


def _lines(session: Session, result: Coverage) -> Iterator[Block]:
    day = Message("on {on}", on=result.on).in_(session.lang)
    yield line(Span(str(result.record.rid), "name"), f"  {result.label}  ", Span(day, "dim"))
    yield ()
    if result.ending is not None:
        yield from loss_lines(session, result)
        yield line(_if_ended(result, result.ending).in_(session.lang))
        return
    for cover in result.covers:
        yield from _cover(session, result, cover)
    for item in result.own:
        name = family(result.conventions, item.family)
        yield line(Span(name.in_(session.lang), "bold"), f"  {describe_own(item).in_(session.lang)}")
    yield from _convention_rows(session, result)
    yield line(_summary(result).in_(session.lang))


def _cover(session: Session, result: Coverage, cover: Cover) -> Iterator[Line]:
    lang = session.lang
    name = family(result.conventions, cover.exchange.family).in_(lang)
    other = "" if cover.record.rid == result.record.rid else f"{cover.record.rid}  "
    yield line(other, Span(name, "bold"), f"  {describe_way(cover).in_(lang)}")
    yield line("  ", Span(describe_cover(cover, result.on).in_(lang), STYLES[cover.state(result.on)]))


def _convention_rows(session: Session, result: Coverage) -> Iterator[Block]:
    if not result.opened:
        return
    lang = session.lang
    heading = Message("Conventions") if is_party(result.record.rid) else Message("Conventions that open it to others")
    yield line(Span(heading.in_(lang), "bold"))
    rows = []
    for title in result.opened:
        names = ", ".join(family(result.conventions, name).in_(lang) for name in title.families)
        why = "" if title.in_force(result.on) else f"  ({title.reason_not_in_force(result.on).in_(lang)})"
        rows.append(cells(f"  {title.id}", term(title).in_(lang), Span(f"{names}{why}", "dim")))
    yield Grid(rows)


def _summary(result: Coverage) -> Text:
    if not result.covers:
        return Message("No exchange between parties here on {on}.", on=result.on)
    counts = Counter(cover.state(result.on) for cover in result.covers)
    counts["not_needed"] += len(result.own)
    parts = [say(counts[state]) for state, say in _COUNTED.items() if counts[state]]
    return Message("On {on}: {counts}.", on=result.on, counts=joined(parts))


def loss_lines(session: Session, result: Coverage) -> Iterator[Line]:
    """Print what loses cover from that day, by record, and what to do about each."""
    lang = session.lang
    for loss in result.losses:
        name = family(result.conventions, loss.cover.exchange.family).in_(lang)
        yield line(f"{loss.cover.record.rid}  ", Span(name, "bold"), f"  {describe_way(loss.cover).in_(lang)}")
        yield line("  ", Span(describe_loss(loss, result.on).in_(lang), "warning"))
    for network, users in _networks(result).items():
        count = count_by_kind({"equipment": len(users)}) or verbatim("")
        use = Message("used by {count} without cover", count=count)
        yield line(
            f"{network}  ", Span(family(result.conventions, "connectivity").in_(lang), "bold"), f"  {use.in_(lang)}"
        )


def _networks(result: Coverage) -> dict[RecordId, set[RecordId]]:
    """The networks on which equipment loses cover, and that equipment."""
    users: dict[RecordId, set[RecordId]] = {}
    for loss in result.losses:
        through = loss.cover.exchange.through
        if through is not None and is_network(through.rid):
            users.setdefault(through.rid, set()).add(loss.cover.record.rid)
    return users


def count_losses(result: Coverage) -> Text | None:
    """The number of records of each kind that lose cover, and on how many networks; None if none do."""
    records = {loss.cover.record.rid for loss in result.losses}
    return count_by_kind(Counter(rid.kind for rid in (*records, *_networks(result))))


def _if_ended(result: Coverage, title: Title) -> Text:
    count, on = count_losses(result), result.on
    if not title.in_force(on):
        why = title.reason_not_in_force(on)
        return Message("{title} {why}: on {on} nothing rests on it.", title=title.id, why=why, on=on)
    if count is None:
        return Message("If {title} ended on {on}, nothing would lose cover.", title=title.id, on=on)
    return Message("If {title} ended on {on}, these would lose cover: {count}.", title=title.id, on=on, count=count)
