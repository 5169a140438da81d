"""Equipment on another party's network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Fault, Snapshot, at
from smartreg.domain.conventions import nearest, titles
from smartreg.domain.exchanges import Exchange, exchanges_on, exchanges_over_time
from smartreg.domain.fields import AT_WORK, text
from smartreg.domain.gaps import gap_of


def connections(registry: Snapshot, subjects: Iterable[Record], on: date) -> Iterator[tuple[Record, Exchange, Record]]:
    """The subjects that on the day belong neither to the operator nor to the owner of their network, each with the
    network."""
    for record in subjects:
        for exchange in exchanges_on(registry, record, on):
            if exchange.family == "connectivity" and exchange.through is not None:
                yield record, exchange, exchange.through


def check_uncovered(registry: Snapshot, subjects: Iterable[Record], on: date) -> Iterator[Fault]:
    """A fault for each that uses a network, unless commercial, without a convention in force with their owner of that
    day."""
    conventions = titles(registry)
    for record in subjects:
        used = text(record, "status") in AT_WORK
        for exchange in exchanges_over_time(registry, record) if used else ():
            network = exchange.through
            if exchange.family != "connectivity" or network is None or not exchange.holds(on):
                continue
            covered = any(period.in_force(on) for period in conventions.find_applicable(record, exchange))
            if not covered and text(network, "access") != "commercial":
                yield _uncovered_connection(registry, record, exchange, network, on)


def _uncovered_connection(registry: Snapshot, record: Record, exchange: Exchange, network: Record, on: date) -> Fault:
    id, operator, user = network.rid.id, exchange.partners[0], exchange.user
    message = Message(
        '{id} is operated by {operator}; {user} uses it without a convention covering "connectivity"',
        id=id,
        operator=operator,
        user=user,
    )
    hint = Message(
        "record or renew the convention, or set access of the network to commercial if it is a paid subscription"
    )
    related: tuple[Related, ...] = ()
    periods = titles(registry).find_applicable(record, exchange)
    gap = None if periods else gap_of(registry, exchange, on=on)
    if periods:
        lapsed = nearest(periods, on)
        standing = lapsed.reason_not_in_force(on)
        message = Message(
            "{id} is operated by {operator}; {user} uses it, but convention {lapsed} {standing}",
            id=id,
            operator=operator,
            user=user,
            lapsed=lapsed.id,
            standing=standing,
        )
        related = (Related(at(lapsed.record, "status"), Message("the convention")),)
    elif gap is not None:
        hint = Message("{why}; {hint}", why=gap.why, hint=gap.hint)
        related = (Related(at(gap.title.record, "families"), Message("the convention")),)
    return Fault(
        at(record, "network"),
        message,
        hint,
        related,
    )
