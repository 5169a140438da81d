"""B8: faults and vandalism per hundred device-months, and how long repairs take.

A device-month is a month (30.44 days) of the period between the installation of a device and its decommissioning. A
repair ends the fault or vandalism before it, the first one where several were noted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from statistics import mean

from smartreg.core.values import Record, Words
from smartreg.domain.days import day_of
from smartreg.domain.fields import text
from smartreg.reports.communes import commune_label, communes_of
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material

DAYS_OF_MONTH = 365.25 / 12
INCIDENTS = frozenset({"fault", "vandalism"})
TITLE = Words("Incidents", "Incidents")
DEFINITION = Words(
    "Faults and vandalism reported in the period, per month and per 100 devices in place. Months in place: from "
    "installation to decommissioning, all devices added together.",
    "Pannes et actes de vandalisme signalés sur la période, par mois et pour 100 équipements en place. Mois en "
    "place : de la pose à la mise hors service, tous équipements additionnés.",
)
NO_SERVICE = Words("no device was in place in the period", "aucun équipement n'était en place sur la période")
NO_EVENTS = Words(
    "no incident has ever been reported in the registry",
    "aucun incident n'a jamais été signalé dans le registre",
)
NO_REPAIR = Words("no fault of the period has been repaired", "aucune panne de la période n'a été réparée")
MONTHS = Words("months in place", "mois en place")
RATE = FigureColumn(
    "rate", Words("incidents per month per 100 devices", "incidents par mois pour 100 équipements"), "number"
)
NOBODY = Label("none", Words("not said", "non précisé"))


def figure(material: Material) -> Figure:
    services = [(device, material.service(device)) for device in material.of("equipment")]
    devices = [device for device, service in services if service]
    exposures = [(service[1] - service[0]).days / DAYS_OF_MONTH for _, service in services if service]
    if not devices:
        return Figure(8, TITLE, why_not=NO_SERVICE)
    if not any(device.data.get("events") for device in material.of("equipment")):
        return Figure(8, TITLE, why_not=NO_EVENTS)
    incidents = [_incidents(material, device) for device in devices]
    repairs = [days for device in devices for days in _repairs(material, device)]
    number, exposure = sum(counts.total() for counts in incidents), sum(exposures)
    measures = (
        Measure("incidents", Words("faults and vandalism", "pannes et vandalisme"), "count", number),
        Measure("device_months", MONTHS, "count", exposure),
        Measure("rate", RATE.words, "number", 100 * number / exposure),
        Measure(
            "repair_days",
            Words("average time from fault to repair (days)", "délai moyen de la panne à la réparation (en jours)"),
            "days",
            float(mean(repairs)) if repairs else None,
            None if repairs else NO_REPAIR,
        ),
    )
    models = [_model(device) for device in devices]
    supports = [_support(material, device) for device in devices]
    communes = [_commune(material, device) for device in devices]
    model, support = Words("model", "modèle"), Words("type of support", "type de support")
    by_model, by_support = Words("By model", "Par modèle"), Words("By type of support", "Par type de support")
    commune, by_commune = Words("commune", "commune"), Words("By commune", "Par commune")
    tables = (
        _table("models", by_model, model, models, incidents, exposures),
        _table("supports", by_support, support, supports, incidents, exposures),
        _table("communes", by_commune, commune, communes, incidents, exposures),
    )
    return Figure(8, TITLE, measures, tables)


def _events(device: Record) -> list[tuple[date, str]]:
    items = device.data.get("events")
    events = [item for item in (items if isinstance(items, list) else ()) if isinstance(item, Mapping)]
    dated = ((day_of(item.get("date")), item.get("kind")) for item in events)
    return sorted(((on, kind) for on, kind in dated if on and isinstance(kind, str)), key=lambda event: event[0])


def _incidents(material: Material, device: Record) -> Counter[str]:
    return Counter(kind for on, kind in _events(device) if kind in INCIDENTS and material.period.holds(on))


def _repairs(material: Material, device: Record) -> Iterator[int]:
    """Days from each incident of the period to the repair that ended it."""
    since: date | None = None
    for on, kind in _events(device):
        if kind in INCIDENTS:
            since = since or on
        elif kind == "repair" and since is not None:
            if material.period.holds(since):
                yield (on - since).days
            since = None


def _table(
    name: str,
    title: Words,
    heading: Words,
    labels: Sequence[Label],
    incidents: Sequence[Counter[str]],
    exposures: Sequence[float],
) -> FigureTable:
    """Incidents and months of devices, by what each is labelled with; the last three in the order of the devices."""
    label_of: dict[str, Label] = {}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    months: dict[str, float] = defaultdict(float)
    for label, of_device, exposure in zip(labels, incidents, exposures, strict=True):
        label_of[label.code] = label
        counts[label.code] += of_device
        months[label.code] += exposure
    columns = (
        FigureColumn("of", heading, "label"),
        FigureColumn("fault", Words("faults", "pannes")),
        FigureColumn("vandalism", Words("vandalism", "vandalisme")),
        FigureColumn("device_months", MONTHS),
        RATE,
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            label_of[code],
            counts[code]["fault"],
            counts[code]["vandalism"],
            months[code],
            100 * counts[code].total() / months[code],
        )
        for code in sorted(label_of)
    )
    return FigureTable(name, title, columns, rows, Chart("bars", "of", ("rate",)))


def _model(device: Record) -> Label:
    words = " ".join(part for name in ("manufacturer", "model") if (part := text(device, name)))
    return Label(words, Words(words, words)) if words else NOBODY


def _support(material: Material, device: Record) -> Label:
    support = material.support_of(device)
    return (material.word("support", "type", text(support, "type")) if support else None) or NOBODY


def _commune(material: Material, device: Record) -> Label:
    codes = communes_of(material, device)
    return commune_label(material, codes[0]) if len(codes) == 1 else NOBODY
