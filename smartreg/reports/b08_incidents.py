"""B8: faults and vandalism per hundred device-months, and how long repairs take.

A device-month is a month (30.44 days) of the period between the installation of a device and its decommissioning. A
repair ends the fault or vandalism before it, the first one where several were noted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from statistics import mean

from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Record
from smartreg.domain.days import day_of
from smartreg.domain.fields import object_list, text
from smartreg.reports.communes import commune_label, communes_of
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material

DAYS_OF_MONTH = 365.25 / 12
INCIDENTS = frozenset({"fault", "vandalism"})
TITLE = Message("Incidents")
DEFINITION = Message(
    "Faults and vandalism reported in the period, per month and per 100 devices in place. Months in place: from "
    "installation to decommissioning, all devices added together."
)
NO_SERVICE = Message("no device was in place in the period")
NO_EVENTS = Message("no incident has ever been reported in the registry")
NO_REPAIR = Message("no fault of the period has been repaired")
MONTHS = Message("months in place")
RATE = FigureColumn("rate", Message("incidents per month per 100 devices"), "number")
NOBODY = Label("none", Message("not said"))


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
        Measure("incidents", Message("faults and vandalism"), "count", number),
        Measure("device_months", MONTHS, "count", exposure),
        Measure("rate", RATE.words, "number", 100 * number / exposure),
        Measure(
            "repair_days",
            Message("average time from fault to repair (days)"),
            "days",
            float(mean(repairs)) if repairs else None,
            None if repairs else NO_REPAIR,
        ),
    )
    models = [_model(device) for device in devices]
    supports = [_support(material, device) for device in devices]
    communes = [_commune(material, device) for device in devices]
    model, support = Message("model"), Message("type of support")
    by_model, by_support = Message("By model"), Message("By type of support")
    commune, by_commune = Message("commune"), Message("By commune")
    tables = (
        _table("models", by_model, model, models, incidents, exposures),
        _table("supports", by_support, support, supports, incidents, exposures),
        _table("communes", by_commune, commune, communes, incidents, exposures),
    )
    return Figure(8, TITLE, measures, tables)


def _events(device: Record) -> list[tuple[date, str]]:
    dated = ((day_of(item.get("date")), item.get("kind")) for item in object_list(device.data.get("events")))
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
    title: Text,
    heading: Text,
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
        FigureColumn("fault", Message("faults")),
        FigureColumn("vandalism", Message("vandalism")),
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
    return Label(words, verbatim(words)) if words else NOBODY


def _support(material: Material, device: Record) -> Label:
    support = material.support_of(device)
    return (material.word("support", "type", text(support, "type")) if support else None) or NOBODY


def _commune(material: Material, device: Record) -> Label:
    codes = communes_of(material, device)
    return commune_label(material, codes[0]) if len(codes) == 1 else NOBODY
