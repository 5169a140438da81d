"""Network shared with a party that has no convention on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import parties_ever, titles
from smartreg.domain.exchanges import Exchange, providers
from smartreg.domain.fields import has_ended, numbered_texts, text, texts
from smartreg.domain.reach import linked
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
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for network in subjects:
        own = providers(network)
        if not own or text(network, "access") != "shared" or has_ended(registry, network):
            continue
        for place, party in numbered_texts(network.data.get("shared_with")):
            if party not in own and not titles(registry).find_covering(
                Exchange("connectivity", "shared_with", party, own, network)
            ):
                yield _uncovered_party(network, place, party)


def _uncovered_party(network: Record, place: int, party: str) -> Fault:
    return Fault(
        at(network, "shared_with", place),
        Message("shared with {party}, but no convention covers it", party=party),
        Message('record a convention that covers "connectivity" (smartreg add-convention), or take the party out'),
    )
