"""B12: what the equipment costs, against the budget of the programme in smartreg.toml.

Cancelled equipment is left out, planned equipment counts, as in LIF612. A device that serves several use cases counts
for each in equal parts. Euros, taxes included.

The year to come: the twelve months after the day of the figure, with the devices that are planned, and those whose
planned end (`active_until`) falls in it, as replaced at their recorded cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from smartreg.core.values import Record, Words
from smartreg.domain.days import day, months_later
from smartreg.domain.fields import text, texts
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, share
from smartreg.reports.material import Material
from smartreg.tables.view import is_hidden

FIELD = "cost_eur"
YEAR = 12  # months
MOST = 1e9  # euros: nothing that is put on a pole costs more
TITLE = Words("Costs", "Coûts")
DEFINITION = Words(
    "Recorded costs of the devices, including tax, against the budget of the programme. Planned devices "
    "count, cancelled ones do not. The year to come counts the devices that are planned, and those whose planned end "
    "falls in its twelve months, as replaced at the same cost.",
    "Coûts inscrits des équipements, toutes taxes comprises, au regard du budget du programme. Les "
    "équipements prévus comptent, les équipements annulés non. L'année à venir compte les équipements prévus et ceux "
    "dont la fin prévue tombe dans ses douze mois, remplacés au même coût.",
)
HIDDEN = Words("costs are not for this audience", "les coûts ne sont pas destinés à ce public")
NOTHING = Words("no device has a recorded cost yet", "aucun équipement n'a encore de coût inscrit")
NO_BUDGET = Words(
    "the registry does not say yet what the budget of the programme is",
    "le registre ne dit pas encore quel est le budget du programme",
)
NO_EQUIPMENT = Words("the registry has no device", "le registre n'a aucun équipement")
NO_ACTIVE = Words("no active device has a recorded cost", "aucun équipement en service n'a de coût inscrit")
NONE_TO_COME = Words(
    "no device is planned, and none reaches its planned end in the twelve months",
    "aucun équipement n'est prévu, et aucun n'atteint sa fin prévue dans les douze mois",
)
NO_COST_TO_COME = Words(
    "none of the devices planned, or to replace, has a recorded cost",
    "aucun des équipements prévus ou à remplacer n'a de coût inscrit",
)
DEVICES_ONLY = Words(
    "The year to come is a minimum: the registry records the cost of devices, not that of maintenance, subscriptions "
    "and energy.",
    "L'année à venir est un minimum : le registre inscrit le coût des équipements, non celui de la maintenance, des "
    "abonnements et de l'énergie.",
)
NOTE = Words(
    "The cost of a device that serves several use cases is divided equally between them.",
    "Le coût d'un équipement qui sert plusieurs cas d'usage est partagé à parts égales entre eux.",
)


PLANNED = Label("planned", Words("planned devices", "équipements prévus"))
ENDING = Label("planned_end", Words("to replace: planned end reached", "à remplacer : fin prévue atteinte"))


def figure(material: Material) -> Figure:
    if is_hidden(FIELD, material.audience):
        return Figure(12, TITLE, why_not=HIDDEN)
    devices = [device for device in material.of("equipment") if text(device, "status") != "cancelled"]
    costs = {device.rid: amount for device in devices if (amount := cost(device)) is not None}
    if not costs:
        return Figure(12, TITLE, why_not=NOTHING)
    total = sum(costs.values(), Decimal(0))
    new = sum((costs[device.rid] for device in devices if device.rid in costs and material.is_new(device)), Decimal(0))
    active = [costs[device.rid] for device in devices if device.rid in costs and text(device, "status") == "active"]
    to_come = _to_come(material, devices)
    words = Words("cost per active device", "coût par équipement en service")
    measures = (
        Measure("total", Words("recorded costs, including tax", "coûts inscrits, TTC"), "money", total),
        Measure(
            "period",
            Words("of which installed in the period", "dont installés sur la période"),
            "money",
            new,
        ),
        *_budget(material, total),
        Measure(
            "per_active",
            words,
            "money",
            sum(active, Decimal(0)) / len(active) if active else None,
            None if active else NO_ACTIVE,
        ),
        share(
            "with_cost",
            Words("devices whose cost is known", "équipements dont le coût est connu"),
            len(costs),
            len(devices),
            NO_EQUIPMENT,
        ),
        _year_to_come(to_come),
    )
    tables = (_by_use_case(material, devices), _table_to_come(to_come))
    return Figure(12, TITLE, measures, tables, (NOTE, DEVICES_ONLY))


def cost(device: Record) -> Decimal | None:
    """The cost of a device; None where it gives none that can be counted."""
    value = device.data.get(FIELD)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MOST:
        return None
    return Decimal(str(value))


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
    words = Words("the year to come, at least", "l'année à venir, au moins")
    costs = [cost(device) for devices in to_come.values() for device in devices]
    amounts = [amount for amount in costs if amount is not None]
    why_not = NONE_TO_COME if not costs else None if amounts else NO_COST_TO_COME
    return Measure("year_to_come", words, "money", sum(amounts, Decimal(0)) if amounts else None, why_not)


def _table_to_come(to_come: Mapping[Label, Sequence[Record]]) -> FigureTable:
    columns = (
        FigureColumn("reason", Words("reason", "motif"), "label"),
        FigureColumn("equipment", Words("devices", "équipements")),
        FigureColumn("with_cost", Words("devices whose cost is known", "équipements dont le coût est connu")),
        FigureColumn("cost", Words("cost, including tax", "coût TTC"), "money"),
    )
    rows = []
    for reason, devices in to_come.items():
        amounts = [amount for device in devices if (amount := cost(device)) is not None]
        if devices:
            rows.append((reason, len(devices), len(amounts), sum(amounts, Decimal(0))))
    why = None if rows else NONE_TO_COME
    return FigureTable("year_to_come", Words("The year to come", "L'année à venir"), columns, tuple(rows), why_not=why)


def _budget(material: Material, total: Decimal) -> tuple[Measure, ...]:
    programme = material.config.programme
    first, whole = programme.budget_initial_eur_ttc, programme.budget_total_eur_ttc
    measures = [
        Measure("budget", Words("budget, including tax", "budget, TTC"), "money", whole, None if whole else NO_BUDGET)
    ]
    if first is not None:
        words = Words("of which voted initially", "dont voté au départ")
        measures.append(Measure("budget_initial", words, "money", first))
    words = Words("share of the budget", "part du budget")
    if whole:
        measures.append(Measure("spent", words, "share", float(total) / whole))
    else:
        measures.append(Measure("spent", words, "share", None, NO_BUDGET))
    return tuple(measures)


def _by_use_case(material: Material, devices: Iterable[Record]) -> FigureTable:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for device in devices:
        amount, cases = cost(device), texts(device, "use_cases")
        for case in cases if amount is not None else ():
            sums[case] += (amount or Decimal(0)) / len(cases)
            counts[case] += 1
    columns = (
        FigureColumn("use_case", Words("use case", "cas d'usage"), "label"),
        FigureColumn("equipment", Words("devices whose cost is known", "équipements dont le coût est connu")),
        FigureColumn("cost", Words("cost, including tax", "coût TTC"), "money"),
    )
    rows = tuple((material.label("use_case", case), counts[case], round(sums[case], 2)) for case in sorted(sums))
    chart = Chart("bars", "use_case", ("cost",))
    return FigureTable("use_cases", Words("Costs by use case", "Coûts par cas d'usage"), columns, rows, chart)
