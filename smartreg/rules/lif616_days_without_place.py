"""Days on which equipment was nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words, path_text
from smartreg.domain.changes import day_correction
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import day, days_later
from smartreg.domain.placements import PLACEMENTS, placements_of
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

The first of the `placements` of equipment begins on the day of its installation (`installed_on`), each further one and
the present place (`placed_on`) on the day after the one before.

## Why

For a day without a place, nobody can say whose support carried the device or which convention covered it. If the device
was in a workshop, say so with a waiver.

## Wrong

```yaml
placed_on: "2025-06-01"
placements:
  - support: istres-ep-00411
    from: "2024-03-11"
    until: "2025-05-11"
```

## Right

```yaml
placed_on: "2025-05-12"
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

`[severity]` in `smartreg.toml`: `LIF616 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[LIF616] reason` on the line of the day, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "LIF616",
    "warning",
    "record",
    Words("days without a place", "jours sans emplacement"),
    kinds=("equipment",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if PLACEMENTS not in record.data and "placed_on" not in record.data:
        return
    installed = day(record, "installed_on")
    if installed is None:
        return
    expected = installed
    for one in placements_of(record):
        path = (*one.path, "from") if one.path[0] == PLACEMENTS else ("placed_on",)
        if one.start is not None and one.start > expected:
            last = days_later(one.start, -1)
            yield Fault(
                at(record, *path),
                Words(
                    f"no place is known from {expected} to {last}",
                    f"aucun emplacement n'est connu du {expected} au {last}",
                ),
                day_correction(record, path_text(path), expected.isoformat()),
            )
        expected = days_later(one.until, 1) if one.until is not None else expected
