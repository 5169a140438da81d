"""Support moved together with its equipment."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Words
from smartreg.domain.changes import Changes, pairs_of
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.numbers import metres
from smartreg.domain.placements import NEAR_M, as_related, devices_on
from smartreg.registry import distance_m, point
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

The position of a support does not move by more than five metres while it carries equipment without a position of its
own (installed, active, faulty, or decommissioned and still there).

## Why

Smartreg: poles do not walk. Either the position is corrected, and every measurement moves on the map with it, or this
is another pole, which needs its own record.

## Wrong

```yaml
# before: lon 4.98747; three devices hang on it
id: istres-ep-00412
location:
  lon: 4.98847
  lat: 43.51345
```

## Right

```yaml
# a correction of two metres
id: istres-ep-00412
location:
  lon: 4.98749
  lat: 43.51346
```

## How to fix it

If the position was corrected, just check where the devices are now. If it is another support, add a record for it and
move the devices (`smartreg move ID SUPPORT --on DAY`).

## Configure

`[severity]` in `smartreg.toml`: `CHG808 = "error"`. There is no threshold.

## Waive

Not needed: it is a warning for the review of one change, and disappears with the next.
"""


@rule("CHG808", "warning", "change", Words("support moved", "support déplacé"), kinds=("support",), dated=True)
def check(_before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in pairs_of(changes, "support"):
        start, end = point(old.data.get("location")), point(new.data.get("location"))
        distance = distance_m(start, end) if start and end else 0
        if distance <= NEAR_M:
            continue
        devices = [device for device in devices_on(after, new.rid, context.on) if device.data.get("location") is None]
        if devices:
            far, count, one = metres(distance), len(devices), len(devices) == 1
            yield Fault(
                at(new, "location"),
                Words(
                    f"moved by {far.en}, and {count} device{' moves' if one else 's move'} with it",
                    f"déplacé de {far.fr}, et {count} équipement{' le suit' if one else 's le suivent'}",
                ),
                Words(
                    "if it is another support, add a record (smartreg add-support) and move the devices there"
                    " (smartreg move)",
                    "s'il s'agit d'un autre support, ajoutez une fiche (smartreg add-support) et déplacez-y les"
                    " équipements (smartreg move)",
                ),
                as_related(devices, "support"),
            )
