"""Exchanges between parties: the objects of a convention, by family.

Installation: equipment of one party on a support of another. Connectivity: equipment of one party on a network of
another. Data: a flow from one party to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import product
from typing import NamedTuple

from smartreg.core.findings import Severity
from smartreg.core.messages import Message, Text
from smartreg.core.values import KeyPath, Link, Record, RecordId
from smartreg.domain.checks import Snapshot, derive
from smartreg.domain.days import day, latest_installation, lies_between
from smartreg.domain.fields import has_ended, record_named_by, text, texts
from smartreg.domain.placements import (
    OWNERS,
    PLACEMENTS,
    Ownership,
    Placement,
    earlier_placements,
    owners_of,
    present_placement,
)
from smartreg.domain.successions import Holding, successions

NAMING_HOSTS = frozenset({"owner", "operator", OWNERS})

PAST = Message(
    "record the convention of that time (smartreg add-convention), correct a day that was typed wrongly, or waive it"
)
"""Advice about equipment that was on a support without cover and is no longer there."""


class Exchange(NamedTuple):
    """One object: its family, the field that makes it one, who uses and who provides, and through which support or
    network.

    `user` owns the equipment, or produces the data. Any one of `partners` can be the other party: the owner of the
    support; the operator of the network, or its owner where that is another; a consumer.

    `start` and `until`: its first and last day (None: not known; not ended). `earlier`: whether equipment has moved, or
    it or the support changed hands, since. `path`: where the record names the support or the owner of those days;
    `start_path`: where it gives the first day.
    """

    family: str
    field: str
    user: str
    partners: tuple[str, ...]
    through: Record | None = None
    start: date | None = None
    until: date | None = None
    earlier: bool = False
    path: KeyPath = ()
    start_path: KeyPath = ()

    def holds(self, on: date) -> bool:
        """Whether the day lies between its first and its last."""
        return lies_between(on, self.start, self.until)


def exchanges(registry: Snapshot, record: Record) -> tuple[Exchange, ...]:
    """The exchanges between parties through this equipment or flow; nothing if its life has ended."""
    if has_ended(registry, record):
        return ()
    over_time = exchanges_over_time(registry, record)
    for exchange in over_time:
        if exchange.earlier:
            return tuple(exchange for exchange in over_time if not exchange.earlier)
    return over_time


def exchanges_on(registry: Snapshot, record: Record, on: date) -> tuple[Exchange, ...]:
    """The exchanges between parties through this equipment or flow, with the support and owners of a day; the future
    ones, if it is not installed by then. Nothing if its life has ended."""
    installed = latest_installation(record)
    if installed is None or installed > on or has_ended(registry, record):
        return exchanges(registry, record)
    return tuple(exchange for exchange in exchanges_over_time(registry, record) if exchange.holds(on))


def exchanges_over_time(registry: Snapshot, record: Record) -> tuple[Exchange, ...]:
    """The exchanges through this equipment or flow, even if its life has ended, including those on earlier supports and
    under earlier owners."""
    if record.rid.kind == "equipment":
        by_file = derive(registry, _of_files)
        if record.file not in by_file:
            by_file[record.file] = tuple(_of_equipment(registry, record))
        return by_file[record.file]
    return tuple(_of_flow(registry, record)) if record.rid.kind == "flow" else ()


def describe_installation(exchange: Exchange) -> Text:
    """The support and the days of an installation: `support pole-1 of istres from 2024-03-11 to 2024-08-31`."""
    id, host = exchange.through.rid.id if exchange.through else "", exchange.partners[0]
    start, until = exchange.start, exchange.until
    if until:
        return Message("support {id} of {host} from {start} to {until}", id=id, host=host, start=start, until=until)
    return Message("support {id} of {host} since {start}", id=id, host=host, start=start)


def severity_of(exchange: Exchange) -> Severity | None:
    """A warning for past exchanges, so that equipment can be moved to where it may be; otherwise the rule's
    severity."""
    return "warning" if exchange.earlier else None


def providers(network: Record) -> tuple[str, ...]:
    """The parties that can let others use a network, as its record names them: its operator, and its owner if
    different."""
    parties = (text(network, "operator"), text(network, "owner"))
    return tuple(dict.fromkeys(party for party in parties if party is not None))


def providers_over_time(registry: Snapshot, network: Record) -> Iterator[tuple[tuple[str, ...], Holding]]:
    """The parties that can let others use a network, from one succession of its operator or owner to the next."""
    held = [tuple(successions(registry).holdings(party)) for party in providers(network)]
    for holdings in product(*held) if held else ():
        days = overlap(holdings)
        if days is not None:
            yield tuple(dict.fromkeys(holding.party for holding in holdings)), Holding("", *days)


def between(registry: Snapshot, parties: Iterable[str]) -> Iterator[Exchange]:
    """The exchanges in which these parties take part."""
    for rid in objects(registry, parties):
        record = registry.get(rid)
        if record is not None:
            yield from exchanges(registry, record)


def objects(registry: Snapshot, parties: Iterable[str]) -> Iterator[RecordId]:
    """The equipment and flows that may form an exchange with these parties, or with those whose place they took or who
    took theirs; some of them twice."""
    for party in successions(registry).kin(parties):
        for link in registry.links_to(RecordId("party", party)):
            yield from _objects(registry, link)


def _of_files(_registry: Snapshot) -> dict[str, tuple[Exchange, ...]]:
    """The exchanges of equipment, by file: a dozen rules need them."""
    return {}


def _of_equipment(registry: Snapshot, record: Record) -> Iterator[Exchange]:
    owners, present = owners_of(registry, record), present_placement(record)
    for place in (*earlier_placements(record), *((present._replace(until=None),) if present else ())):
        support = registry.get(RecordId("support", place.support)) if place.support else None
        if support is not None:
            yield from _on_support(record, owners, place, (support, owners_of(registry, support)))
    network = record_named_by(registry, record, "network", "network")
    if network is not None:
        yield from _on_network(registry, record, owners, network)


def _providers(registry: Snapshot, network: Record) -> Sequence[tuple[tuple[str, ...], Holding]]:
    """`providers_over_time`, once for all equipment of a network."""
    by_file = derive(registry, _providers_of_files)
    if network.file not in by_file:
        by_file[network.file] = tuple(providers_over_time(registry, network))
    return by_file[network.file]


def _providers_of_files(_registry: Snapshot) -> dict[str, Sequence[tuple[tuple[str, ...], Holding]]]:
    """The providers of networks over time, by file."""
    return {}


def _on_support(
    record: Record, owners: tuple[Ownership, ...], place: Placement, host: tuple[Record, tuple[Ownership, ...]]
) -> Iterator[Exchange]:
    """One exchange for each owner of the equipment and each owner of the support, in their days."""
    (support, hosts), present = host, place.path == ("support",)
    for owner, host_owner in product(owners, hosts):
        if owner.owner == host_owner.owner:
            continue
        earlier = not present or owner.until is not None or host_owner.until is not None
        days = _overlap(place, owner, host_owner)
        if earlier and not days:
            continue
        start, until = days or (place.start, None)
        path: KeyPath = ("support",)
        if not present:
            path = (*place.path, "support")
        elif owner.until is not None:
            path = owner.path
        start_path = path
        before = owners[owners.index(owner) - 1]
        if start == place.start:
            start_path = _start_path(record, place)
        elif start == owner.start and before.path[0] == OWNERS:
            start_path = (*before.path[:-1], "until")
        exchange = Exchange("installation", "support", owner.owner, (host_owner.owner,), support)
        yield exchange._replace(start=start, until=until, earlier=earlier, path=path, start_path=start_path)


def _on_network(
    registry: Snapshot, record: Record, owners: tuple[Ownership, ...], network: Record
) -> Iterator[Exchange]:
    """One exchange for each owner of the equipment, in their days: no record gives earlier owners of a network, only
    successions of parties change them."""
    path: KeyPath = ("network",)
    use = Placement(None, None, day(record, "installed_on"), None, None, path)
    for owner, (partners, period) in product(owners, _providers(registry, network)):
        if owner.owner in partners:
            continue
        earlier = owner.until is not None or period.until is not None
        days = _overlap(use, owner, period)
        if days or not earlier:
            start, until = days or (use.start, None)
            exchange = Exchange("connectivity", "network", owner.owner, partners, network)
            yield exchange._replace(start=start, until=until, earlier=earlier, path=path)


def _overlap(place: Placement, *others: Ownership | Holding) -> tuple[date, date | None] | None:
    """The first and last day that these periods have in common; None if there is none, or the day of installation is
    unknown."""
    if place.start is None:
        return None
    start, until = overlap((place, *others)) or (None, None)
    return None if start is None else (start, until)


def overlap(periods: Iterable[Placement | Ownership | Holding]) -> tuple[date | None, date | None] | None:
    """The first and last day that periods have in common (None: from the beginning, still); None if there is no such
    day."""
    ranges = list(periods)
    start = max((period.start for period in ranges if period.start is not None), default=None)
    until = min((period.until for period in ranges if period.until is not None), default=None)
    return None if start is not None and until is not None and start > until else (start, until)


def _start_path(record: Record, place: Placement) -> KeyPath:
    """The path where equipment gives the first day in a place."""
    if place.path[0] == PLACEMENTS:
        return (*place.path, "from")
    return ("placed_on",) if "placed_on" in record.data else ("installed_on",)


def _of_flow(registry: Snapshot, record: Record) -> Iterator[Exchange]:
    producer, held = text(record, "producer"), successions(registry).holdings
    for consumer in texts(record, "consumers") if producer is not None else ():
        for giver, receiver in product(held(producer or ""), held(consumer)):
            days = overlap((giver, receiver))
            if giver.party != receiver.party and days is not None:
                start, until = days
                exchange = Exchange("data", "consumers", giver.party, (receiver.party,))
                yield exchange._replace(start=start, until=until, earlier=until is not None)


def _objects(registry: Snapshot, link: Link) -> Iterator[RecordId]:
    """The equipment and flows behind a reference to a party."""
    if link.source.kind in ("equipment", "flow"):
        yield link.source
    elif link.source.kind in ("support", "network") and link.path[0] in NAMING_HOSTS:
        yield from (use.source for use in registry.links_to(link.source) if use.source.kind == "equipment")
