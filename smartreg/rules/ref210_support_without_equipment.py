"""Support that hosts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.flows import in_use
from smartreg.rules.rule import rule

USERS = {"equipment": "support"}


@rule(
    "REF210",
    "info",
    "registry",
    Words("support without equipment", "support sans équipement"),
    kinds=("support",),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if not has_ended(registry, record) and not in_use(registry, record.rid, USERS):
            id = record.rid.id
            yield Fault(at(record, "id"), Words(f"support {id} hosts nothing", f"le support {id} ne porte rien"))
