"""What passes between parties: the objects of a convention, by family.

Installation: equipment of one party on a support of another. Connectivity: equipment of one party on a network of
another. Data: a flow from one party to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.named import NamedTuple
from smartreg.rules._fields import ended, named_by, text, texts
from smartreg.rules._kept import kept
from smartreg.rules.rule import Snapshot
from smartreg.values import Link, Record, RecordId

NAMING_HOSTS = frozenset({"owner", "operator"})


class Exchange(NamedTuple):
    """One object: its family, the field that makes it one, who asks and who gives, and by which support or network.

    `user` owns the equipment, or produces the data. Any one of `partners` can be the other party: the owner of the
    support; the operator of the network, or its owner where that is another; a consumer.
    """

    family: str
    field: str
    user: str
    partners: tuple[str, ...]
    through: Record | None = None


def exchanges(registry: Snapshot, record: Record) -> tuple[Exchange, ...]:
    """What passes between parties by this equipment or flow; nothing when its life has ended."""
    if record.rid.kind == "equipment":
        known = kept(registry, _of_files)
        if record.file not in known:
            known[record.file] = () if ended(registry, record) else passing(registry, record)
        return known[record.file]
    return () if ended(registry, record) else passing(registry, record)


def passing(registry: Snapshot, record: Record) -> tuple[Exchange, ...]:
    """The same whether or not its life has ended: what passed while it was there."""
    if record.rid.kind == "equipment":
        return tuple(_of_equipment(registry, record))
    return tuple(_of_flow(record)) if record.rid.kind == "flow" else ()


def providers(network: Record) -> tuple[str, ...]:
    """The parties that can let others use a network: its operator, and its owner where that is another."""
    named = (text(network, "operator"), text(network, "owner"))
    return tuple(dict.fromkeys(party for party in named if party is not None))


def between(registry: Snapshot, parties: Iterable[str]) -> Iterator[Exchange]:
    """The exchanges in which these parties take part."""
    for rid in objects(registry, parties):
        record = registry.get(rid)
        if record is not None:
            yield from exchanges(registry, record)


def objects(registry: Snapshot, parties: Iterable[str]) -> Iterator[RecordId]:
    """The equipment and flows by which something may pass from or to these parties; some of them twice."""
    for party in parties:
        for link in registry.links_to(RecordId("party", party)):
            yield from _objects(registry, link)


def _of_files(_registry: Snapshot) -> dict[str, tuple[Exchange, ...]]:
    """The exchanges of equipment, by file: a dozen rules ask for them."""
    return {}


def _of_equipment(registry: Snapshot, record: Record) -> Iterator[Exchange]:
    owner = text(record, "owner")
    if owner is None:
        return
    support = named_by(registry, record, "support", "support")
    host = text(support, "owner") if support else None
    if host is not None and host != owner:
        yield Exchange("installation", "support", owner, (host,), support)
    network = named_by(registry, record, "network", "network")
    partners = providers(network) if network else ()
    if partners and owner not in partners:
        yield Exchange("connectivity", "network", owner, partners, network)


def _of_flow(record: Record) -> Iterator[Exchange]:
    producer = text(record, "producer")
    if producer is None:
        return
    for consumer in texts(record, "consumers"):
        if producer != consumer:
            yield Exchange("data", "consumers", producer, (consumer,))


def _objects(registry: Snapshot, link: Link) -> Iterator[RecordId]:
    """The equipment and flows behind a mention of a party."""
    if link.source.kind in ("equipment", "flow"):
        yield link.source
    elif link.source.kind in ("support", "network") and link.path[0] in NAMING_HOSTS:
        yield from (use.source for use in registry.links_to(link.source) if use.source.kind == "equipment")
