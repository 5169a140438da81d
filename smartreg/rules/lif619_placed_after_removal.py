"""Placement after the removal."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.values import KeyPath, Record, Words, path_text
from smartreg.domain.changes import day_correction
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import day
from smartreg.domain.placements import earlier_placements
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

No place of equipment begins (`placed_on`, `from`) or ends (`until`) after the day it was removed (`removed_on`).

## Why

Removed equipment is nowhere. A device that is reinstalled needs a new record, or was not removed.

## Wrong

```yaml
removed_on: "2025-03-01"
placed_on: "2025-05-12"
```

## Right

```yaml
removed_on: "2025-09-15"
placed_on: "2025-05-12"
```

## How to fix it

Correct the wrong day with a reason: `smartreg set ID removed_on=2025-09-15 --correct -m REASON`.

## Configure

`[severity]` in `smartreg.toml`: `LIF619 = "warning"`. There is no threshold.

## Waive

Not useful: one of the days is wrong.
"""


@rule(
    "LIF619",
    "error",
    "record",
    Words("placed after the removal", "posé après la dépose"),
    kinds=("equipment",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    removed = day(record, "removed_on")
    if removed is None:
        return
    days: list[tuple[KeyPath, object]] = [((*one.path, "until"), one.until) for one in earlier_placements(record)]
    days.append((("placed_on",), day(record, "placed_on")))
    for path, found in days:
        if found is not None and str(found) > str(removed):
            yield Fault(
                at(record, *path),
                Words(
                    f"{path_text(path)} {found} is after the removal on {removed}",
                    f"{path_text(path)} {found} est postérieur à la dépose le {removed}",
                ),
                day_correction(record, path_text(path)),
                (Related(at(record, "removed_on"), Words("the removal", "la dépose")),),
            )
