"""Record in service that was not confirmed recently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import last_news, months_later
from smartreg.domain.fields import text
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

Equipment in use (installed, active, faulty), a flow (active, suspended) and a network in service show some activity in
the `stale_months` before the reference date (`--on`): either a date in the record itself (`confirmed_on`, when it was
installed, started or calibrated, an event …), or a commit that touched it. Adding a record touches it, and so does any
commit of at most twenty records and any import; a commit across the registry (a reformat, rewritten references), `fix`,
`rename`, `schema`, a correction, an undo and a merge do not, because they prove nothing about the device. Without Git,
or in a shallow clone, only the record's own dates count. Supports, parties, conventions and use cases have their own
rhythm and are left out.

## Why

Smartreg: a registry is only as good as its oldest entry. The share of records confirmed in the last twelve months
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

## How to fix it

Check whether it is still there and working, then `smartreg set ID confirmed_on=…`; or retire it (`smartreg retire`).

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
    Words("not confirmed recently", "non confirmé depuis longtemps"),
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
