"""Network that nothing uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import in_service
from smartreg.domain.flows import in_use, touches_used
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A network in service carries at least one piece of equipment that is not removed or cancelled, or one flow that has not
ended.

## Why

Smartreg: the family "connectivity" of a convention is about networks that are shared and used. An unused one was
forgotten, or the equipment does not name it.

## Wrong

```yaml
# registry/networks/amp-wifi.yaml: no equipment and no flow has network: amp-wifi
id: amp-wifi
status: in_service
```

## Right

```yaml
# registry/equipment/istres-display-001.yaml
id: istres-display-001
network: amp-wifi
```

## How to fix it

Add `network` to the equipment that uses it, or correct the status of the network (`planned`, `retired`).

## Configure

`[severity]` in `smartreg.toml`: `REF211 = "info"`. There is no threshold.

## Waive

`# smartreg: ignore[REF211] reason` on the line of `id`, or a `[[waiver]]` in `smartreg.toml`.
"""

USERS = {"equipment": "network", "flow": "network"}


@rule(
    "REF211",
    "warning",
    "registry",
    Words("network without use", "réseau sans usage"),
    kinds=("network",),
    touches=touches_used("network", USERS),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if in_service(registry, record) and not in_use(registry, record.rid, USERS):
            id = record.rid.id
            yield Fault(
                at(record, "id"),
                Words(f"network {id} is used by nothing", f"rien n'utilise le réseau {id}"),
                Words(
                    "name it in the equipment that uses it, or correct its status",
                    "citez-le dans l'équipement qui l'utilise, ou corrigez son statut",
                ),
            )
