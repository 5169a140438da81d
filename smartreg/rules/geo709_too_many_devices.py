"""More devices on a support than it may carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.numbers import format_number
from smartreg.domain.placements import as_related, devices_on, limit, touches_supports
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A support carries no more equipment (installed, active, faulty, or decommissioned and still there) than its
`capacity.max_devices` allows. Planned equipment is not there yet, and often replaces another device.

## Why

The owner of a support limits the number of devices for reasons other than weight: access, appearance, wind load.

## Wrong

```yaml
# three devices hang on it
id: istres-ep-00412
capacity:
  max_devices: 2
```

## Right

```yaml
# two devices hang on it
id: istres-ep-00412
capacity:
  max_devices: 2
```

## How to fix it

Move a device to another support (`smartreg move ID SUPPORT --on DAY`), remove decommissioned devices
(`smartreg retire`), or record what the owner allows now.

## Configure

`[severity]` in `smartreg.toml`: `GEO709 = "error"`. There is no threshold: the limit is in the support. `--on DATE`
sets the day: what was mounted then counts.

## Waive

`# smartreg: ignore[GEO709] reason` on the line of `max_devices`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "GEO709",
    "warning",
    "registry",
    Words("too many devices on a support", "trop d'équipements sur un support"),
    kinds=("support",),
    touches=touches_supports,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for support in subjects:
        most = limit(support, "capacity", "max_devices")
        if most is None or has_ended(registry, support):
            continue
        devices = devices_on(registry, support.rid, context.on)
        if len(devices) > most:
            allowed = format_number(most)
            yield Fault(
                at(support, "capacity", "max_devices"),
                Words(
                    f"{len(devices)} devices on this support, limit {allowed.en}",
                    f"{len(devices)} équipements sur ce support, {allowed.fr} au plus",
                ),
                Words(
                    "move a device, take down what is decommissioned, or correct the limit",
                    "déplacez un équipement, déposez ce qui est hors service, ou corrigez la limite",
                ),
                as_related(devices, "support"),
            )
