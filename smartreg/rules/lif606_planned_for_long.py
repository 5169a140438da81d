"""Planned for too long without news."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import last_news, months_later
from smartreg.domain.fields import text
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

A record with status `planned` shows some activity in the six months before the reference date (`--on`): either a date
in the record itself (`confirmed_on`, an event, a check of capacity …), or a commit that touched it. Adding a record
touches it, and so does any commit of at most twenty records and any import; a commit across the registry (a reformat,
rewritten references), `fix`, `rename`, `schema`, a correction, an undo and a merge do not. Without Git, or in a shallow
clone, only the record's own dates count.

## Why

Smartreg: the map shows all parties what is planned; abandoned plans hide what is free. The deliberation requires a
bilan of what was really done.

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

## How to fix it

Confirm the plan (`smartreg set ID confirmed_on=…`), install it, or cancel it (`smartreg retire`).

## Configure

`[severity]` in `smartreg.toml`: `LIF606 = "off"`. The six months are fixed.

## Waive

`# smartreg: ignore[LIF606] reason` on the line of `status`, or a `[[waiver]]` in `smartreg.toml`; confirming is
simpler.
"""

MONTHS = 6


@rule(
    "LIF606",
    "warning",
    "registry",
    Words("planned for too long", "prévu de longue date"),
    touches=nothing,
    dated=True,
)
def check(_registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    fresh = months_later(context.on, -MONTHS)
    for record in subjects:
        if text(record, "status") == "planned":
            known = last_news(record, context, fresh)
            if known is not None and known < fresh:
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
