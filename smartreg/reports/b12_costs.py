"""B12: what the equipment costs, against the budget of the programme in smartreg.toml.

Cancelled equipment is left out, planned equipment counts, as in LIF612. A device that serves several use cases counts
for each in equal parts. Euros, taxes included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from smartreg.core.values import Record, Words
from smartreg.domain.fields import text, texts
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Measure, share
from smartreg.reports.material import Material
from smartreg.tables.view import is_hidden

FIELD = "cost_eur"
MOST = 1e9  # euros: nothing that is put on a pole costs more
TITLE = Words("Costs", "Coûts")
DEFINITION = Words(
    "Recorded costs of the devices, including tax, against the budget of the programme. Planned devices "
    "count, cancelled ones do not.",
    "Coûts inscrits des équipements, toutes taxes comprises, au regard du budget du programme. Les "
    "équipements prévus comptent, les équipements annulés non.",
)
HIDDEN = Words("costs are not for this audience", "les coûts ne sont pas destinés à ce public")
NOTHING = Words("no device has a recorded cost yet", "aucun équipement n'a encore de coût inscrit")
NO_BUDGET = Words(
    "the registry does not say yet what the budget of the programme is",
    "le registre ne dit pas encore quel est le budget du programme",
)
NO_EQUIPMENT = Words("the registry has no device", "le registre n'a aucun équipement")
NO_ACTIVE = Words("no active device has a recorded cost", "aucun équipement en service n'a de coût inscrit")
NOTE = Words(
    "The cost of a device that serves several use cases is divided equally between them.",
    "Le coût d'un équipement qui sert plusieurs cas d'usage est partagé à parts égales entre eux.",
)


def figure(material: Material) -> Figure:
    if is_hidden(FIELD, material.audience):
        return Figure(12, TITLE, why_not=HIDDEN)
    devices = [one for one in material.of("equipment") if text(one, "status") != "cancelled"]
    costs = {device.rid: found for device in devices if (found := cost(device)) is not None}
    if not costs:
        return Figure(12, TITLE, why_not=NOTHING)
    total = sum(costs.values(), Decimal(0))
    new = sum((costs[one.rid] for one in devices if one.rid in costs and material.is_new(one)), Decimal(0))
    active = [costs[one.rid] for one in devices if one.rid in costs and text(one, "status") == "active"]
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
    )
    return Figure(12, TITLE, measures, (_by_use_case(material, devices),), (NOTE,))


def cost(device: Record) -> Decimal | None:
    """The cost of a device; None where it gives none that can be counted."""
    value = device.data.get(FIELD)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MOST:
        return None
    return Decimal(str(value))


def _budget(material: Material, total: Decimal) -> tuple[Measure, ...]:
    programme = material.config.programme
    first, whole = programme.budget_initial_eur_ttc, programme.budget_total_eur_ttc
    found = [
        Measure("budget", Words("budget, including tax", "budget, TTC"), "money", whole, None if whole else NO_BUDGET)
    ]
    if first is not None:
        words = Words("of which voted initially", "dont voté au départ")
        found.append(Measure("budget_initial", words, "money", first))
    words = Words("share of the budget", "part du budget")
    if whole:
        found.append(Measure("spent", words, "share", float(total) / whole))
    else:
        found.append(Measure("spent", words, "share", None, NO_BUDGET))
    return tuple(found)


def _by_use_case(material: Material, devices: Iterable[Record]) -> FigureTable:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for device in devices:
        found, cases = cost(device), texts(device, "use_cases")
        for case in cases if found is not None else ():
            sums[case] += (found or Decimal(0)) / len(cases)
            counts[case] += 1
    columns = (
        FigureColumn("use_case", Words("use case", "cas d'usage"), "label"),
        FigureColumn("equipment", Words("devices whose cost is known", "équipements dont le coût est connu")),
        FigureColumn("cost", Words("cost, including tax", "coût TTC"), "money"),
    )
    rows = tuple((material.label("use_case", case), counts[case], round(sums[case], 2)) for case in sorted(sums))
    chart = Chart("bars", "use_case", ("cost",))
    return FigureTable("use_cases", Words("Costs by use case", "Coûts par cas d'usage"), columns, rows, chart)
