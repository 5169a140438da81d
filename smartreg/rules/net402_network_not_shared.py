"""Equipment on a network that its owner may not use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.connections import connections
from smartreg.domain.fields import text, texts
from smartreg.domain.successions import successions
from smartreg.registry import alias_of
from smartreg.rules.rule import one_of, rule


@rule(
    "NET402",
    "error",
    "registry",
    Message("network not shared with the owner"),
    kinds=("equipment",),
    dated=True,
    asks=one_of("network"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    lineage = successions(registry)
    for record, exchange, network in connections(registry, subjects, context.on):
        id, user, access = network.rid.id, exchange.user, text(network, "access")
        if access == "own_use":
            yield Fault(
                at(record, "network"),
                Message(
                    "{id} is for the use of {partner} alone, and this equipment belongs to {user}",
                    id=id,
                    partner=exchange.partners[0],
                    user=user,
                ),
                Message("share {id} (access: shared, shared_with), or correct network", id=id),
                (Related(at(network, "access"), Message("its access")),),
            )
        elif alias_of(id) is not None and "shared_with" not in network.data:
            continue  # another registry need not publish with whom it shares
        elif access == "shared" and lineage.ancestors(user).isdisjoint(texts(network, "shared_with")):
            yield Fault(
                at(record, "network"),
                Message("{id} is not shared with {user}", id=id, user=user),
                Message("add {user} to shared_with of {id}, or correct network", user=user, id=id),
                (Related(at(network, "shared_with"), Message("with whom it is shared")),),
            )
