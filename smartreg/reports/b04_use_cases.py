"""B4: what serves each use case and domain, and how far its indicators have come.

Equipment that serves several use cases counts in each. Reached: (value − baseline) / (target − baseline).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from smartreg.core.values import Json, Record, Words
from smartreg.domain.days import day, day_of
from smartreg.domain.fields import text, texts
from smartreg.domain.numbers import number
from smartreg.reports.communes import communes_of
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material
from smartreg.schema import COUNT, unit_words

TITLE = Words("Coverage by use case and domain", "Couverture par cas d'usage et domaine")
DEFINITION = Words(
    "Devices in place, their owners and communes, for each use case and domain. Progress: how far the value "
    "has come from the baseline to the target.",
    "Équipements en place, leurs propriétaires et leurs communes, par cas d'usage et par domaine. "
    "Avancement : part du chemin parcourue de la valeur de départ à la cible.",
)
NOTHING = Words("the registry has no use case", "le registre n'a aucun cas d'usage")
NO_INDICATOR = Words("no use case has a measured indicator yet", "aucun cas d'usage n'a encore d'indicateur mesuré")
NOTE = Words(
    "A device that serves several use cases counts in each.",
    "Un équipement qui sert plusieurs cas d'usage compte dans chacun.",
)
USE_CASE = FigureColumn("use_case", Words("use case", "cas d'usage"), "label")
SERVING = (
    FigureColumn("equipment", Words("devices", "équipements")),
    FigureColumn("parties", Words("owners", "propriétaires")),
    FigureColumn("communes", Words("communes", "communes")),
    FigureColumn("first", Words("first installation", "première installation"), "date"),
    FigureColumn("last", Words("last installation", "dernière installation"), "date"),
)


def figure(material: Material) -> Figure:
    cases = material.of("use_case")
    if not cases:
        return Figure(4, TITLE, why_not=NOTHING)
    served: dict[str, list[Record]] = {case.rid.id: [] for case in cases}
    for device in material.equipment_there:
        for id in texts(device, "use_cases"):
            if id in served:
                served[id].append(device)
    measures = (
        Measure("use_cases", Words("use cases", "cas d'usage"), "count", len(cases)),
        Measure("equipped", Words("use cases with devices in place", "cas d'usage équipés"), "count",
                sum(map(bool, served.values()))),
    )  # fmt: skip
    tables = (_use_cases(material, cases, served), _domains(material, cases, served), _indicators(material, cases))
    return Figure(4, TITLE, measures, tables, (NOTE,))


def _use_cases(material: Material, cases: Sequence[Record], served: Mapping[str, Sequence[Record]]) -> FigureTable:
    rows = (
        (
            material.label("use_case", case.rid.id),
            material.word("use_case", "domain", case.data.get("domain")),
            material.word("use_case", "status", case.data.get("status")),
            *_count_serving(material, served[case.rid.id]),
        )
        for case in cases
    )
    columns = (
        USE_CASE,
        FigureColumn("domain", Words("domain", "domaine"), "label"),
        FigureColumn("status", Words("status", "statut"), "label"),
        *SERVING,
    )
    title = Words("By use case", "Par cas d'usage")
    return FigureTable("use_cases", title, columns, tuple(rows), Chart("bars", "use_case", ("equipment",)))


def _domains(material: Material, cases: Sequence[Record], served: Mapping[str, Sequence[Record]]) -> FigureTable:
    domains = sorted({domain for case in cases if (domain := text(case, "domain"))})
    rows = []
    for domain in domains:
        of_domain = [case for case in cases if text(case, "domain") == domain]
        devices = {device.rid: device for case in of_domain for device in served[case.rid.id]}
        rows.append(
            (
                material.word("use_case", "domain", domain),
                len(of_domain),
                *_count_serving(material, tuple(devices.values())),
            )
        )
    columns = (
        FigureColumn("domain", Words("domain", "domaine"), "label"),
        FigureColumn("use_cases", Words("use cases", "cas d'usage")),
        *SERVING,
    )
    title = Words("By domain", "Par domaine")
    return FigureTable("domains", title, columns, tuple(rows), Chart("bars", "domain", ("equipment",)))


def _count_serving(material: Material, devices: Sequence[Record]) -> tuple[Value, ...]:
    owners = {material.owner_of(device) for device in devices} - {None}
    communes = {code for device in devices for code in communes_of(material, device)}
    days = [installed.isoformat() for device in devices if (installed := day(device, "installed_on"))]
    return len(devices), len(owners), len(communes), min(days, default=None), max(days, default=None)


def _indicators(material: Material, cases: Iterable[Record]) -> FigureTable:
    columns = (
        USE_CASE,
        FigureColumn("indicator", Words("indicator", "indicateur"), "text"),
        FigureColumn("unit", Words("unit", "unité"), "label"),
        FigureColumn("baseline", Words("baseline", "valeur de départ"), "number", mixed=True),
        FigureColumn("value", Words("value", "valeur mesurée"), "number", mixed=True),
        FigureColumn("target", Words("target", "cible"), "number", mixed=True),
        FigureColumn("measured_on", Words("measured on", "mesurée le"), "date"),
        FigureColumn("reached", Words("progress", "avancement"), "share"),
    )
    rows = tuple(
        row for case in cases for row in _of_case(material.label("use_case", case.rid.id), case, material.as_of)
    )
    why = None if rows else NO_INDICATOR
    return FigureTable("indicators", Words("Indicators", "Indicateurs"), columns, rows, why_not=why)


def _of_case(label: Label, case: Record, as_of: date) -> Iterator[tuple[Value, ...]]:
    """The indicators of a use case; what was measured after the day of the figures is not known yet."""
    items = case.data.get("indicators")
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, Mapping):
            continue
        base, value, target = (number(item.get(name)) for name in ("baseline", "value", "target"))
        on = day_of(item.get("measured_on"))
        if on is not None and on > as_of:
            value, on = None, None
        reached = None
        if base is not None and value is not None and target is not None and target != base:
            reached = (value - base) / (target - base)
        measured = on.isoformat() if on else None
        yield label, _text(item, "name"), _unit(item), base, value, target, measured, reached


def _unit(item: Mapping[str, Json]) -> Label | None:
    """The unit as people say it; its code is UCUM."""
    code = _text(item, "unit")
    return Label(code, Words("number", "nombre") if code == COUNT else unit_words(code)[1]) if code else None


def _text(item: Mapping[str, Json], name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) else None
