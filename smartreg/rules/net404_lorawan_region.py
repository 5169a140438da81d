"""LoRaWAN network in another region than EU863-870."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words, value_at
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema import literal

MANUAL = """
## What it checks

`lorawan.region` of a network is EU863-870.

## Why

The LoRaWAN regional parameters (RP002) assign EU863-870 to metropolitan France; public and private networks use this
band. EU433 and ISM2400 are far more often mistakes than choices.

## Wrong

```yaml
id: amp-lorawan
technology: lorawan
lorawan:
  region: EU433
```

## Right

```yaml
id: amp-lorawan
technology: lorawan
lorawan:
  region: EU863-870
```

## How to fix it

Correct the region. If the network really uses the other band, waive the finding and say why.

## Configure

`[severity]` in `smartreg.toml`: `NET404 = "off"` outside France. There is no threshold.

## Waive

`# smartreg: ignore[NET404] reason` on the line of `region`, or a `[[waiver]]` in `smartreg.toml`.
"""

PATH = ("lorawan", "region")
EXPECTED = "EU863-870"


@rule("NET404", "error", "record", Words("LoRaWAN region", "région LoRaWAN"), kinds=("network",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    region = value_at(record.data, PATH)
    if isinstance(region, str) and region != EXPECTED:
        yield Fault(
            at(record, *PATH),
            Words(
                f"region {literal(region)} is not that of metropolitan France",
                f"la région {literal(region)} n'est pas celle de la France métropolitaine",
            ),
            Words(f"write {EXPECTED}", f"écrivez {EXPECTED}"),
        )
