"""B10: conventions by status, those in force and those that end soon, the families that they cover for each partner,
how long it took from the deliberation to the signature, and the next day by which notice against a tacit renewal must
be given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from statistics import median

from smartreg.core.messages import Message, joined
from smartreg.domain.days import day, days_later
from smartreg.domain.fields import text, text_list, texts
from smartreg.domain.titles import Title, next_notice, title_on
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material

TITLE = Message("Conventions and parties")
DEFINITION = Message(
    "Conventions by status, those in force, those that end soon, and the usual time from the last deliberation to "
    "the signature: half of the conventions took less (the median)."
)
FINDING = Message("{down} has the most: {n} in force for “{right}”, of {all}.")
NOTHING = Message("the registry has no convention")
NO_DELAY = Message("no signed convention names a deliberation whose date is known")
NO_PARTY = Message("no party owns or operates anything yet")
EXPIRED = Label("expired", Message("expired"))
SOON = (90, 180)


def figure(material: Material) -> Figure:
    titles = [title_on(material.view, record, material.as_of) for record in material.of("convention")]
    if not titles:
        return Figure(10, TITLE, why_not=NOTHING)
    in_force = [title for title in titles if title.in_force(material.as_of)]
    delays = [days for title in titles if (days := _delay(material, title)) is not None]
    measures = [
        Measure("conventions", Message("conventions"), "count", len(titles)),
        Measure("in_force", Message("conventions in force"), "count", len(in_force)),
    ]
    for days in SOON:
        words = Message("ending within {days} days", days=days)
        ending = sum(title.last is not None and title.last <= days_later(material.as_of, days) for title in in_force)
        measures.append(Measure(f"ending_{days}", words, "count", ending))
    words = Message("usual time from deliberation to signature (days)")
    middle = float(median(delays)) if delays else None
    measures.append(Measure("signature_days", words, "days", middle, None if delays else NO_DELAY))
    tables = (
        _statuses(material, titles),
        _families(material, in_force),
        _each(material, titles),
        _parties(material, in_force),
    )
    return Figure(10, TITLE, tuple(measures), tables)


def _state(material: Material, title: Title) -> Label | None:
    """Its status; expired where it was signed and its term has passed, which no record says. One that was terminated
    after the day of the figures was signed then."""
    status = text(title.record, "status")
    if status == "terminated" and title.in_force(material.as_of):
        status = "signed"
    if status == "signed" and title.has_ended(material.as_of):
        return EXPIRED
    return material.word("convention", "status", status)


def _statuses(material: Material, titles: Sequence[Title]) -> FigureTable:
    states = [state for title in titles if (state := _state(material, title))]
    counts, labels = Counter(state.code for state in states), {state.code: state for state in states}
    columns = (
        FigureColumn("status", Message("status"), "label"),
        FigureColumn("conventions", Message("conventions")),
    )
    rows = tuple((labels[code], counts[code]) for code in sorted(counts))
    chart = Chart("bars", "status", ("conventions",))
    return FigureTable("statuses", Message("By status"), columns, rows, chart)


def _families(material: Material, in_force: Sequence[Title]) -> FigureTable:
    """Partner × family, in force; the Métropole of the settings is party to most, and left out."""
    metropole = material.metropole
    counts = Counter(
        (party, family)
        for title in in_force
        for party in title.parties
        if party not in metropole
        for family in title.families
    )
    rows = tuple(
        (material.label("party", party), material.word("convention", "families", family), counts[party, family])
        for party, family in sorted(counts)
    )
    columns = (
        FigureColumn("party", Message("partner"), "label"),
        FigureColumn("family", Message("kind of intervention"), "label"),
        FigureColumn("conventions", Message("conventions in force")),
    )
    chart = Chart("matrix", "party", ("conventions",), "family", FINDING)
    return FigureTable(
        "families",
        Message("Conventions in force, by partner and kind of intervention"),
        columns,
        rows,
        chart,
    )


def _each(material: Material, titles: Sequence[Title]) -> FigureTable:
    columns = (
        FigureColumn("convention", Message("convention"), "label"),
        FigureColumn("partners", Message("partners"), "label"),
        FigureColumn("status", Message("status"), "label"),
        FigureColumn("signed_on", Message("signed on"), "date"),
        FigureColumn("end", Message("ends on"), "date"),
        FigureColumn("notice_by", Message("next notice due by"), "date"),
        FigureColumn("days", Message("days from deliberation to signature"), "days"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            material.label("convention", title.id),
            _partners(material, title),
            _state(material, title),
            _iso(day(title.record, "signed_on")),
            _iso(title.last),
            _iso(notice[0] if (notice := next_notice(title, material.as_of)) else None),
            _delay(material, title),
        )
        for title in titles
    )
    return FigureTable("conventions", Message("Each convention"), columns, rows)


def _partners(material: Material, title: Title) -> Label | None:
    """The parties other than the Métropole of the settings, in one cell, in the order of the convention."""
    ids = [party for party in text_list(title.terms.get("parties")) if party not in material.metropole]
    return Label(" ".join(ids), joined([material.label("party", id).words for id in ids])) if ids else None


def _parties(material: Material, in_force: Sequence[Title]) -> FigureTable:
    """What each party brings; those that bring nothing yet are left out."""
    devices, supports, flows, conventions = (Counter[str]() for _ in range(4))
    for device in material.equipment_there:
        devices[material.owner_of(device) or ""] += 1
    for support in filter(material.present, material.of("support")):
        supports[material.owner_of(support) or ""] += 1
    for flow in filter(material.present, material.of("flow")):
        flows[material.holder(text(flow, "producer")) or ""] += 1
    for title in in_force:
        conventions.update(title.parties)
    parties = [
        party
        for party in material.of("party")
        if any(counts[party.rid.id] for counts in (devices, supports, flows, conventions))
    ]
    columns = (
        FigureColumn("party", Message("party"), "label"),
        FigureColumn("category", Message("category"), "label"),
        FigureColumn("conventions", Message("conventions in force")),
        FigureColumn("equipment", Message("devices in place")),
        FigureColumn("supports", Message("supports in service")),
        FigureColumn("flows", Message("flows produced")),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            material.label("party", id),
            material.word("party", "category", text(party, "category")),
            *(counts[id] for counts in (conventions, devices, supports, flows)),
        )
        for party in parties
        for id in (party.rid.id,)
    )
    why = None if rows else NO_PARTY
    return FigureTable("parties", Message("Parties"), columns, rows, why_not=why)


def _delay(material: Material, title: Title) -> int | None:
    """Days from the last deliberation up to the signature."""
    signed = day(title.record, "signed_on")
    acts = (material.find("deliberation", id) for id in texts(title.record, "deliberations"))
    days = [adopted for act in acts if act and (adopted := day(act, "date")) and signed and adopted <= signed]
    return (signed - max(days)).days if signed and days else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
