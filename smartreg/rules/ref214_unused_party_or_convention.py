"""Party that nothing names, or convention that covers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import parties_ever, search_parties, titles
from smartreg.domain.exchanges import between, providers
from smartreg.domain.fields import in_service, links_of, record_named_by, text, texts
from smartreg.rules.rule import rule

OBJECTS = frozenset({"equipment", "network", "flow"})
NAMED = 3  # parties that the message names


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The record itself, the parties and conventions that it names, the conventions between its parties, and the
    Métropole, whose record gets the findings on unused parties, if a party may come into or go out of use."""
    metropole = RecordId("party", registry.config.metropole or "")
    named = {RecordId(kind, link.target) for link in links_of(registry, record) for kind in link.kinds} - {metropole}
    yield from (record.rid, *(rid for rid in named if rid.kind in ("party", "convention")))
    if metropole.id and (record.rid.kind == "party" or _names_first(registry, record, named)):
        yield metropole
    parties, least = _participants(registry, record)
    if len(parties) >= least:
        for convention in registry.of_kind("convention"):
            if len(parties.intersection(parties_ever(registry, convention))) >= least:
                yield convention.rid


def _names_first(registry: Snapshot, record: Record, named: Iterable[RecordId]) -> bool:
    """Whether the record is the first that names one of these parties. When a party comes into or goes out of use, all
    records that name it have changed, including the first; checking all parties after any change would cost more than
    all other rules."""
    firsts = (next(registry.some_links_to(rid), None) for rid in named if rid.kind == "party")
    return any(first is not None and first.source == record.rid for first in firsts)


def _all_parties(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """All parties, if the record of the Métropole, which gets the findings, is added or removed."""
    if record.rid == RecordId("party", registry.config.metropole or ""):
        yield from (party.rid for party in registry.of_kind("party"))


@rule(
    "REF214",
    "info",
    "registry",
    Words("unused party or convention", "partie ou convention sans usage"),
    kinds=("party", "convention"),
    touches=_find_affected,
    touches_existence=_all_parties,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        id = record.rid.id
        if record.rid.kind == "party":
            if id == registry.config.metropole:
                yield from _report_together(registry, record)
            elif not _has_metropole(registry) and _is_unused(registry, record.rid):
                words = Words(f"nothing names the party {id}", f"rien ne cite la partie {id}")
                yield Fault(at(record, "id"), words)
        elif in_service(registry, record) and not _covers_something(registry, record):
            words = Words(f"the convention {id} covers nothing", f"la convention {id} ne couvre rien")
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
            message = Words(
                f"parties that nothing names: {listed} and {more} more",
                f"parties que rien ne cite : {listed} et {more} de plus",
            )
        else:
            message = Words(f"parties that nothing names: {listed}", f"parties que rien ne cite : {listed}")
        yield Fault(at(metropole, "id"), message)


def _covers_something(registry: Snapshot, convention: Record) -> bool:
    if any(link.source.kind in OBJECTS for link in registry.some_links_to(convention.rid)):
        return True
    versions = titles(registry).versions(convention)
    others = search_parties(registry, parties_ever(registry, convention))
    return any(one.covers(exchange) for exchange in between(registry, others) for one in versions)


def _participants(registry: Snapshot, record: Record) -> tuple[set[str], int]:
    """The parties of possible exchanges through this record, and the minimum number of them in a convention that it
    concerns."""
    found: set[str | None] = set()
    least = 1
    if record.rid.kind == "equipment":
        support, network = (record_named_by(registry, record, kind, kind) for kind in ("support", "network"))
        found = {text(record, "owner"), text(support, "owner") if support else None}
        found.update(providers(network) if network else ())
        least = 2
    elif record.rid.kind == "flow":
        found, least = {text(record, "producer"), *texts(record, "consumers")}, 2
    elif record.rid.kind == "network":
        found = {*providers(record)}
    elif record.rid.kind == "support" and any(
        link.source.kind == "equipment" for link in registry.some_links_to(record.rid)
    ):
        found = {text(record, "owner")}
    return {party for party in found if party is not None}, least
