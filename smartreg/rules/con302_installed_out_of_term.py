"""Equipment installed on a day when its convention was not in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import exchanges_reached, find_later_title, nearest, titles
from smartreg.domain.exchanges import Exchange, describe_installation, exchanges_over_time, severity_of
from smartreg.domain.fields import in_service
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


@rule(
    "CON302",
    "error",
    "registry",
    Message("installed outside the term of the convention"),
    kinds=("equipment",),
    touches=exchanges_reached,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        for exchange in exchanges_over_time(registry, record) if in_service(registry, record) else ():
            start = exchange.start
            if exchange.family != "installation" or start is None or start > context.on:
                continue
            periods = conventions.through_time(record, exchange)
            in_time = any(period.in_force(start) for period in periods) or find_later_title(periods, start)
            if periods and not in_time:
                yield _out_of_term(record, exchange, start, nearest(periods, start))


def _out_of_term(record: Record, exchange: Exchange, start: date, convention: Title) -> Fault:
    standing = convention.reason_not_in_force(start)
    if exchange.earlier or exchange.start_path != ("installed_on",):
        support = describe_installation(exchange)
        message = Message(
            "on {support}, but convention {convention} {standing}",
            support=support,
            convention=convention.id,
            standing=standing,
        )
    else:
        message = Message(
            "installed on {start}, but convention {convention} {standing}",
            start=start,
            convention=convention.id,
            standing=standing,
        )
    return Fault(
        at(record, *exchange.start_path),
        message,
        Message("correct the date, or record the earlier title as a convention"),
        (Related(at(convention.record, *_reason(convention, start)), Message("the convention")),),
        severity_of(exchange),
    )


def _reason(convention: Title, installed: date) -> KeyPath:
    """The field that says why it was not in force."""
    if not convention.signed:
        return ("status",)
    if convention.has_ended(installed):
        return convention.end_field
    return ("effective_from",) if "effective_from" in convention.terms else ("signed_on",)
