"""Equipment on another party's network, without a convention on connectivity."""

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

If equipment is in use (installed, active, faulty; NET406 checks gateways) and its owner neither operates nor owns its
network, a convention is in force on the reference date to which the owner and the operator (or the owner of the
network) are parties, whose `families` include connectivity and whose `scope.networks`, if present, name the network. If
the equipment, or else the network, names a convention that covers it, only that one counts. The communes of a scope are
those of supports.

A commercial network (`access: commercial`) is used through a subscription, outside the conventions.

## Why

The deliberation of 2023-03-16 (IVIS-009-13539/23/BM): connectivity is one of the three families that a convention
opens.

## Wrong

```yaml
# amp-lorawan is operated by amp-metropole; smart-metropole-istres has families: [installation]
id: istres-count-001
owner: ville-d-istres
network: amp-lorawan
status: active
```

## Right

```yaml
# registry/conventions/smart-metropole-istres.yaml
id: smart-metropole-istres
parties: [amp-metropole, ville-d-istres]
families: [installation, connectivity]
status: signed
```

## How to fix it

Record or renew the convention, or add the family from the act. For a paid subscription set `access: commercial` in the
network.

## Configure

`[severity]` in `smartreg.toml`: `NET401 = "warning"`. There is no threshold; `--on` sets the reference date.

## Waive

`# smartreg: ignore[NET401] reason` on the line of `network`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "NET401",
    "error",
    "registry",
    Words("connected without convention", "connexion sans convention"),
    kinds=("equipment",),
    touches=touches_titles("network"),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    devices = (record for record in subjects if text(record, "type") != "gateway")
    yield from check_uncovered(registry, devices, context.on)
