"""Equipment on the network of another party."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Fault, Snapshot, at
from smartreg.domain.conventions import nearest, titles
from smartreg.domain.exchanges import Exchange, exchanges_on, exchanges_over_time
from smartreg.domain.fields import text
from smartreg.domain.gaps import gap_of

CONNECTED = frozenset({"installed", "active", "faulty"})
"""States in which equipment uses its network."""


def connections(registry: Snapshot, subjects: Iterable[Record], on: date) -> Iterator[tuple[Record, Exchange, Record]]:
    """The subjects that on the day belong neither to the operator nor to the owner of their network, with it."""
    for record in subjects:
        for exchange in exchanges_on(registry, record, on):
            if exchange.family == "connectivity" and exchange.through is not None:
                yield record, exchange, exchange.through


def check_uncovered(registry: Snapshot, subjects: Iterable[Record], on: date) -> Iterator[Fault]:
    """Those that use a network, not a commercial one, without a convention of their owner of the day in force."""
    conventions = titles(registry)
    for record in subjects:
        used = text(record, "status") in CONNECTED
        for exchange in exchanges_over_time(registry, record) if used else ():
            network = exchange.through
            if exchange.family != "connectivity" or network is None or not exchange.holds(on):
                continue
            covered = any(one.in_force(on) for one in conventions.find_applicable(record, exchange))
            if not covered and text(network, "access") != "commercial":
                yield _fault(registry, record, exchange, network, on)


def on_network(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The record itself, or the equipment that uses a network."""
    if record.rid.kind == "network":
        yield from (link.source for link in registry.links_to(record.rid) if link.path == ("network",))
    else:
        yield record.rid


def _fault(registry: Snapshot, record: Record, exchange: Exchange, network: Record, on: date) -> Fault:
    id, operator, user = network.rid.id, exchange.partners[0], exchange.user
    en, fr = ' without a convention covering "connectivity"', " sans convention couvrant la connectivité (connectivity)"
    hint = Words(
        "record or renew the convention, or set access of the network to commercial if it is a paid subscription",
        "saisissez ou renouvelez la convention, ou mettez access du réseau à commercial si c'est un abonnement",
    )
    related: tuple[Related, ...] = ()
    found = titles(registry).find_applicable(record, exchange)
    gap = None if found else gap_of(registry, exchange, on=on)
    if found:
        lapsed = nearest(found, on)
        standing = lapsed.reason_not_in_force(on)
        en, fr = f", but convention {lapsed.id} {standing.en}", f", mais la convention {lapsed.id} {standing.fr}"
        related = (Related(at(lapsed.record, "status"), Words("the convention", "la convention")),)
    elif gap is not None:
        hint = Words(f"{gap.why.en}; {gap.hint.en}", f"{gap.why.fr} ; {gap.hint.fr}")
        related = (Related(at(gap.title.record, "families"), Words("the convention", "la convention")),)
    return Fault(
        at(record, "network"),
        Words(
            f"{id} is operated by {operator}; {user} uses it{en}",
            f"{id} est exploité par {operator} ; {user} l'utilise{fr}",
        ),
        hint,
        related,
    )
