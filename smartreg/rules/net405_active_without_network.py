"""Active equipment that measures and has no network."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Active equipment that measures (a sensor, a meter, or anything with `measures`) names its `network`.

## Why

Smartreg: measurements have to go somewhere; the network says how, and under which convention. A device that is read on
site is installed rather than active, or its waiver gives the reason.

## Wrong

```yaml
id: istres-noise-003
type: sensor
status: active
```

## Right

```yaml
id: istres-noise-003
type: sensor
status: active
network: amp-lorawan
```

## How to fix it

Add `network` (`smartreg set ID network=…`), or correct the status.

## Configure

`[severity]` in `smartreg.toml`: `NET405 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[NET405] reason` on the line of `status`, or a `[[waiver]]` in `smartreg.toml`.
"""

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
