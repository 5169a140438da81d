"""B1: who hosts whose equipment, and the balance of each party.

In place: equipment whose status is one in service (decommissioned, it still hangs there), on a support whose owner is
known. Balance of a party: what it hosts for others, less what others host for it. `CON301` asks for a convention where
host and guest differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Measure
from smartreg.reports.material import Material

TITLE = Message("Reciprocity: who hosts whom")
DEFINITION = Message(
    "Devices in place on a support whose owner is known, by host (owner of the support) and owner of the device."
)
HOST, GUEST = (
    Message("host (owner of the support)"),
    Message("owner"),
)
FINDING = Message("Between two parties, it is most often {down} that hosts {right}: {n} of {all} devices.")
NOTE = Message("Balance: devices that a party hosts for others, less its own devices that others host.")
NOTHING = Message("no device in place is on a support whose owner is known")


def figure(material: Material) -> Figure:
    in_place = Counter(_pairs(material, material.equipment_there))
    installed = Counter(_pairs(material, filter(material.is_new, material.of("equipment"))))
    pairs = sorted(in_place.keys() | installed.keys())
    if not pairs:
        return Figure(1, TITLE, why_not=NOTHING)
    for_others = sum(number for (host, guest), number in in_place.items() if host != guest)
    measures = (
        Measure(
            "present",
            Message("devices in place on a support"),
            "count",
            in_place.total(),
        ),
        Measure(
            "hosted_by_others",
            Message("of which on another party's support"),
            "count",
            for_others,
        ),
    )
    return Figure(
        1, TITLE, measures, (_matrix(material, pairs, in_place, installed), _balances(material, in_place)), (NOTE,)
    )


def _pairs(material: Material, devices: Iterable[Record]) -> Iterable[tuple[str, str]]:
    for device in devices:
        support = material.support_of(device)
        host, guest = material.owner_of(support) if support else None, material.owner_of(device)
        if host and guest:
            yield host, guest


def _matrix(
    material: Material,
    pairs: list[tuple[str, str]],
    in_place: Counter[tuple[str, str]],
    installed: Counter[tuple[str, str]],
) -> FigureTable:
    return FigureTable(
        "matrix",
        Message("Devices by host and owner"),
        (
            FigureColumn("host", HOST, "label"),
            FigureColumn("guest", GUEST, "label"),
            FigureColumn("present", Message("in place")),
            FigureColumn("installed", Message("installed in the period")),
        ),
        tuple(
            (
                material.label("party", host),
                material.label("party", guest),
                in_place[host, guest],
                installed[host, guest],
            )
            for host, guest in pairs
        ),
        Chart("matrix", "host", ("present",), "guest", FINDING),
    )


def _balances(material: Material, in_place: Counter[tuple[str, str]]) -> FigureTable:
    hosts, guests = Counter[str](), Counter[str]()
    for (host, guest), number in in_place.items():
        if host != guest:
            hosts[host] += number
            guests[guest] += number
    return FigureTable(
        "balance",
        Message("Balance by party"),
        (
            FigureColumn("party", Message("party"), "label"),
            FigureColumn("hosts", Message("devices hosted for others")),
            FigureColumn("hosted", Message("own devices hosted by others")),
            FigureColumn("balance", Message("balance")),
        ),
        tuple(
            (material.label("party", party), hosts[party], guests[party], hosts[party] - guests[party])
            for party in sorted(hosts.keys() | guests.keys())
        ),
        Chart("bars", "party", ("hosts", "hosted")),
    )
