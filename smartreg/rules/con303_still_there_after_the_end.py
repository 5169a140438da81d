"""Equipment still on another party's support after its convention ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import Titles, exchanges_reached, nearest, titles
from smartreg.domain.exchanges import PAST, Exchange, describe_installation, exchanges_over_time, severity_of
from smartreg.domain.fields import in_service, text
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


@rule(
    "CON303",
    "error",
    "registry",
    Message("still in place after the convention"),
    kinds=("equipment",),
    touches=exchanges_reached,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        for exchange in exchanges_over_time(registry, record) if in_service(registry, record) else ():
            if exchange.family != "installation" or (exchange.start is not None and exchange.start > context.on):
                continue
            last = min(exchange.until or context.on, context.on)
            periods = _titles_counted(conventions, record, exchange, last)
            if any(period.in_force(last) for period in periods):
                continue
            ended = [period for period in periods if period.has_ended(last)]
            if ended and all(period.overdue_after is not None and period.overdue_after < last for period in ended):
                current = [period for period in conventions.find_covering(exchange) if period.in_force(last)]
                yield _overdue_removal(record, exchange, nearest(ended, last), current[0].id if current else None, last)


def _titles_counted(conventions: Titles, record: Record, exchange: Exchange, on: date) -> list[Title]:
    """The conventions that count; for days before the one named today began, those of that time."""
    periods = conventions.find_applicable(record, exchange)
    if exchange.earlier and all(period.start is not None and period.start > on for period in periods):
        return conventions.through_time(record, exchange)
    return periods


def _overdue_removal(record: Record, exchange: Exchange, convention: Title, current: str | None, on: date) -> Fault:
    standing, removal_by = convention.reason_not_in_force(on), convention.removal_by
    if removal_by is not None:
        lapsed = Message(
            "convention {convention} {standing}; the equipment should have been removed by {removal_by}",
            convention=convention.id,
            standing=standing,
            removal_by=removal_by,
        )
    else:
        lapsed = Message(
            "convention {convention} {standing}, and gives no time for removal; the equipment is still there without a "
            "title, {days} days later",
            convention=convention.id,
            standing=standing,
            days=(on - convention.last).days if convention.last is not None else 0,
        )
    message = lapsed
    if exchange.earlier or exchange.start_path != ("installed_on",):
        message = Message("on {support}: {lapsed}", support=describe_installation(exchange), lapsed=lapsed)
    return Fault(
        at(record, *exchange.path),
        message,
        PAST if exchange.earlier else _advice(record, convention, current),
        (Related(at(convention.record, *convention.end_field), Message("its end")),),
        severity_of(exchange),
    )


def _advice(record: Record, convention: Title, current: str | None) -> Text:
    id = record.rid.id
    if current is not None:
        return Message(
            "name {current}, which covers it: smartreg set {id} convention={current}, or retire the equipment "
            "(smartreg retire {id})",
            current=current,
            id=id,
        )
    if text(record, "convention") == convention.id:
        return Message(
            "record the convention that follows (smartreg add-convention) and name it (smartreg set {id} "
            "convention=ID), or retire the equipment (smartreg retire {id})",
            id=id,
        )
    return Message(
        "record the convention that follows (smartreg add-convention), or retire the equipment (smartreg retire {id})",
        id=id,
    )
