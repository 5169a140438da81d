"""Gateway on another party's network, without a convention on connectivity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot
from smartreg.domain.connections import check_uncovered
from smartreg.domain.conventions import touches_titles
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

If a gateway is in use (installed, active, faulty) and its owner neither operates nor owns its network, then, as in
NET401, a convention between the two that covers connectivity and the network is in force on the reference date;
commercial networks are left out.

## Why

A gateway carries the messages of everybody on the network: its owner is responsible for the operation of somebody
else's network. The deliberation of 2023-03-16 (IVIS-009-13539/23/BM) has the conventions set these responsibilities.

## Wrong

```yaml
# amp-lorawan is operated by amp-metropole; no convention between the two covers connectivity
id: istres-gateway-001
type: gateway
owner: ville-d-istres
network: amp-lorawan
status: active
```

## Right

```yaml
# registry/conventions/smart-metropole-istres.yaml
id: smart-metropole-istres
parties: [amp-metropole, ville-d-istres]
families: [connectivity]
status: signed
```

## How to fix it

Record or renew the convention, or correct the owner of the gateway or the operator of the network.

## Configure

`[severity]` in `smartreg.toml`: `NET406 = "warning"`. There is no threshold; `--on` sets the reference date.

## Waive

`# smartreg: ignore[NET406] reason` on the line of `network`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "NET406",
    "error",
    "registry",
    Words("gateway without convention", "passerelle sans convention"),
    kinds=("equipment",),
    touches=touches_titles("network"),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    gateways = (record for record in subjects if text(record, "type") == "gateway")
    yield from check_uncovered(registry, gateways, context.on)
