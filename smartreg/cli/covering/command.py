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
from smartreg.core.styled import Block, Grid, Line, Span, cells, line
from smartreg.core.typed import day
from smartreg.core.values import LANGUAGES, RecordId, Words
from smartreg.domain.coverage import Cover, State, Title
from smartreg.domain.kinds import is_network, is_party

On: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on", metavar="DATE", help=t("as of this day (default: today)", "ce jour-là ; aujourd'hui par défaut")
    ),
]
IfEnded: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--if-ended",
        metavar="CONVENTION",
        help=t(
            "show what would lose cover if this convention ended on that day",
            "ce qui ne serait plus couvert si cette convention prenait fin ce jour-là",
        ),
    ),
]
MACHINE = {"json": json_of, "markdown": markdown_of}
STYLES = {"covered": "added", "uncovered": "error", "unknown": "warning", "not_needed": "dim"}
COUNTED: dict[State, tuple[Words, Words]] = {
    "covered": (Words("covered", "couvert"), Words("covered", "couverts")),
    "uncovered": (Words("not covered", "non couvert"), Words("not covered", "non couverts")),
    "unknown": (Words("unknown", "indéterminé"), Words("unknown", "indéterminés")),
    "not_needed": (Words("needing none", "sans objet"), Words("needing none", "sans objet")),
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
    day = Words(f"on {found.on}", f"au {found.on}").in_(session.lang)
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
        own = Words(f"{id} is its owner's own: no convention is needed", f"{id} est à son propriétaire : sans objet")
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
    heading = (
        Words("Conventions", "Conventions")
        if is_party(found.record.rid)
        else Words("Conventions that open it to others", "Conventions qui l'ouvrent à d'autres")
    )
    yield line(Span(heading.in_(lang), "bold"))
    rows = []
    for title in found.opened:
        names = ", ".join(family(found.conventions, name).in_(lang) for name in title.families)
        why = "" if title.in_force(found.on) else f"  ({title.reason_not_in_force(found.on).in_(lang)})"
        rows.append(cells(f"  {title.id}", term(title).in_(lang), Span(f"{names}{why}", "dim")))
    yield Grid(rows)


def _summary(found: Coverage) -> Words:
    counts = Counter(cover.state(found.on) for cover in found.covers)
    if not counts:
        return Words(
            f"Nothing passes between parties here on {found.on}.", f"Rien ne passe ici entre parties au {found.on}."
        )
    parts = [(counts[state], names[counts[state] > 1]) for state, names in COUNTED.items() if counts[state]]
    en, fr = (", ".join(f"{count} {name.in_(lang)}" for count, name in parts) for lang in LANGUAGES)
    return Words(f"On {found.on}: {en}.", f"Au {found.on} : {fr}.")


def loss_lines(session: Session, found: Coverage) -> Iterator[Line]:
    """What loses cover from that day, by record, and what to do about each."""
    lang = session.lang
    for loss in found.losses:
        name = family(found.conventions, loss.cover.exchange.family).in_(lang)
        yield line(f"{loss.cover.record.rid}  ", Span(name, "bold"), f"  {describe_way(loss.cover).in_(lang)}")
        yield line("  ", Span(describe_loss(loss, found.on).in_(lang), "warning"))
    for network, users in _networks(found).items():
        count = count_by_kind({"equipment": len(users)}) or Words("", "")
        use = Words(f"used by {count.en} without cover", f"sans couverture pour {count.fr}")
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


def count_losses(found: Coverage) -> Words | None:
    """How many records of each kind lose cover, and on how many networks; None if none do."""
    records = {loss.cover.record.rid for loss in found.losses}
    return count_by_kind(Counter(rid.kind for rid in (*records, *_networks(found))))


def _if_ended(found: Coverage, title: Title) -> Words:
    count, on = count_losses(found), found.on
    if not title.in_force(on):
        why = title.reason_not_in_force(on)
        return Words(
            f"{title.id} {why.en}: on {on} nothing rests on it.", f"{title.id} {why.fr} : au {on} rien n'en dépend."
        )
    if count is None:
        return Words(
            f"If {title.id} ended on {on}, nothing would lose cover.",
            f"Si {title.id} prenait fin le {on}, rien ne perdrait sa couverture.",
        )
    return Words(
        f"If {title.id} ended on {on}, these would lose cover: {count.en}.",
        f"Si {title.id} prenait fin le {on}, ne seraient plus couverts : {count.fr}.",
    )
