"""B2: how much of the equipment is on the support of another party, and how many supports parties share.

A support is shared when the equipment in place on it has two owners or more.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from smartreg.core.messages import Message
from smartreg.domain.fields import text
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Measure, share
from smartreg.reports.material import Material

TITLE = Message("Shared supports")
DEFINITION = Message(
    "Share of the devices in place that are on another party's support. A support is shared when the devices on it "
    "have two owners or more."
)
NOTHING = Message("no device in place is on a support whose owner is known")


def figure(material: Material) -> Figure:
    owners: dict[str, set[str]] = defaultdict(set)
    hosted, whole = 0, 0
    for device in material.equipment_there:
        support, owner = material.support_of(device), material.owner_of(device)
        host = material.owner_of(support) if support else None
        if support is None or host is None or owner is None:
            continue
        owners[support.rid.id].add(owner)
        whole += 1
        hosted += host != owner
    if not whole:
        return Figure(2, TITLE, why_not=NOTHING)
    words = Message("devices on another party's support")
    shared = sum(len(who) > 1 for who in owners.values())
    measures = (
        share("on_others", words, hosted, whole, NOTHING),
        Measure("used", Message("supports with devices"), "count", len(owners)),
        Measure("shared", Message("shared supports"), "count", shared),
    )
    return Figure(2, TITLE, measures, (_by_type(material, owners),))


def _by_type(material: Material, owners: dict[str, set[str]]) -> FigureTable:
    used, shared = Counter[str](), Counter[str]()
    for id, who in owners.items():
        support = material.find("support", id)
        kind = (text(support, "type") if support else None) or ""
        used[kind] += 1
        shared[kind] += len(who) > 1
    most = sorted(used, key=lambda kind: (-used[kind], kind))
    return FigureTable(
        "by_type",
        Message("Supports with devices, by type"),
        (
            FigureColumn("type", Message("type of support"), "label"),
            FigureColumn("used", Message("with devices")),
            FigureColumn("shared", Message("shared")),
        ),
        tuple((material.word("support", "type", kind), used[kind], shared[kind]) for kind in most),
    )
