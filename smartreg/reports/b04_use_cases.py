"""B4: what serves each use case and domain, and how far its indicators have come.

Equipment that serves several use cases counts in each. Reached: (value − baseline) / (target − baseline).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from smartreg.core.messages import Message, message_in
from smartreg.core.values import Json, Record
from smartreg.domain.days import day, day_of
from smartreg.domain.fields import object_list, text, texts
from smartreg.domain.numbers import number
from smartreg.reports.communes import communes_of
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material
from smartreg.schema import COUNT, unit_words

TITLE = Message("Coverage by use case and domain")
DEFINITION = Message(
    "Devices in place, their owners and communes, for each use case and domain. Progress: how far the value has come "
    "from the baseline to the target."
)
NOTHING = Message("the registry has no use case")
NO_INDICATOR = Message("no use case has a measured indicator yet")
NOTE = Message("A device that serves several use cases counts in each.")
USE_CASE = FigureColumn("use_case", Message("use case"), "label")
SERVING = (
    FigureColumn("equipment", Message("devices")),
    FigureColumn("parties", Message("owners")),
    FigureColumn("communes", Message("communes")),
    FigureColumn("first", Message("first installation"), "date"),
    FigureColumn("last", Message("last installation"), "date"),
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
        Measure("use_cases", Message("use cases"), "count", len(cases)),
        Measure("equipped", Message("use cases with devices in place"), "count",
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
        FigureColumn("domain", Message("domain"), "label"),
        FigureColumn("status", Message("status"), "label"),
        *SERVING,
    )
    title = Message("By use case")
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
        FigureColumn("domain", Message("domain"), "label"),
        FigureColumn("use_cases", Message("use cases")),
        *SERVING,
    )
    title = Message("By domain")
    return FigureTable("domains", title, columns, tuple(rows), Chart("bars", "domain", ("equipment",)))


def _count_serving(material: Material, devices: Sequence[Record]) -> tuple[Value, ...]:
    owners = {material.owner_of(device) for device in devices} - {None}
    communes = {code for device in devices for code in communes_of(material, device)}
    days = [installed.isoformat() for device in devices if (installed := day(device, "installed_on"))]
    return len(devices), len(owners), len(communes), min(days, default=None), max(days, default=None)


def _indicators(material: Material, cases: Iterable[Record]) -> FigureTable:
    columns = (
        USE_CASE,
        FigureColumn("indicator", Message("indicator"), "text"),
        FigureColumn("unit", Message("unit"), "label"),
        FigureColumn("baseline", Message("baseline"), "number", mixed=True),
        FigureColumn("value", message_in("b04 use cases", "value"), "number", mixed=True),
        FigureColumn("target", Message("target"), "number", mixed=True),
        FigureColumn("measured_on", Message("measured on"), "date"),
        FigureColumn("reached", Message("progress"), "share"),
    )
    rows = tuple(
        row for case in cases for row in _of_case(material.label("use_case", case.rid.id), case, material.as_of)
    )
    why = None if rows else NO_INDICATOR
    return FigureTable("indicators", Message("Indicators"), columns, rows, why_not=why)


def _of_case(label: Label, case: Record, as_of: date) -> Iterator[tuple[Value, ...]]:
    """The indicators of a use case; what was measured after the day of the figures is not known yet."""
    for item in object_list(case.data.get("indicators")):
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
    return Label(code, Message("number") if code == COUNT else unit_words(code)[1]) if code else None


def _text(item: Mapping[str, Json], name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) else None
