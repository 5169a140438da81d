"""Active equipment that measures and has no network."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

MEASURING = frozenset({"sensor", "meter"})


@rule("NET405", "warning", "record", Message("active but not connected"), kinds=("equipment",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if text(record, "status") != "active" or "network" in record.data:
        return
    if text(record, "type") in MEASURING or record.data.get("measures"):
        yield Fault(
            at(record, "status"),
            Message("active but not connected: network is missing"),
            Message("add network, or correct the status"),
        )
