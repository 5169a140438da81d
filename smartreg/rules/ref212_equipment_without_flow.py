"""Active sensor, meter or camera that feeds no flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import state, text
from smartreg.domain.flows import in_use
from smartreg.rules.rule import rule

OBSERVERS = frozenset({"sensor", "meter", "camera"})
USERS = {"flow": "equipment"}


@rule(
    "REF212",
    "warning",
    "registry",
    Words("active equipment without flow", "équipement en service sans flux"),
    kinds=("equipment",),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if text(record, "type") not in OBSERVERS or text(record, "status") != "active":
            continue
        if not in_use(registry, record.rid, USERS):
            id, status = record.rid.id, state(registry, record)
            yield Fault(
                at(record, "status"),
                Words(
                    f"{id} is {status.en} but feeds no flow",
                    f"{id} a le statut « {status.fr} » mais n'alimente aucun flux",
                ),
                Words("add it to the equipment of a flow", "ajoutez-le à l'équipement (equipment) d'un flux"),
            )
