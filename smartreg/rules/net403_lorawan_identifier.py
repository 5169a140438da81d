"""LoRaWAN device without its EUI, or a DevEUI on a network that is not LoRaWAN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, in_service, record_named_by, text
from smartreg.rules.rule import rule


@rule("NET403", "error", "registry", Message("LoRaWAN identifier"), kinds=("equipment",))
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
        Message("{field} is required on a LoRaWAN network ({network})", field=field, network=network.rid.id),
        Message("it is printed on the device: 16 hexadecimal digits, in quotes"),
    )


def _out_of_place(record: Record, network: Record, technology: str) -> Fault:
    return Fault(
        at(record, "dev_eui"),
        Message(
            "dev_eui is for LoRaWAN, but network {network} is {technology}",
            network=network.rid.id,
            technology=technology,
        ),
        Message("correct network, or delete dev_eui"),
        (Related(at(network, "technology"), Message("its technology")),),
    )
