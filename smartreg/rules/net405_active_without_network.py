"""Active equipment that measures and has no network."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

MEASURING = frozenset({"sensor", "meter"})


@rule(
    "NET405",
    "warning",
    "record",
    Words("active but not connected", "en service mais non connecté"),
    kinds=("equipment",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if text(record, "status") != "active" or "network" in record.data:
        return
    if text(record, "type") in MEASURING or record.data.get("measures"):
        yield Fault(
            at(record, "status"),
            Words("active but not connected: network is missing", "en service mais non connecté : network manque"),
            Words("add network, or correct the status", "ajoutez network, ou corrigez le statut"),
        )
