"""Record that names a convention which does not cover it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import titles
from smartreg.domain.data_cover import data_parties
from smartreg.domain.exchanges import Exchange, exchanges, providers
from smartreg.domain.fields import has_ended, text, texts
from smartreg.domain.gaps import Gap, amend_hint
from smartreg.domain.titles import Title
from smartreg.rules.rule import one_of, rule


@rule(
    "CON310",
    "error",
    "registry",
    Message("convention that does not cover it"),
    kinds=("equipment", "flow", "network"),
    asks=one_of("convention"),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        convention = conventions.find(text(record, "convention"))
        if convention is None or has_ended(registry, record):
            continue
        lacking = [_find_gap(registry, record, version) for version in conventions.versions(convention.record)]
        gap = lacking[-1] if None not in lacking else None
        if gap is not None:
            yield Fault(
                at(record, "convention"),
                gap.why,
                _hint(record.rid.id, gap),
                (Related(at(convention.record, "parties"), Message("the convention")),),
            )


def _hint(id: str, gap: Gap) -> Text:
    hint = Message("name the convention that covers it (smartreg set {id} convention=…)", id=id)
    if gap.title.terminated is not None:
        return hint
    return Message("{hint}, or {gap_hint}", hint=hint, gap_hint=gap.hint)


def _find_gap(registry: Snapshot, record: Record, convention: Title) -> Gap | None:
    """The gap in the convention for this record."""
    if record.rid.kind == "equipment":
        return _of_equipment(registry, record, convention)
    if record.rid.kind == "flow":
        return _of_flow(registry, record, convention)
    return _of_network(record, convention)


def _of_equipment(registry: Snapshot, record: Record, convention: Title) -> Gap | None:
    needed = exchanges(registry, record)
    if not needed:
        return _no_party(convention, (text(record, "owner"),))
    between_its_parties = [exchange for exchange in needed if convention.binds(exchange)]
    if not between_its_parties:
        return _no_party(convention, (needed[0].user,)) or _no_party(convention, needed[0].partners)
    if any(convention.covers(exchange) for exchange in between_its_parties):
        return None
    return _no_family(convention, between_its_parties[0].family) or _out_of_scope(convention, between_its_parties[0])


def _of_flow(registry: Snapshot, record: Record, convention: Title) -> Gap | None:
    producer, admitted = text(record, "producer"), data_parties(registry, convention.record)
    others = [consumer for consumer in texts(record, "consumers") if consumer != producer]
    lacking = None if producer in admitted else _no_party(convention, (producer,))
    if (
        lacking is None
        and others
        and text(record, "access") != "public"
        and not any(consumer in admitted for consumer in others)
    ):
        lacking = _no_party(convention, others)
    return lacking or _no_family(convention, "data")


def _of_network(record: Record, convention: Title) -> Gap | None:
    operators = providers(record)
    others = [party for party in texts(record, "shared_with") if party not in operators]
    use = Exchange("connectivity", "shared_with", "", operators, record)
    return (
        _no_party(convention, operators)
        or _no_party(convention, others)
        or _no_family(convention, use.family)
        or _out_of_scope(convention, use)
    )


def _no_party(convention: Title, candidates: Iterable[str | None]) -> Gap | None:
    """The gap if none of these is a party; None when one is, or when there is none."""
    parties = [party for party in candidates if party is not None]
    if not parties or not convention.bound.isdisjoint(parties):
        return None
    why = Message("{partie} is not a party to {named}", partie=parties[0], named=convention.id)
    return Gap(convention, why, amend_hint(convention, [f"parties+={parties[0]}"]))


def _no_family(convention: Title, family: str) -> Gap | None:
    if family in convention.families:
        return None
    has = ", ".join(convention.families)
    why = Message(
        'convention {named} covers [{has}] only; this needs "{family}"', named=convention.id, has=has, family=family
    )
    return Gap(convention, why, amend_hint(convention, [f"families+={family}"]))


def _out_of_scope(convention: Title, exchange: Exchange) -> Gap | None:
    missing = convention.scope_gaps(exchange)
    if not missing or exchange.through is None:
        return None
    id = exchange.through.rid.id
    why = Message("{id} is not in the scope of {named}", id=id, named=convention.id)
    return Gap(convention, why, amend_hint(convention, [f"scope.{field}+={name}" for field, name in missing]))
