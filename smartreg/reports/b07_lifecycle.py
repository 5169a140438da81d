"""B7: the life of the equipment by quarter, how long its stages take, how much survives, what is replaced.

Dates of installation, decommissioning and removal are the records'; the states at the end of a quarter and the days
from planned to installed and to active are those of the commits that changed the status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from statistics import median

from smartreg.core.messages import Message, Text, message_in
from smartreg.core.values import Record
from smartreg.domain.days import day, days_later, months_later
from smartreg.domain.fields import text
from smartreg.history import Turn
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value, share
from smartreg.reports.material import Material, Period, state_on

TITLE = Message("Life cycle of the devices")
DEFINITION = Message(
    "Devices installed, decommissioned and removed in the period, and the time that each step usually takes: half of "
    "the devices took less (the median). Kept: neither decommissioned nor removed."
)
NOTHING = Message("the registry has no device")
NO_PASSAGE = Message("no device has gone from one to the other in the period")
NO_COHORT = Message("no device has been installed for that long")
NO_REPLACEMENT = Message("no device installed in the period says which one it replaces")
MOST_MONTHS = 240
DATES = ("installed_on", "decommissioned_on", "removed_on")
NOTE = Message(
    "Active and faulty: at the end of the quarter, according to the history of the registry; unknown before it begins."
)
DONE = (
    Message("devices installed in the period"),
    Message("devices decommissioned in the period"),
    Message("devices removed in the period"),
)
STAGES: Mapping[str, Text] = {
    "planned_to_installed": Message("usual time from planning to installation (days)"),
    "installed_to_active": Message("usual time from installation to service (days)"),
    "decommissioned_to_removed": Message("usual time from end of service to removal (days)"),
}


def figure(material: Material) -> Figure:
    devices = [device for device in material.of("equipment") if text(device, "status") != "cancelled"]
    if not devices:
        return Figure(7, TITLE, why_not=NOTHING)
    measures = (
        *(
            Measure(name.removesuffix("_on"), words, "count",
                    sum(material.period.holds(day(device, name)) for device in devices))
            for name, words in zip(DATES, DONE, strict=True)
        ),
        _stage(material, "planned_to_installed", ("planned",), ("installed", "active")),
        _stage(material, "installed_to_active", ("installed",), ("active",)),
        _removal(material, devices),
        *(_survival(material, devices, months) for months in (12, 24)),
    )  # fmt: skip
    return Figure(7, TITLE, measures, (_quarters(material, devices), _replacements(material, devices)), (NOTE,))


def _stage(material: Material, key: str, before: Sequence[str], after: Sequence[str]) -> Measure:
    """Median days between the commits by which equipment came into one state and then, first and within the period,
    into another."""
    states = material.evidence.states
    if isinstance(states, Text):
        return Measure(key, STAGES[key], "days", None, states)
    histories = [states[device.rid.id] for device in material.of("equipment") if device.rid.id in states]
    stages = [stage for turns in histories if (stage := _between(turns, before, after))]
    return _median(key, [(end - start).days for start, end in stages if material.period.holds(end)])


def _between(turns: Sequence[Turn], before: Sequence[str], after: Sequence[str]) -> tuple[date, date] | None:
    start = next((turn.day for turn in turns if turn.state in before), None)
    end = next((turn.day for turn in turns if turn.state in after), None)
    return (start, end) if start and end and start <= end else None


def _removal(material: Material, devices: Iterable[Record]) -> Measure:
    pairs = ((day(device, "decommissioned_on"), day(device, "removed_on")) for device in devices)
    removals = [(start, end) for start, end in pairs if start and end and material.period.holds(end)]
    return _median("decommissioned_to_removed", [(end - start).days for start, end in removals])


def _median(key: str, days: Sequence[int]) -> Measure:
    value = float(median(days)) if days else None
    return Measure(key, STAGES[key], "days", value, None if days else NO_PASSAGE)


def _survival(material: Material, devices: Iterable[Record], months: int) -> Measure:
    """Of what was installed that long before the end of the period, the part that neither had left service nor was gone
    after it. Whether it was ever active is figure B9."""
    words = Message("devices kept for at least {months} months", months=months)
    terms = [
        (months_later(first, months), material.end_of(device))
        for device in devices
        if (first := day(device, "installed_on"))
    ]
    old = [end is None or end > term for term, end in terms if term <= material.as_of]
    return share(f"survival_{months}", words, sum(old), len(old), NO_COHORT)


def _quarters(material: Material, devices: Sequence[Record]) -> FigureTable:
    counts = {name: Counter(_quarter(on) for device in devices if (on := day(device, name))) for name in DATES}
    rows: list[tuple[Value, ...]] = []
    for first, last in _of_period(material.period, devices):
        name = _quarter(first)
        states = _states_on(material, devices, last)
        state = (states["active"], states["faulty"]) if states is not None else (None, None)
        dated = (counts[item][name] for item in DATES[1:])
        rows.append((_quarter_label(first), counts[DATES[0]][name], *state, *dated))
    columns = (
        FigureColumn("quarter", Message("quarter"), "label"),
        FigureColumn("installed", Message("installed")),
        FigureColumn("active", Message("active at the end")),
        FigureColumn("faulty", Message("faulty at the end")),
        FigureColumn("decommissioned", Message("decommissioned")),
        FigureColumn("removed", message_in("b07 lifecycle", "removed")),
    )
    chart = Chart("lines", "quarter", ("installed", "active", "faulty", "decommissioned", "removed"))
    return FigureTable("quarters", Message("By quarter"), columns, tuple(rows), chart)


def _quarter(day: date) -> str:
    return f"{day.year:04}-Q{(day.month + 2) // 3}"


def _quarter_label(day: date) -> Label:
    number, year = (day.month + 2) // 3, f"{day.year:04}"
    return Label(_quarter(day), Message("Q{number} {year}", number=number, year=year))


def _of_period(period: Period, devices: Iterable[Record]) -> Iterator[tuple[date, date]]:
    """First and last day of each quarter in the period, at most the last twenty years; without a start, from the first
    installation on."""
    installed = [on for device in devices if (on := day(device, "installed_on")) and on <= period.until]
    start = max(period.start or min(installed, default=period.until), months_later(period.until, -MOST_MONTHS))
    first = date(start.year, start.month - (start.month - 1) % 3, 1)
    while first <= period.until:
        after = months_later(first, 3)
        yield first, min(days_later(after, -1), period.until)
        first = after


def _states_on(material: Material, devices: Iterable[Record], on: date) -> Counter[str | None] | None:
    """How many devices were in each state at the end of a day; None where the history does not show it."""
    states = material.evidence.states
    if isinstance(states, Text) or material.known_from is None or on < material.known_from:
        return None
    return Counter(state_on(states.get(device.rid.id, ()), on) for device in devices)


def _replacements(material: Material, devices: Iterable[Record]) -> FigureTable:
    counts = Counter[tuple[str, str]]()
    for device in devices:
        old = material.find("equipment", text(device, "replaces"))
        if old is not None and material.is_new(device):
            counts[text(old, "manufacturer") or "", text(old, "model") or ""] += 1
    columns = (
        FigureColumn("manufacturer", Message("manufacturer"), "text"),
        FigureColumn("model", Message("model replaced"), "text"),
        FigureColumn("replacements", Message("replacements")),
    )
    rows = tuple((maker or None, model or None, counts[maker, model]) for maker, model in sorted(counts))
    title = Message("Replacements in the period")
    return FigureTable("replacements", title, columns, rows, why_not=None if rows else NO_REPLACEMENT)
