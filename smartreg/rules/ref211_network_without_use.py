"""Network that nothing uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import in_service
from smartreg.domain.flows import in_use
from smartreg.rules.rule import rule

USERS = {"equipment": "network", "flow": "network"}


@rule(
    "REF211",
    "warning",
    "registry",
    Words("network without use", "réseau sans usage"),
    kinds=("network",),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if in_service(registry, record) and not in_use(registry, record.rid, USERS):
            id = record.rid.id
            yield Fault(
                at(record, "id"),
                Words(f"network {id} is used by nothing", f"rien n'utilise le réseau {id}"),
                Words(
                    "name it in the equipment that uses it, or correct its status",
                    "citez-le dans l'équipement qui l'utilise, ou corrigez son statut",
                ),
            )
