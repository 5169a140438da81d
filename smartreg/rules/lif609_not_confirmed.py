"""Record in service that nobody has confirmed for long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import months_later
from smartreg.domain.facts import last_news
from smartreg.domain.fields import text
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

Of equipment at work (installed, active, faulty), of a flow (active, suspended) and of a network in service somebody has
said something in the last `stale_months` before the reference date (`--on`): the record itself (`confirmed_on`, or when
it was installed or started, calibrated, an event …), or the history of Git, by a commit that touched it. Entering it
touches a record, and so does any commit of at most twenty records and any import; a commit that goes through the
registry (a reformat, references rewritten), `fix`, `rename`, `schema`, a correction, an undo and a merge do not: they
prove nothing of the device. Without Git, or where a shallow clone cuts the history, only the record's own dates count.
Supports, parties, conventions and use cases have their own rhythm and are left out.

## Why

Smartreg: a registry is worth what its oldest entry is worth. The share of records confirmed in the last twelve months
is a figure of the report.

## Wrong

```yaml
# validate --on 2026-01-15
status: active
installed_on: "2024-03-11"
```

## Right

```yaml
status: active
installed_on: "2024-03-11"
confirmed_on: "2025-06-30"
```

## How to mend

Look whether it is still there and at work, then `smartreg set ID confirmed_on=…`; or retire it (`smartreg retire`).

## Configure

`[thresholds]` in `smartreg.toml`: `stale_months = 24` (default 12). `[severity]`: `LIF609 = "info"`.

## Waive

`# smartreg: ignore[LIF609] reason` on the line of `status`, or a `[[waiver]]` in `smartreg.toml`; confirming is
simpler.
"""

AT_WORK = {
    "equipment": frozenset({"installed", "active", "faulty"}),
    "flow": frozenset({"active", "suspended"}),
    "network": frozenset({"in_service"}),
}


@rule(
    "LIF609",
    "warning",
    "registry",
    Words("not confirmed for long", "non confirmé depuis longtemps"),
    kinds=tuple(AT_WORK),
    touches=nothing,
    dated=True,
)
def check(_registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    stale_before = months_later(context.on, -int(context.config.thresholds.stale_months))
    for record in subjects:
        if text(record, "status") in AT_WORK[record.rid.kind]:
            known = last_news(record, context, stale_before)
            if known is not None and known < stale_before:
                yield Fault(
                    at(record, "status"),
                    Words(f"not confirmed since {known}", f"non confirmé depuis le {known}"),
                    Words(
                        f"confirm it: smartreg set {record.rid.id} confirmed_on={context.on}",
                        f"confirmez-le : smartreg set {record.rid.id} confirmed_on={context.on}",
                    ),
                )
