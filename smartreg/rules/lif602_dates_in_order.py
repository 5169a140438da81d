"""Dates of a life cycle out of order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import day
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

`installed_on` is not after `decommissioned_on`, which is not after `removed_on`; `started_on` is not after `ended_on`;
`signed_on` is not after `terminated_on`. The same day is allowed. (Term and deliberations of a convention: CON308.)

## Why

Smartreg: the report counts how long equipment was in use and how long conventions lasted; a life that ends before it
begins distorts both.

## Wrong

```yaml
installed_on: "2024-03-11"
decommissioned_on: "2024-01-02"
```

## Right

```yaml
installed_on: "2024-03-11"
decommissioned_on: "2025-01-02"
```

## How to fix it

Correct the wrong one of the two dates; around New Year it is often the year.

## Configure

`[severity]` in `smartreg.toml`: `LIF602 = "warning"`. There is no threshold.

## Waive

Not useful: one of the two dates is wrong.
"""

LIVES = (
    ("installed_on", "decommissioned_on", "removed_on"),
    ("installed_on", "installed_before"),
    ("started_on", "ended_on"),
    ("signed_on", "terminated_on"),
)


@rule(
    "LIF602",
    "error",
    "record",
    Words("dates not in order", "dates dans le désordre"),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    for life in LIVES:
        given = [name for name in life if name in record.data]
        if len(given) < 2:  # as in most records: nothing to compare
            continue
        dated = [(name, found) for name in given if (found := day(record, name)) is not None]
        for (before, earlier), (after, later) in pairwise(dated):
            if later < earlier:
                yield Fault(
                    at(record, after),
                    Words(
                        f"{after} {later} is before {before} {earlier}",
                        f"{after} {later} précède {before} {earlier}",
                    ),
                    Words("correct one of the two dates", "corrigez l'une des deux dates"),
                    (Related(at(record, before), Words("the earlier date", "la date antérieure")),),
                )
