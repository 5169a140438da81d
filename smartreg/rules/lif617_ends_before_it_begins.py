"""Placement that ends before it begins."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words, path_text
from smartreg.domain.changes import day_correction
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.placements import PLACEMENTS, earlier_placements
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

In each of the `placements` of equipment, `until` is not before `from`. The same day is allowed.

## Why

A period that runs backwards contains no day, so the device was never there.

## Wrong

```yaml
placements:
  - support: istres-ep-00411
    from: "2025-05-11"
    until: "2024-03-11"
```

## Right

```yaml
placements:
  - support: istres-ep-00411
    from: "2024-03-11"
    until: "2025-05-11"
```

## How to fix it

Correct a wrong entry with a reason:
`smartreg set ID 'placements[0].until=2025-05-11' --correct -m REASON`. `smartreg move` enters the days of a move for
you.

## Configure

`[severity]` in `smartreg.toml`: `LIF617 = "warning"`. There is no threshold.

## Waive

Not useful: one of the days is wrong.
"""


@rule(
    "LIF617",
    "error",
    "record",
    Words("placement ends before it begins", "emplacement qui finit avant de commencer"),
    kinds=("equipment",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    for one in earlier_placements(record) if PLACEMENTS in record.data else ():
        if one.start is not None and one.until is not None and one.until < one.start:
            path = (*one.path, "until")
            yield Fault(
                at(record, *path),
                Words(
                    f"ends on {one.until} (until), before it begins on {one.start} (from)",
                    f"finit le {one.until} (until), avant de commencer le {one.start} (from)",
                ),
                day_correction(record, path_text(path)),
                (Related(at(record, *one.path, "from"), Words("its first day", "son premier jour")),),
            )
