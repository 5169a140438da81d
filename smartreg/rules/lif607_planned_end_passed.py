"""Equipment still in use after its planned end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day
from smartreg.domain.fields import text
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

The reference date (`--on`) is not after `active_until` of equipment that is installed, active or faulty. Decommissioned
equipment has reached its end: LIF614 watches its removal.

## Why

Smartreg, following Amsterdam's sensor register, where each device is entered until a given day and its owner renews it.
Occupation of public property is temporary (CG3P L2122-2).

## Wrong

```yaml
# validate --on 2026-01-15
status: active
active_until: "2025-06-30"
```

## Right

```yaml
status: active
active_until: "2027-06-30"
```

## How to fix it

Extend it (`smartreg set ID active_until=…`), or retire the equipment (`smartreg retire`).

## Configure

`[severity]` in `smartreg.toml`: `LIF607 = "error"`. `--on DATE` sets the day.

## Waive

`# smartreg: ignore[LIF607] reason` on the line of `active_until`, or a `[[waiver]]` in `smartreg.toml`.
"""

AT_WORK = frozenset({"installed", "active", "faulty"})


@rule(
    "LIF607",
    "warning",
    "registry",
    Words("planned end passed", "fin prévue dépassée"),
    kinds=("equipment",),
    touches=nothing,
    dated=True,
)
def check(_registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        until = day(record, "active_until")
        if until is not None and until < context.on and text(record, "status") in AT_WORK:
            yield Fault(
                at(record, "active_until"),
                Words(f"active_until {until} has passed", f"active_until {until} est dépassé"),
                Words(
                    "extend it, or retire the equipment (smartreg retire)",
                    "prolongez-le, ou retirez l'équipement du service (smartreg retire)",
                ),
            )
