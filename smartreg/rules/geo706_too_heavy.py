"""More weight on a support than it can carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.numbers import format_number, total
from smartreg.domain.placements import amounts, as_related, devices_on, limit, touches_supports
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

The weights (`weight_kg`) of the equipment on a support (installed, active, faulty, or decommissioned and still there)
add up to no more than its `capacity.max_load_kg`. Equipment without a weight counts as zero; planned equipment is not
there yet, and often replaces another device.

## Why

The model convention of Enedis and FNCCR on shared poles requires checking what a pole can carry before anything is
fixed to it. The owner is liable for a pole that falls.

## Wrong

```yaml
# two devices of 8.6 kg hang on it
id: istres-ep-00412
capacity:
  max_load_kg: 15
```

## Right

```yaml
# one device of 8.6 kg hangs on it
id: istres-ep-00412
capacity:
  max_load_kg: 15
```

## How to fix it

Move equipment to another support (`smartreg move ID SUPPORT --on DAY`), correct the weights, or record the new capacity
once somebody has checked it (`capacity.max_load_kg`, `capacity.checked_on`).

## Configure

`[severity]` in `smartreg.toml`: `GEO706 = "warning"`. There is no threshold: the limit is in the support. `--on DATE`
sets the day: what was mounted then counts.

## Waive

`# smartreg: ignore[GEO706] reason` on the line of `max_load_kg`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "GEO706",
    "error",
    "registry",
    Words("too heavy for the support", "trop lourd pour le support"),
    kinds=("support",),
    touches=touches_supports,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for support in subjects:
        most = limit(support, "capacity", "max_load_kg")
        if most is None or has_ended(registry, support):
            continue
        weights = amounts(devices_on(registry, support.rid, context.on), "weight_kg")
        weight = total(value for _, value in weights)
        if weight > most:
            heavy, allowed = format_number(weight), format_number(most)
            yield Fault(
                at(support, "capacity", "max_load_kg"),
                Words(
                    f"{heavy.en} kg hang on a support limited to {allowed.en} kg",
                    f"{heavy.fr} kg sur un support limité à {allowed.fr} kg",
                ),
                Words(
                    "move equipment to another support, or record the capacity as checked anew",
                    "déplacez un équipement, ou inscrivez la charge admissible après une nouvelle vérification",
                ),
                as_related([device for device, _ in weights], "weight_kg"),
            )
