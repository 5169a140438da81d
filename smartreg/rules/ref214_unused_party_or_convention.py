"""Party that nothing names, or convention that covers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at, derive
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
    subjects = list(subjects)
    registry.prefetch_some_links(record.rid for record in subjects if record.rid.kind == "convention")
    for record in subjects:
        id = record.rid.id
        if record.rid.kind == "party":
            unused = derive(registry, _unused_parties)
            if not _has_metropole(registry) and id in unused:
                yield Fault(at(record, "id"), Message("nothing names the party {id}", id=id))
            elif unused[:1] == (id,):
                yield Fault(at(record, "id"), _told_together(unused))
        elif in_service(registry, record) and not _covers_something(registry, record):
            words = Message("the convention {id} covers nothing", id=id)
            yield Fault(at(record, "id"), words)


def _unused_parties(registry: Snapshot) -> tuple[str, ...]:
    """The parties that nothing names, besides the Métropole of the settings, sorted."""
    parties = [RecordId("party", id) for id in registry.ids("party") if id != registry.config.metropole]
    registry.prefetch_some_links(parties)
    return tuple(party.id for party in parties if next(registry.some_links_to(party), None) is None)


def _has_metropole(registry: Snapshot) -> bool:
    """Whether the Métropole of the settings has a file, readable or not, since only its existence affects all
    parties."""
    id = registry.config.metropole
    return bool(id and registry.files_of(RecordId("party", id)))


def _told_together(unused: Sequence[str]) -> Message:
    """All unnamed parties at once, at the first of them, because a registry begins with ninety communes."""
    listed, more = ", ".join(unused[:NAMED]), len(unused) - NAMED
    if more > 0:
        return Message("parties that nothing names: {listed} and {more} more", listed=listed, more=more)
    return Message("parties that nothing names: {listed}", listed=listed)


def _covers_something(registry: Snapshot, convention: Record) -> bool:
    if any(link.source.kind in OBJECTS for link in registry.some_links_to(convention.rid)):
        return True
    versions = titles(registry).versions(convention)
    others = search_parties(registry, parties_ever(registry, convention))
    return any(version.covers(exchange) for exchange in between(registry, others) for version in versions)
