"""Active flow whose equipment is not active."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import state, text, text_list
from smartreg.domain.flows import flows_fed_by
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A flow with status `active` is fed by at least one device with status `active`. REF201 reports a flow that names a
device which does not exist.

## Why

Smartreg: planned, broken or removed sensors send no data. One of the records is out of date, or the consumers are
waiting in vain.

## Wrong

```yaml
# istres-noise-003 has status: removed
id: istres-noise-levels
status: active
equipment: [istres-noise-003]
```

## Right

```yaml
id: istres-noise-levels
status: ended
ended_on: "2025-09-15"
equipment: [istres-noise-003]
```

## How to fix it

End or suspend the flow (`smartreg set ID status=suspended`), add the device that feeds it now, or correct the status of
the devices.

## Configure

`[severity]` in `smartreg.toml`: `DAT514 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[DAT514] reason` on the line of `status`, or a `[[waiver]]` in `smartreg.toml`.
"""


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    if record.rid.kind == "equipment":
        yield from flows_fed_by(registry, record.rid)


@rule(
    "DAT514",
    "warning",
    "registry",
    Words("active flow without active equipment", "flux en service sans équipement en service"),
    kinds=("flow",),
    touches=_find_affected,
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
    en = ", ".join(f"{count} {words.en}" for words, count in counts.items())
    fr = ", ".join(f"{count} « {words.fr} »" for words, count in counts.items())
    return Fault(
        at(flow, "status"),
        Words(
            f"the flow is active, but none of its equipment is: {en}",
            f"le flux est en service, mais aucun de ses équipements ne l'est : {fr}",
        ),
        Words(
            f"end or suspend it (smartreg set {flow.rid.id} status=suspended), or correct the equipment",
            f"terminez ou suspendez-le (smartreg set {flow.rid.id} status=suspended), ou corrigez l'équipement",
        ),
    )
