"""Somebody other than the owner is responsible, and has signed nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import parties_ever, titles
from smartreg.domain.fields import has_ended, text
from smartreg.domain.reach import linked
from smartreg.domain.successions import is_metropole
from smartreg.rules.rule import rule

ROLES = {"manager", "operator", "maintainer"}


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The records linked, and what the parties of a convention are responsible for."""
    yield from linked(registry, record)
    if record.rid.kind == "convention":
        for party in parties_ever(registry, record):
            if party != registry.config.metropole:
                links = registry.links_to(RecordId("party", party))
                yield from (link.source for link in links if link.path[0] in ROLES)


@rule(
    "CON318",
    "warning",
    "registry",
    Message("responsible without convention"),
    kinds=("support", "equipment"),
    touches=_find_affected,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        owner = text(record, "owner")
        for field in ("manager",) if record.rid.kind == "support" else ("operator", "maintainer"):
            party = text(record, field)
            if party is None or party == owner or _is_bound(registry, record, party):
                continue
            yield Fault(
                at(record, field),
                _message(field, party),
                _hint(record),
            )


def _message(field: str, party: str) -> Text:
    if field == "manager":
        return Message("the support is managed by {party}, which has not signed a convention", party=party)
    if field == "operator":
        return Message("the equipment is operated by {party}, which has not signed a convention", party=party)
    return Message("the equipment is maintained by {party}, which has not signed a convention", party=party)


def _hint(record: Record) -> Text:
    if record.rid.kind == "support":
        return Message("add it to the parties of the convention")
    return Message("give the public contract (procurement_ref), or add it to the parties of the convention")


def _is_bound(registry: Snapshot, record: Record, party: str) -> bool:
    """Whether the party has signed a convention, or need not for this record."""
    if is_metropole(registry, party) or _has_signed(registry, party):
        return True
    if record.rid.kind == "equipment":
        return text(record, "procurement_ref") is not None or has_ended(registry, record)
    return not _carries(registry, record)


def _has_signed(registry: Snapshot, party: str) -> bool:
    return any(text(version.record, "status") == "signed" for version in titles(registry).of_party(party))


def _carries(registry: Snapshot, support: Record) -> bool:
    for link in registry.some_links_to(support.rid):
        equipment = registry.get(link.source) if link.path == ("support",) else None
        if equipment is not None and not has_ended(registry, equipment):
            return True
    return False
