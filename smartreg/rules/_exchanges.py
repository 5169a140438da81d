"""What passes between parties: the objects of a convention, by family.

Installation: equipment of one party on a support of another. Connectivity: equipment of one party on a network of
another. Data: a flow from one party to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from smartreg.rules._fields import ended, listed, named_by, text, texts
from smartreg.rules.rule import Snapshot
from smartreg.values import Link, Record, RecordId


class Exchange(NamedTuple):
    """One object: its family, the two parties, and what the scope of a convention may narrow, by field of `scope`."""

    family: str
    parties: frozenset[str]
    within: Mapping[str, str]


def exchanges(registry: Snapshot, record: Record) -> Iterator[Exchange]:
    """What passes between two parties by this equipment or flow; nothing when its life has ended."""
    if ended(registry, record):
        return
    if record.rid.kind == "equipment":
        yield from _of_equipment(registry, record)
    elif record.rid.kind == "flow":
        producer = text(record, "producer")
        for consumer in texts(record, "consumers"):
            if producer is not None and producer != consumer:
                yield Exchange("data", frozenset((producer, consumer)), {})


def _of_equipment(registry: Snapshot, record: Record) -> Iterator[Exchange]:
    owner = text(record, "owner")
    support = named_by(registry, record, "support", "support")
    host = text(support, "owner") if support else None
    if owner and support and host and host != owner:
        within = {"supports": support.rid.id, "insee_codes": text(support, "insee_code") or ""}
        yield Exchange("installation", frozenset((owner, host)), within)
    network = named_by(registry, record, "network", "network")
    operator = text(network, "operator") if network else None
    if owner and network and operator and operator != owner:
        yield Exchange("connectivity", frozenset((owner, operator)), {"networks": network.rid.id})


def covers(convention: Record, exchange: Exchange) -> bool:
    """True when the convention is about it: both parties, the family, the scope. Dates are not looked at."""
    scope = convention.data.get("scope")
    narrowed = scope if isinstance(scope, Mapping) else {}
    return (
        exchange.parties.issubset(texts(convention, "parties"))
        and exchange.family in texts(convention, "families")
        and all(name in listed(narrowed[field]) for field, name in exchange.within.items() if field in narrowed)
    )


def between(registry: Snapshot, parties: Iterable[str]) -> Iterator[Exchange]:
    """The exchanges in which these parties take part."""
    for party in parties:
        for link in registry.links_to(RecordId("party", party)):
            for rid in _objects(registry, link):
                record = registry.get(rid)
                if record is not None:
                    yield from exchanges(registry, record)


def _objects(registry: Snapshot, link: Link) -> Iterator[RecordId]:
    """The equipment and flows behind a mention of a party."""
    if link.source.kind in ("equipment", "flow"):
        yield link.source
    elif link.source.kind in ("support", "network") and link.path[0] in ("owner", "operator"):
        yield from (use.source for use in registry.links_to(link.source) if use.source.kind == "equipment")
