"""Active flow whose equipment is not active."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message, joined
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import state, text, text_list
from smartreg.rules.rule import rule


@rule("DAT514", "warning", "registry", Message("active flow without active equipment"), kinds=("flow",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for flow in subjects:
        if text(flow, "status") == "active":
            idle = _all_idle(registry, flow)
            if idle:
                yield _idle_equipment(registry, flow, idle)


def _all_idle(registry: Snapshot, flow: Record) -> list[Record]:
    """The devices of the flow; empty as soon as one of them is active or does not exist."""
    idle: list[Record] = []
    for id in text_list(flow.data.get("equipment")):
        device = registry.get(RecordId("equipment", id))
        if device is None or text(device, "status") == "active":
            return []
        idle.append(device)
    return idle


def _idle_equipment(registry: Snapshot, flow: Record, idle: list[Record]) -> Fault:
    counts = Counter(state(registry, device) for device in idle)
    parts = [Message("{count} {status}", count=count, status=status) for status, count in counts.items()]
    states = joined(parts)
    return Fault(
        at(flow, "status"),
        Message("the flow is active, but none of its equipment is: {states}", states=states),
        Message("end or suspend it (smartreg set {flow} status=suspended), or correct the equipment", flow=flow.rid.id),
    )
