"""Active flow whose equipment is not active."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import state, text, text_list
from smartreg.rules.rule import rule


@rule(
    "DAT514",
    "warning",
    "registry",
    Words("active flow without active equipment", "flux en service sans équipement en service"),
    kinds=("flow",),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for flow in subjects:
        if text(flow, "status") == "active":
            idle = _all_idle(registry, flow)
            if idle:
                yield _fault(registry, flow, idle)


def _all_idle(registry: Snapshot, flow: Record) -> list[Record]:
    """The devices of the flow; empty as soon as one of them is active or does not exist."""
    found: list[Record] = []
    for id in text_list(flow.data.get("equipment")):
        device = registry.get(RecordId("equipment", id))
        if device is None or text(device, "status") == "active":
            return []
        found.append(device)
    return found


def _fault(registry: Snapshot, flow: Record, idle: list[Record]) -> Fault:
    counts = Counter(state(registry, device) for device in idle)
    parts = [Words(f"{count} {status.en}", f"{count} « {status.fr} »") for status, count in counts.items()]
    states = Words(", ".join(part.en for part in parts), ", ".join(part.fr for part in parts))
    return Fault(
        at(flow, "status"),
        Words(
            f"the flow is active, but none of its equipment is: {states.en}",
            f"le flux est en service, mais aucun de ses équipements ne l'est : {states.fr}",
        ),
        Words(
            f"end or suspend it (smartreg set {flow.rid.id} status=suspended), or correct the equipment",
            f"terminez ou suspendez-le (smartreg set {flow.rid.id} status=suspended), ou corrigez l'équipement",
        ),
    )
