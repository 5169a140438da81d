"""B5: who uses whose network, and where the gateways are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.fields import text
from smartreg.reports.communes import communes_of
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Value, share
from smartreg.reports.material import Material

TITLE = Message("Network sharing")
DEFINITION = Message(
    "Devices in place on each network, and the share that does not belong to the operator of the network. A gateway "
    "is the antenna that connects devices to the network."
)
NOTHING = Message("the registry has no network")
UNUSED = Message("no device in place names a network")
NO_GATEWAY = Message("no gateway is in place yet")
NOTE = Message("Communes: where the devices in place on the network are.")
FINDING = Message("Most often, a device of {right} is on {down}: {n} of {all}.")
NETWORK = FigureColumn("network", Message("network"), "label")
OWNER = FigureColumn("owner", Message("owner"), "label")


def figure(material: Material) -> Figure:
    networks = material.of("network")
    if not networks:
        return Figure(5, TITLE, why_not=NOTHING)
    used: dict[str, Sequence[Record]] = {
        record.rid.id: [device for device in material.equipment_there if text(device, "network") == record.rid.id]
        for record in networks
    }
    whole = sum(map(len, used.values()))
    others = sum(_of_others(material, record, used[record.rid.id]) for record in networks)
    shared = [record for record in networks if text(record, "access") == "shared"]
    commercial = [record for record in networks if text(record, "access") == "commercial"]
    words = Message("devices on a network that another party operates")
    on_shared = sum(len(used[record.rid.id]) for record in shared)
    on_commercial = sum(len(used[record.rid.id]) for record in commercial)
    measures = (
        share("on_others", words, others, whole, UNUSED),
        share(
            "on_shared",
            Message("devices on a shared network"),
            on_shared,
            whole,
            UNUSED,
        ),
        share(
            "on_commercial",
            Message("devices on a commercial network"),
            on_commercial,
            whole,
            UNUSED,
        ),
    )
    tables = (_networks(material, networks, used), _owners(material, used), _gateways(material, used))
    return Figure(5, TITLE, measures, tables, (NOTE,))


def _of_others(material: Material, network: Record, devices: Iterable[Record]) -> int:
    return sum(material.owner_of(device) != material.holder(text(network, "operator")) for device in devices)


def _is_gateway(device: Record) -> bool:
    return text(device, "type") == "gateway"


def _networks(material: Material, networks: Sequence[Record], used: dict[str, Sequence[Record]]) -> FigureTable:
    columns = (
        NETWORK,
        FigureColumn("access", Message("access"), "label"),
        FigureColumn("operator", Message("operator"), "label"),
        FigureColumn("equipment", Message("devices")),
        FigureColumn("of_others", Message("of other owners")),
        FigureColumn("share", Message("share of other owners"), "share"),
        FigureColumn("gateways", Message("gateways")),
        FigureColumn("communes", Message("communes")),
    )
    rows = tuple(_row(material, record, used[record.rid.id]) for record in networks)
    title = Message("By network")
    return FigureTable("networks", title, columns, rows, Chart("bars", "network", ("equipment", "of_others")))


def _row(material: Material, network: Record, devices: Sequence[Record]) -> tuple[Value, ...]:
    operator, others = material.holder(text(network, "operator")), _of_others(material, network, devices)
    return (
        material.label("network", network.rid.id),
        material.word("network", "access", text(network, "access")),
        material.label("party", operator) if operator else None,
        len(devices),
        others,
        others / len(devices) if devices else None,
        sum(map(_is_gateway, devices)),
        len({code for device in devices for code in communes_of(material, device)}),
    )


def _owners(material: Material, used: dict[str, Sequence[Record]]) -> FigureTable:
    counts = Counter(
        (network, owner)
        for network, devices in used.items()
        for device in devices
        if (owner := material.owner_of(device))
    )
    rows = tuple(
        (material.label("network", network), material.label("party", owner), counts[network, owner])
        for network, owner in sorted(counts)
    )
    columns = (NETWORK, OWNER, FigureColumn("equipment", Message("devices")))
    title = Message("Devices by network and owner")
    return FigureTable("owners", title, columns, rows, Chart("matrix", "network", ("equipment",), "owner", FINDING))


def _gateways(material: Material, used: dict[str, Sequence[Record]]) -> FigureTable:
    counts: Counter[tuple[str, str, str]] = Counter()
    for network, devices in used.items():
        for device in filter(_is_gateway, devices):
            support = material.support_of(device)
            host = material.owner_of(support) if support else None
            counts[network, material.owner_of(device) or "", host or ""] += 1
    rows = tuple(
        (material.label("network", network), _party(material, owner), _party(material, host), counts[key])
        for key in sorted(counts)
        for network, owner, host in (key,)
    )
    columns = (
        NETWORK,
        OWNER,
        FigureColumn("host", Message("owner of the support"), "label"),
        FigureColumn("gateways", Message("gateways")),
    )
    return FigureTable("gateways", Message("Gateways"), columns, rows, why_not=None if rows else NO_GATEWAY)


def _party(material: Material, id: str) -> Value:
    return material.label("party", id) if id else None
