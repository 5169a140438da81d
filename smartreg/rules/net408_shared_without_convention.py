"""Network shared with a party that has no convention on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import nearest, parties_ever, titles
from smartreg.domain.exchanges import Exchange, providers
from smartreg.domain.fields import has_ended, in_service, numbered_texts, text, texts
from smartreg.domain.reach import linked
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    yield from linked(registry, record)
    if record.rid.kind == "convention":
        parties = set(parties_ever(registry, record))
        for network in registry.of_kind("network"):
            if not parties.isdisjoint(texts(network, "shared_with")):
                yield network.rid


@rule(
    "NET408",
    "warning",
    "registry",
    Message("network shared without convention"),
    kinds=("network",),
    touches=_find_affected,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for network in subjects:
        own = providers(network)
        if not own or text(network, "access") != "shared" or has_ended(registry, network):
            continue
        for place, party in numbered_texts(network.data.get("shared_with")):
            if party in own:
                continue
            exchange = Exchange("connectivity", "shared_with", party, own, network)
            periods = titles(registry).find_covering(exchange)
            if not periods:
                yield _uncovered_party(network, place, party, None)
            elif in_service(registry, network) and not any(period.in_force(context.on) for period in periods):
                yield _uncovered_party(network, place, party, nearest(periods, context.on), context.on)


def _uncovered_party(network: Record, place: int, party: str, lapsed: Title | None, on: date = date.max) -> Fault:
    """`lapsed`: the convention that would cover it, and is not in force on the day."""
    advice = Message('record a convention that covers "connectivity" (smartreg add-convention), or take the party out')
    if lapsed is None:
        message = Message("shared with {party}, but no convention covers it", party=party)
        return Fault(at(network, "shared_with", place), message, advice)
    return Fault(
        at(network, "shared_with", place),
        Message(
            "shared with {party}, but convention {convention} {standing}",
            party=party,
            convention=lapsed.id,
            standing=lapsed.reason_not_in_force(on),
        ),
        advice,
        (Related(at(lapsed.record, "id"), Message("the convention")),),
    )
