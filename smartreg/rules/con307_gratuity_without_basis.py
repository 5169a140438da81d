"""Private party hosted free of charge on public property, without a legal basis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import titles
from smartreg.domain.exchanges import Exchange, exchanges
from smartreg.domain.fields import text
from smartreg.domain.successions import successions
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule

PUBLIC = frozenset({"metropole", "commune", "public"})


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """A convention, those of a party, and those of both sides of an installation of this equipment or support."""
    if record.rid.kind == "convention":
        yield record.rid
    elif record.rid.kind == "party":
        yield from (version.record.rid for version in titles(registry).of_party(record.rid.id))
    elif record.rid.kind == "equipment":
        yield from _of_both_sides(registry, record)
    elif record.rid.kind == "support":
        for link in registry.links_to(record.rid):
            equipment = registry.get(link.source) if link.path == ("support",) else None
            if equipment is not None:
                yield from _of_both_sides(registry, equipment)


def _of_both_sides(registry: Snapshot, equipment: Record) -> Iterator[RecordId]:
    for exchange in exchanges(registry, equipment):
        if exchange.family == "installation" and _private(registry, exchange.user):
            yield from (
                version.record.rid for version in titles(registry).of_party(exchange.user) if version.binds(exchange)
            )


@rule(
    "CON307",
    "warning",
    "registry",
    Message("free occupation without legal basis"),
    kinds=("convention",),
    touches=_find_affected,
    law="FR",
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        convention = conventions.of(record)
        if (
            "installation" not in convention.families
            or text(record, "free_of_charge_basis")
            or convention.terms.get("consideration") == "fee"
        ):
            continue
        hosted = next(_hosted_exchanges(registry, convention), None)
        if hosted is not None:
            yield _no_basis(record, *hosted)


def _private(registry: Snapshot, id: str) -> bool:
    party = registry.get(RecordId("party", id))
    return party is not None and text(party, "category") == "private" and party.data.get("nonprofit") is not True


def _hosted_exchanges(registry: Snapshot, convention: Title) -> Iterator[tuple[Record, Exchange]]:
    """Equipment of its private parties on supports of its public ones."""
    for party in sorted(convention.parties):
        if not _private(registry, party):
            continue
        parties = (RecordId("party", id) for id in sorted(successions(registry).kin((party,))))
        for link in (link for rid in parties for link in registry.links_to(rid)):
            equipment = (
                registry.get(link.source) if link.source.kind == "equipment" and link.path == ("owner",) else None
            )
            if equipment is None or text(equipment, "convention") not in (None, convention.id):
                continue
            for exchange in exchanges(registry, equipment):
                if (
                    convention.covers(exchange)
                    and exchange.family == "installation"
                    and _public(registry, exchange.partners[0])
                ):
                    yield equipment, exchange


def _public(registry: Snapshot, id: str) -> bool:
    party = registry.get(RecordId("party", id))
    return party is not None and text(party, "category") in PUBLIC


def _no_basis(record: Record, equipment: Record, exchange: Exchange) -> Fault:
    host = exchange.partners[0]
    return Fault(
        at(record, "parties"),
        Message(
            "{user} is private and hosted on supports of {host}: free occupation of public property needs a legal "
            "basis (CG3P L2125-1)",
            user=exchange.user,
            host=host,
        ),
        Message("fill free_of_charge_basis, or ask your legal service"),
        (Related(at(equipment, "support"), Message("installed here")),),
    )
