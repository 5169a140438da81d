"""LoRaWAN device without its EUI, or a DevEUI on a network that is not LoRaWAN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, in_service, record_named_by, text
from smartreg.rules.rule import rule


@rule(
    "NET403",
    "error",
    "registry",
    Words("LoRaWAN identifier", "identifiant LoRaWAN"),
    kinds=("equipment",),
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
