"""Placement before the installation."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words, path_text
from smartreg.domain.changes import day_correction
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import BEFORE, INSTALLED, day
from smartreg.domain.placements import PLACEMENTS, placements_of
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

No place of equipment (`placements`, `placed_on`) begins before the day of its first installation (`installed_on`), and
equipment that was never installed has none. If only `installed_before` is known, a place may begin on any day.

## Why

`installed_on` is the first installation and never changes, wherever the device is later. If a place begins before it,
one of the two days is wrong.

## Wrong

```yaml
installed_on: "2024-03-11"
placed_on: "2024-01-02"
```

## Right

```yaml
installed_on: "2024-03-11"
placed_on: "2025-05-12"
```

## How to fix it

Correct the wrong day with a reason: `smartreg set ID installed_on=2024-01-02 --correct -m REASON`.

## Configure

`[severity]` in `smartreg.toml`: `LIF618 = "warning"`. There is no threshold.

## Waive

Not useful: one of the days is wrong.
"""


@rule(
    "LIF618",
    "error",
    "record",
    Words("placed before the installation", "posé avant l'installation"),
    kinds=("equipment",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if PLACEMENTS not in record.data and "placed_on" not in record.data:
        return
    installed = day(record, INSTALLED)
    if installed is None and day(record, BEFORE) is not None:
        return
    for one in placements_of(record):
        path = (*one.path, "from") if one.path[0] == PLACEMENTS else ("placed_on",)
        if one.start is None or (installed is not None and one.start >= installed):
            continue
        if installed is None:
            yield Fault(
                at(record, *path),
                Words(
                    f"placed on {one.start}, and never installed (no installed_on)",
                    f"posé le {one.start}, et jamais installé (pas d'installed_on)",
                ),
                Words(
                    "add the day of the first installation (installed_on), or take its places out",
                    "ajoutez le jour de la première installation (installed_on), ou supprimez ses emplacements",
                ),
            )
        else:
            yield Fault(
                at(record, *path),
                Words(
                    f"placed on {one.start}, before its installation on {installed}",
                    f"posé le {one.start}, avant son installation le {installed}",
                ),
                day_correction(record, path_text(path)),
                (Related(at(record, INSTALLED), Words("the installation", "l'installation")),),
            )
