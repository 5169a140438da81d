"""Planned for long without news.

## What it checks

A record with status `planned` whose latest own date (`confirmed_on`, an event, a check of capacity …) is more than six
months before the reference date (`--on`). Rules read records, not the history of Git: a planned record without any date
is not reported; `smartreg log` tells when it was entered.

## Why

Smartreg: the map shows what is planned to all parties; plans that nobody holds on to hide what is free. The
deliberation asks for a bilan of what was really done.

## Wrong

```yaml
# validate --on 2026-01-15
status: planned
confirmed_on: "2025-03-01"
```

## Right

```yaml
status: planned
confirmed_on: "2025-12-01"
```

## How to mend

Confirm the plan (`smartreg set ID confirmed_on=…`), install it, or cancel it (`smartreg retire`).

## Configure

`[severity]` in smartreg.toml: `LIF606 = "off"`. The six months are fixed.

## Waive

`# smartreg: ignore[LIF606] reason` on the line of `status`, or a `[[waiver]]` in smartreg.toml; confirming is simpler.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.rules._days import months_later
from smartreg.rules._facts import last_known
from smartreg.rules._fields import text
from smartreg.rules.rule import Context, Fault, Snapshot, at, nothing, rule
from smartreg.values import Record, Words

MONTHS = 6


@rule(
    "LIF606",
    "warning",
    "registry",
    Words("planned for long", "prévu de longue date"),
    touches=nothing,
    dated=True,
)
def check(_registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        if text(record, "status") == "planned":
            known = last_known(record, context)
            if known is not None and months_later(known, MONTHS) < context.on:
                yield Fault(
                    at(record, "status"),
                    Words(
                        f"planned, with no news since {known}: still valid?",
                        f"prévu, sans nouvelle depuis le {known} : toujours d'actualité ?",
                    ),
                    Words(
                        f"confirm it (smartreg set {record.rid.id} confirmed_on={context.on}) or cancel it",
                        f"confirmez-le (smartreg set {record.rid.id} confirmed_on={context.on}) ou annulez-le",
                    ),
                )
