"""Which column fills which field, asked on a terminal when a sheet comes in for the first time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from smartreg.cli.ask import Choice, choose, text
from smartreg.cli.session import Session
from smartreg.commands.import_proposal import Open, Proposal, apply_answers, proposal, unknown_values
from smartreg.core.styled import Span, line, visible
from smartreg.core.values import Words
from smartreg.importers.mapping import ImportRequest
from smartreg.importers.sheet import short_name
from smartreg.importers.value_options import NOTHING, values_option
from smartreg.schema import ITEM, Kind

MANY = 40  # values that are asked about
SAMPLE = 30  # characters of a value that are shown


def with_answers(session: Session, kind: Kind, file: Path, request: ImportRequest) -> ImportRequest:
    """The request with the columns that somebody names; as it is where nothing is open, or nobody is there."""
    found = proposal(session.workspace, kind, file, request) if session.interactive else None
    if found is None:
        return request
    _introduce(session, found)
    chosen, left = {}, []
    for item in found.columns:
        name = text(session.console, _question(item), item.field, lambda answer: _judge(found, answer))
        if name and name != NOTHING:
            chosen[item.heading] = name
        elif item.field:
            left.append(item.heading)
    constants = {}
    for name in found.lacking(chosen):
        asked = Words(f"{name}, for every row", f"{name}, pour chaque ligne").in_(session.lang)
        value = text(session.console, asked, None, lambda answer, name=name: found.judge_value(name, answer))  # type: ignore[misc]
        if value:
            constants[name] = value
    ids = None
    if found.nameless(chosen):
        asked = Words("ids are made from the column", "identifiants tirés de la colonne").in_(session.lang)
        ids = text(session.console, asked, None, found.judge_column)
    return apply_answers(request, chosen | dict.fromkeys(left, NOTHING), constants, ids)


def with_values(session: Session, kind: Kind, file: Path, request: ImportRequest) -> ImportRequest:
    """The request with what somebody says the values mean that their fields do not allow, each asked once."""
    unknown = unknown_values(session.workspace, kind, file, request) if session.interactive else []
    said = []
    for one in unknown[:MANY]:
        asked = Words(
            f'{one.column} says "{one.value}" (rows: {one.rows}): which {one.field.name} is that?',
            f"{one.column} dit « {one.value} » (lignes : {one.rows}) : quel {one.field.name} est-ce ?",
        )
        labels = {str(item): words.in_(session.lang) for item, words in one.field.labels.items()}
        choices = [Choice(str(item), labels.get(str(item), "")) for item in one.field.enum]
        meant = choose(session.console, visible(asked.in_(session.lang)), choices, one.near)
        if meant:
            said.append(values_option(one.column, one.value, meant))
    return replace(request, values=(*request.values, *said))


def _judge(found: Proposal, answer: str) -> None:
    if answer != NOTHING:
        found.judge_field(answer)


def _introduce(session: Session, found: Proposal) -> None:
    names = ", ".join(field.name for field in found.kind.fields if ITEM not in field.path and field.kind != "object")
    told = Words(
        "Which field does each column fill? Enter takes what stands in brackets, - leaves the column out.",
        "Quel champ remplit chaque colonne ? Entrée prend ce qui est entre crochets, - laisse la colonne de côté.",
    )
    session.console.ask([line(told.in_(session.lang)), line(Span(names, "dim"))])


def _question(item: Open) -> str:
    sample = item.sample if len(item.sample) <= SAMPLE else f"{item.sample[:SAMPLE]}…"
    return visible(f"{short_name(item.heading)} ({sample})" if sample else short_name(item.heading))
