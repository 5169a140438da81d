"""Equipment on a network that its owner may not use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.connections import connections
from smartreg.domain.fields import text, texts
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule


@rule(
    "NET402",
    "error",
    "registry",
    Words("network not shared with the owner", "réseau non mutualisé avec le propriétaire"),
    kinds=("equipment",),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    known = successions(registry)
    for record, exchange, network in connections(registry, subjects, context.on):
        id, user, access = network.rid.id, exchange.user, text(network, "access")
        if access == "own_use":
            yield Fault(
                at(record, "network"),
                Words(
                    f"{id} is for the use of {exchange.partners[0]} alone, and this equipment belongs to {user}",
                    f"{id} est réservé à {exchange.partners[0]}, et cet équipement appartient à {user}",
                ),
                Words(
                    f"share {id} (access: shared, shared_with), or correct network",
                    f"mutualisez {id} (access: shared, shared_with), ou corrigez network",
                ),
                (Related(at(network, "access"), Words("its access", "son accès")),),
            )
        elif access == "shared" and known.ancestors(user).isdisjoint(texts(network, "shared_with")):
            yield Fault(
                at(record, "network"),
                Words(f"{id} is not shared with {user}", f"{id} n'est pas mutualisé avec {user}"),
                Words(
                    f"add {user} to shared_with of {id}, or correct network",
                    f"ajoutez {user} à shared_with de {id}, ou corrigez network",
                ),
                (Related(at(network, "shared_with"), Words("with whom it is shared", "avec qui il est mutualisé")),),
            )
