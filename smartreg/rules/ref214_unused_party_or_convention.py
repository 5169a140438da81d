"""Party that nothing names, or convention that covers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import parties_ever, search_parties, titles
from smartreg.domain.exchanges import between
from smartreg.domain.fields import in_service
from smartreg.domain.reach import everything
from smartreg.rules.rule import rule

OBJECTS = frozenset({"equipment", "network", "flow"})
NAMED = 3  # parties that the message names


@rule(
    "REF214",
    "info",
    "registry",
    Message("unused party or convention"),
    kinds=("party", "convention"),
    touches=everything,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        id = record.rid.id
        if record.rid.kind == "party":
            if id == registry.config.metropole:
                yield from _report_together(registry, record)
            elif not _has_metropole(registry) and _is_unused(registry, record.rid):
                words = Message("nothing names the party {id}", id=id)
                yield Fault(at(record, "id"), words)
        elif in_service(registry, record) and not _covers_something(registry, record):
            words = Message("the convention {id} covers nothing", id=id)
            yield Fault(at(record, "id"), words)


def _is_unused(registry: Snapshot, party: RecordId) -> bool:
    return next(registry.some_links_to(party), None) is None


def _has_metropole(registry: Snapshot) -> bool:
    """Whether the Métropole of the settings has a file, readable or not, since only its existence affects all
    parties."""
    id = registry.config.metropole
    return bool(id and registry.files_of(RecordId("party", id)))


def _report_together(registry: Snapshot, metropole: Record) -> Iterator[Fault]:
    """Report all unnamed parties together, because a registry begins with ninety communes."""
    parties = (party.rid for party in registry.of_kind("party"))
    unused = sorted(rid.id for rid in parties if rid != metropole.rid and _is_unused(registry, rid))
    if unused:
        listed, more = ", ".join(unused[:NAMED]), len(unused) - NAMED
        if more > 0:
            message = Message("parties that nothing names: {listed} and {more} more", listed=listed, more=more)
        else:
            message = Message("parties that nothing names: {listed}", listed=listed)
        yield Fault(at(metropole, "id"), message)


def _covers_something(registry: Snapshot, convention: Record) -> bool:
    if any(link.source.kind in OBJECTS for link in registry.some_links_to(convention.rid)):
        return True
    versions = titles(registry).versions(convention)
    others = search_parties(registry, parties_ever(registry, convention))
    return any(version.covers(exchange) for exchange in between(registry, others) for version in versions)
