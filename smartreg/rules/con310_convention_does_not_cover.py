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
from smartreg.rules.rule import rule


@rule(
    "CON310",
    "error",
    "registry",
    Message("convention that does not cover it"),
    kinds=("equipment", "flow", "network"),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        named = conventions.find(text(record, "convention"))
        if named is None or has_ended(registry, record):
            continue
        lacking = [_find_gap(registry, record, one) for one in conventions.versions(named.record)]
        found = lacking[-1] if None not in lacking else None
        if found is not None:
            yield Fault(
                at(record, "convention"),
                found.why,
                _hint(record.rid.id, found),
                (Related(at(named.record, "parties"), Message("the convention")),),
            )


def _hint(id: str, gap: Gap) -> Text:
    hint = Message("name the convention that covers it (smartreg set {id} convention=…)", id=id)
    if gap.title.terminated is not None:
        return hint
    return Message("{hint}, or {gap_hint}", hint=hint, gap_hint=gap.hint)


def _find_gap(registry: Snapshot, record: Record, named: Title) -> Gap | None:
    """What the convention lacks for this record."""
    if record.rid.kind == "equipment":
        return _of_equipment(registry, record, named)
    if record.rid.kind == "flow":
        return _of_flow(registry, record, named)
    return _of_network(record, named)


def _of_equipment(registry: Snapshot, record: Record, named: Title) -> Gap | None:
    wanted = exchanges(registry, record)
    if not wanted:
        return _no_party(named, (text(record, "owner"),))
    own = [exchange for exchange in wanted if named.binds(exchange)]
    if not own:
        return _no_party(named, (wanted[0].user,)) or _no_party(named, wanted[0].partners)
    if any(named.covers(exchange) for exchange in own):
        return None
    return _no_family(named, own[0].family) or _out_of_scope(named, own[0])


def _of_flow(registry: Snapshot, record: Record, named: Title) -> Gap | None:
    producer, admitted = text(record, "producer"), data_parties(registry, named.record)
    others = [consumer for consumer in texts(record, "consumers") if consumer != producer]
    lacking = None if producer in admitted else _no_party(named, (producer,))
    if (
        lacking is None
        and others
        and text(record, "access") != "public"
        and not any(consumer in admitted for consumer in others)
    ):
        lacking = _no_party(named, others)
    return lacking or _no_family(named, "data")


def _of_network(record: Record, named: Title) -> Gap | None:
    own = providers(record)
    others = [party for party in texts(record, "shared_with") if party not in own]
    use = Exchange("connectivity", "shared_with", "", own, record)
    return (
        _no_party(named, own) or _no_party(named, others) or _no_family(named, use.family) or _out_of_scope(named, use)
    )


def _no_party(named: Title, wanted: Iterable[str | None]) -> Gap | None:
    """That none of these is a party; None when one is, or when there is none."""
    parties = [party for party in wanted if party is not None]
    if not parties or not named.bound.isdisjoint(parties):
        return None
    why = Message("{partie} is not a party to {named}", partie=parties[0], named=named.id)
    return Gap(named, why, amend_hint(named, [f"parties+={parties[0]}"]))


def _no_family(named: Title, family: str) -> Gap | None:
    if family in named.families:
        return None
    has = ", ".join(named.families)
    why = Message(
        'convention {named} covers [{has}] only; this needs "{family}"', named=named.id, has=has, family=family
    )
    return Gap(named, why, amend_hint(named, [f"families+={family}"]))


def _out_of_scope(named: Title, exchange: Exchange) -> Gap | None:
    missing = named.scope_gaps(exchange)
    if not missing or exchange.through is None:
        return None
    id = exchange.through.rid.id
    why = Message("{id} is not in the scope of {named}", id=id, named=named.id)
    return Gap(named, why, amend_hint(named, [f"scope.{field}+={name}" for field, name in missing]))
