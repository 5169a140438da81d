"""More messages than the network allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import seconds
from smartreg.domain.fields import has_ended, record_named_by, text
from smartreg.domain.flows import devices
from smartreg.domain.reach import linked
from smartreg.rules.rule import rule

LEAST = {"lorawan": "PT5M", "sigfox": "PT11M"}
NAMES = {"lorawan": "LoRaWAN", "sigfox": "Sigfox"}
LEAST_SECONDS = {technology: seconds(least) or 0 for technology, least in LEAST.items()}
LONGEST = max(LEAST_SECONDS.values())


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The records linked; for a network with a limit, the flows that its devices could carry too often."""
    yield from linked(registry, record)
    if record.rid.kind == "network" and text(record, "technology") in LEAST:
        for flow in registry.of_kind("flow"):
            if _often(flow) is not None and text(flow, "network") is None:
                yield flow.rid


@rule("DAT515", "warning", "registry", Message("too frequent for the network"), kinds=("flow",), touches=_find_affected)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for flow in subjects:
        time = _often(flow)
        if time is None or has_ended(registry, flow):
            continue
        for network in _networks(registry, flow):
            technology = text(network, "technology") or ""
            if time < LEAST_SECONDS.get(technology, 0):
                yield _too_frequent(flow, network, technology)
                break


def _often(flow: Record) -> int | None:
    """The seconds between two messages, if few enough to be too frequent for some network."""
    frequency = text(flow, "frequency")
    time = seconds(frequency) if frequency else None
    return time if time is not None and time < LONGEST else None


def _networks(registry: Snapshot, flow: Record) -> Iterator[Record]:
    named_network = record_named_by(registry, flow, "network", "network")
    if text(flow, "network") is not None:
        yield from () if named_network is None else (named_network,)
        return
    for _, device in devices(registry, flow):
        network = record_named_by(registry, device, "network", "network")
        if network is not None:
            yield network


def _too_frequent(flow: Record, network: Record, technology: str) -> Fault:
    frequency, name, least = text(flow, "frequency"), NAMES[technology], LEAST[technology]
    return Fault(
        at(flow, "frequency"),
        Message("{frequency} between two messages is not realistic on {name}", frequency=frequency, name=name),
        Message("correct the frequency (at least {least}) or the network", least=least),
        (Related(at(network, "technology"), Message("its network")),),
    )
