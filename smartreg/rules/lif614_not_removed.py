"""Decommissioned equipment that is still there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import titles, touches_titles
from smartreg.domain.days import day, days_later
from smartreg.domain.exchanges import exchanges_on
from smartreg.domain.fields import record_named_by, text
from smartreg.domain.titles import REMOVAL_DAYS, Title
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Equipment with status `decommissioned` is removed within the period that the convention allows (`removal_days`), counted
from `decommissioned_on` to the reference date (`--on`). The convention is the one that the record names or, if it names
none, those that cover it on that support; the longest period counts. Without a convention, and on a party's own
support, it is 90 days.

## Why

The support belongs to somebody, often to another party; occupation of public property is temporary (CG3P L2122-2).
The convention says how long equipment may stay after the end (dépose); smartreg counts the same period from the day it
was switched off.

## Wrong

```yaml
# validate --on 2026-01-15
status: decommissioned
decommissioned_on: "2025-09-01"
```

## Right

```yaml
status: removed
decommissioned_on: "2025-09-01"
removed_on: "2025-09-15"
```

## How to fix it

Take it down and retire it (`smartreg retire ID`), or correct the status.

## Configure

`removal_days` is in the convention. `[severity]` in `smartreg.toml`: `LIF614 = "error"`. `--on DATE` sets the day.

## Waive

`# smartreg: ignore[LIF614] reason` on the line of `status`, or a `[[waiver]]` in `smartreg.toml` until the appointment.
"""


@rule(
    "LIF614",
    "warning",
    "registry",
    Words("decommissioned and still there", "hors service et toujours en place"),
    kinds=("equipment",),
    touches=touches_titles("support"),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        since = day(record, "decommissioned_on") if text(record, "status") == "decommissioned" else None
        if since is not None and since < context.on:
            convention = _longest(registry, record, context.on)
            allowed = convention.removal_days if convention else REMOVAL_DAYS
            if days_later(since, allowed) < context.on:
                yield _fault(registry, record, (context.on - since).days, convention)


def _longest(registry: Snapshot, record: Record, on: date) -> Title | None:
    """Of the conventions that count for it on another party's support, the one that allows the most time."""
    installed = [exchange for exchange in exchanges_on(registry, record, on) if exchange.family == "installation"]
    found = [one for exchange in installed for one in titles(registry).find_applicable(record, exchange)]
    return max(found, key=lambda one: one.removal_days, default=None)


def _fault(registry: Snapshot, record: Record, days: int, convention: Title | None) -> Fault:
    support = record_named_by(registry, record, "support", "support")
    host = text(support, "owner") if support else None
    where = Words("in place", "en place")
    if support is not None:
        of, de = (f" of {host}", f" de {host}") if host else ("", "")
        where = Words(f"on the support {support.rid.id}{of}", f"sur le support {support.rid.id}{de}")
    allowed = convention.removal_days if convention else REMOVAL_DAYS
    return Fault(
        at(record, "status"),
        Words(
            f"still {where.en} {days} days after decommissioning ({allowed} are allowed)",
            f"toujours {where.fr} {days} jours après la mise hors service ({allowed} sont admis)",
        ),
        Words(
            f"take it down and retire it: smartreg retire {record.rid.id}",
            f"déposez-le, puis : smartreg retire {record.rid.id}",
        ),
        (Related(at(convention.record, "id"), Words("the convention", "la convention")),) if convention else (),
    )
