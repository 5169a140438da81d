"""B12: what the equipment costs; and what the holder of the budget in smartreg.toml bought of it, against that budget.

No field says who paid: a device counts as bought by its first owner (`domain/costs.py`), as in LIF612. Cancelled
equipment is left out, planned equipment counts. A device that serves several use cases counts
for each in equal parts. Euros, taxes included.

The year to come: the twelve months after the day of the figure, with the devices that are planned, and those whose
planned end (`active_until`) falls in it, as replaced at their recorded cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.costs import COST, buyer_of, cost_of
from smartreg.domain.days import day, months_later
from smartreg.domain.fields import text, texts
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, share
from smartreg.reports.material import Material
from smartreg.tables.view import is_hidden

YEAR = 12  # months
TITLE = Message("Costs")
DEFINITION = Message(
    "Recorded costs of the devices, including tax. The budget of the programme is compared with those that its holder "
    "bought: the registry does not record who paid, and takes it to be the first owner. Planned devices count, "
    "cancelled ones do not. The year to come counts the devices that are planned, and those whose planned end falls "
    "in its twelve months, as replaced at the same cost."
)
HIDDEN = Message("costs are not for this audience")
NOTHING = Message("no device has a recorded cost yet")
NO_BUDGET = Message("the registry does not say yet what the budget of the programme is")
NO_HOLDER = Message("the registry does not say whose budget it is")
NO_EQUIPMENT = Message("the registry has no device")
NO_ACTIVE = Message("no active device has a recorded cost")
NONE_TO_COME = Message("no device is planned, and none reaches its planned end in the twelve months")
NO_COST_TO_COME = Message("none of the devices planned, or to replace, has a recorded cost")
DEVICES_ONLY = Message(
    "The year to come is a minimum: the registry records the cost of devices, not that of maintenance, subscriptions "
    "and energy."
)
NOTE = Message("The cost of a device that serves several use cases is divided equally between them.")


PLANNED = Label("planned", Message("planned devices"))
ENDING = Label("planned_end", Message("to replace: planned end reached"))


def figure(material: Material) -> Figure:
    if is_hidden(COST, material.audience):
        return Figure(12, TITLE, why_not=HIDDEN)
    devices = [device for device in material.of("equipment") if text(device, "status") != "cancelled"]
    costs = {device.rid: amount for device in devices if (amount := cost_of(device)) is not None}
    if not costs:
        return Figure(12, TITLE, why_not=NOTHING)
    total = sum(costs.values(), Decimal(0))
    new = sum((costs[device.rid] for device in devices if device.rid in costs and material.is_new(device)), Decimal(0))
    active = [costs[device.rid] for device in devices if device.rid in costs and text(device, "status") == "active"]
    to_come = _to_come(material, devices)
    words = Message("cost per active device")
    measures = (
        Measure("total", Message("recorded costs, including tax"), "money", total),
        Measure(
            "period",
            Message("of which installed in the period"),
            "money",
            new,
        ),
        *_budget(material, costs, total),
        Measure(
            "per_active",
            words,
            "money",
            sum(active, Decimal(0)) / len(active) if active else None,
            None if active else NO_ACTIVE,
        ),
        share(
            "with_cost",
            Message("devices whose cost is known"),
            len(costs),
            len(devices),
            NO_EQUIPMENT,
        ),
        _year_to_come(to_come),
    )
    tables = (_by_use_case(material, devices), _table_to_come(to_come))
    return Figure(12, TITLE, measures, tables, (NOTE, DEVICES_ONLY))


def _to_come(material: Material, devices: Sequence[Record]) -> dict[Label, list[Record]]:
    """The devices to install, and those to replace, in the twelve months after the day of the figure. What a planned
    device replaces is counted with it alone."""
    end = months_later(material.as_of, YEAR)
    planned = [
        device
        for device in devices
        if text(device, "status") == "planned" and ((first := day(device, "installed_on")) is None or first <= end)
    ]
    replaced = {text(device, "replaces") for device in planned}
    ending = [
        device
        for device in devices
        if material.present(device)
        and device.rid.id not in replaced
        and (last := day(device, "active_until")) is not None
        and last <= end
    ]
    return {PLANNED: planned, ENDING: ending}


def _year_to_come(to_come: Mapping[Label, Sequence[Record]]) -> Measure:
    words = Message("the year to come, at least")
    costs = [cost_of(device) for devices in to_come.values() for device in devices]
    amounts = [amount for amount in costs if amount is not None]
    why_not = NONE_TO_COME if not costs else None if amounts else NO_COST_TO_COME
    return Measure("year_to_come", words, "money", sum(amounts, Decimal(0)) if amounts else None, why_not)


def _table_to_come(to_come: Mapping[Label, Sequence[Record]]) -> FigureTable:
    columns = (
        FigureColumn("reason", Message("reason"), "label"),
        FigureColumn("equipment", Message("devices")),
        FigureColumn("with_cost", Message("devices whose cost is known")),
        FigureColumn("cost", Message("cost, including tax"), "money"),
    )
    rows = []
    for reason, devices in to_come.items():
        amounts = [amount for device in devices if (amount := cost_of(device)) is not None]
        if devices:
            rows.append((reason, len(devices), len(amounts), sum(amounts, Decimal(0))))
    why = None if rows else NONE_TO_COME
    return FigureTable("year_to_come", Message("The year to come"), columns, tuple(rows), why_not=why)


def _budget(material: Material, costs: Mapping[RecordId, Decimal], total: Decimal) -> Iterator[Measure]:
    """The budget, and what its holder and the others bought; without a budget, or a holder, nothing is compared."""
    programme = material.config.programme
    first, whole = programme.budget_initial_eur_ttc, programme.budget_total_eur_ttc
    yield Measure("budget", Message("budget, including tax"), "money", whole, None if whole else NO_BUDGET)
    if first is not None:
        yield Measure("budget_initial", Message("of which voted initially"), "money", first)
    words = Message("share of the budget")
    if not whole or not material.metropole:
        yield Measure("spent", words, "share", None, NO_HOLDER if whole else NO_BUDGET)
        return
    bought = {device.rid for device in material.of("equipment") if buyer_of(device) in material.metropole}
    charged = sum((amount for rid, amount in costs.items() if rid in bought), Decimal(0))
    yield Measure("charged", Message("costs of what the holder of the budget bought"), "money", charged)
    yield Measure(
        "of_others", Message("costs of what others bought, which this budget does not pay"), "money", total - charged
    )
    yield Measure("spent", words, "share", float(charged) / whole)


def _by_use_case(material: Material, devices: Iterable[Record]) -> FigureTable:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for device in devices:
        amount, cases = cost_of(device), texts(device, "use_cases")
        for case in cases if amount is not None else ():
            sums[case] += (amount or Decimal(0)) / len(cases)
            counts[case] += 1
    columns = (
        FigureColumn("use_case", Message("use case"), "label"),
        FigureColumn("equipment", Message("devices whose cost is known")),
        FigureColumn("cost", Message("cost, including tax"), "money"),
    )
    rows = tuple((material.label("use_case", case), counts[case], round(sums[case], 2)) for case in sorted(sums))
    chart = Chart("bars", "use_case", ("cost",))
    return FigureTable("use_cases", Message("Costs by use case"), columns, rows, chart)
