"""LoRaWAN device without its EUI, or a DevEUI on a network that is not LoRaWAN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.connections import on_network
from smartreg.domain.fields import has_ended, in_service, record_named_by, text
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

- Equipment that is present (installed, active, faulty, decommissioned) on a LoRaWAN network has `dev_eui`; a gateway
  has `gateway_eui`.
- Equipment that is not removed or cancelled and has `dev_eui` is on a LoRaWAN network, if it names one. A network of
  technology `other` may include LoRaWAN.

## Why

LoRaWAN Link Layer specification (TS001): an end device is identified by its DevEUI, and joins with it. No other
technology in the list has one.

## Wrong

```yaml
# amp-lorawan has technology: lorawan
id: istres-noise-003
type: sensor
status: active
network: amp-lorawan
```

## Right

```yaml
id: istres-noise-003
type: sensor
status: active
network: amp-lorawan
dev_eui: "70B3D57ED0061234"
```

## How to fix it

Read the identifier on the label of the device or in the network server, and write it in quotes. If the device is not
LoRaWAN, correct `network`.

## Configure

`[severity]` in `smartreg.toml`: `NET403 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[NET403] reason` on the line of `network` or `dev_eui`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "NET403",
    "error",
    "registry",
    Words("LoRaWAN identifier", "identifiant LoRaWAN"),
    kinds=("equipment",),
    touches=on_network,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        network = record_named_by(registry, record, "network", "network")
        technology = text(network, "technology") if network is not None else None
        if network is None or technology is None:
            continue
        if technology == "lorawan":
            field = "gateway_eui" if text(record, "type") == "gateway" else "dev_eui"
            if field not in record.data and in_service(registry, record):
                yield _missing_fault(record, network, field)
        elif technology != "other" and "dev_eui" in record.data and not has_ended(registry, record):
            yield _out_of_place(record, network, technology)


def _missing_fault(record: Record, network: Record, field: str) -> Fault:
    return Fault(
        at(record, "network"),
        Words(
            f"{field} is required on a LoRaWAN network ({network.rid.id})",
            f"{field} est obligatoire sur un réseau LoRaWAN ({network.rid.id})",
        ),
        Words(
            "it is printed on the device: 16 hexadecimal digits, in quotes",
            "il est imprimé sur l'appareil : 16 chiffres hexadécimaux, entre guillemets",
        ),
    )


def _out_of_place(record: Record, network: Record, technology: str) -> Fault:
    return Fault(
        at(record, "dev_eui"),
        Words(
            f"dev_eui is for LoRaWAN, but network {network.rid.id} is {technology}",
            f"dev_eui est propre à LoRaWAN, mais le réseau {network.rid.id} est {technology}",
        ),
        Words("correct network, or delete dev_eui", "corrigez network, ou supprimez dev_eui"),
        (Related(at(network, "technology"), Words("its technology", "sa technologie")),),
    )
