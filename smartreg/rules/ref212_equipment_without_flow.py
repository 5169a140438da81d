"""Active sensor, meter or camera that feeds no flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import state, text
from smartreg.domain.flows import in_use, touches_used
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

An active sensor, meter or camera is in the `equipment` of at least one flow that has not ended.

## Why

The deliberation of 2023-03-16 (IVIS-009-13539/23/BM) has equipment installed so that its data are used. A device that
measures for nobody occupies public property without purpose; and a device that records people must be declared with
its flow.

## Wrong

```yaml
# no flow names istres-noise-003
id: istres-noise-003
type: sensor
status: active
```

## Right

```yaml
# registry/flows/istres-noise-levels.yaml
id: istres-noise-levels
equipment: [istres-noise-003]
```

## How to fix it

Add the device to the `equipment` of its flow, or correct its status. If it feeds none for a good reason, give the
reason in the waiver.

## Configure

`[severity]` in `smartreg.toml`: `REF212 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[REF212] reason` on the line of `status`, or a `[[waiver]]` in `smartreg.toml`.
"""

OBSERVERS = frozenset({"sensor", "meter", "camera"})
USERS = {"flow": "equipment"}


@rule(
    "REF212",
    "warning",
    "registry",
    Words("active equipment without flow", "équipement en service sans flux"),
    kinds=("equipment",),
    touches=touches_used("equipment", USERS),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if text(record, "type") not in OBSERVERS or text(record, "status") != "active":
            continue
        if not in_use(registry, record.rid, USERS):
            id, status = record.rid.id, state(registry, record)
            yield Fault(
                at(record, "status"),
                Words(
                    f"{id} is {status.en} but feeds no flow",
                    f"{id} a le statut « {status.fr} » mais n'alimente aucun flux",
                ),
                Words("add it to the equipment of a flow", "ajoutez-le à l'équipement (equipment) d'un flux"),
            )
