"""B10: conventions by status, those in force and those that end soon, the families that they cover for each partner,
how long it took from the deliberation to the signature, and the next day by which notice against a tacit renewal must
be given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from statistics import median

from smartreg.core.values import Record, Words
from smartreg.domain.days import day, days_later
from smartreg.domain.fields import text, text_list, texts
from smartreg.domain.titles import Title, next_notice, title_on
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material
from smartreg.reports.typography import listed

TITLE = Words("Conventions and parties", "Conventions et parties")
DEFINITION = Words(
    "Conventions by status, those in force, those that end soon, and the usual time from the last deliberation "
    "to the signature: half of the conventions took less (the median).",
    "Conventions par statut, celles qui sont en vigueur, celles qui arrivent à terme, et le délai habituel "
    "de la dernière délibération à la signature : la moitié des conventions a mis moins longtemps (médiane).",
)
FINDING = Words(
    "{down} has the most: {n} in force for “{right}”, of {all}.",
    "{down} en a le plus : {n} en vigueur pour « {right} », sur {all}.",
)
NOTHING = Words("the registry has no convention", "le registre n'a aucune convention")
NO_DELAY = Words(
    "no signed convention names a deliberation whose date is known",
    "aucune convention signée ne cite de délibération dont la date est connue",
)
NO_PARTY = Words("no party owns or operates anything yet", "aucune partie ne possède ni n'exploite encore rien")
EXPIRED = Label("expired", Words("expired", "échue"))
SOON = (90, 180)


def figure(material: Material) -> Figure:
    found = [title_on(material.view, record, material.as_of) for record in material.of("convention")]
    if not found:
        return Figure(10, TITLE, why_not=NOTHING)
    force = [one for one in found if one.in_force(material.as_of)]
    delays = [days for one in found if (days := _delay(material, one)) is not None]
    measures = [
        Measure("conventions", Words("conventions", "conventions"), "count", len(found)),
        Measure("in_force", Words("conventions in force", "conventions en vigueur"), "count", len(force)),
    ]
    for days in SOON:
        words = Words(f"ending within {days} days", f"arrivant à terme dans les {days} jours")
        ending = sum(one.last is not None and one.last <= days_later(material.as_of, days) for one in force)
        measures.append(Measure(f"ending_{days}", words, "count", ending))
    words = Words(
        "usual time from deliberation to signature (days)",
        "délai habituel entre la délibération et la signature (en jours)",
    )
    middle = float(median(delays)) if delays else None
    measures.append(Measure("signature_days", words, "days", middle, None if delays else NO_DELAY))
    tables = (
        _statuses(material, found),
        _families(material, force),
        _each(material, found),
        _parties(material, force),
    )
    return Figure(10, TITLE, tuple(measures), tables)


def _state(material: Material, one: Title) -> Label | None:
    """Its status; expired where it was signed and its term has passed, which no record says. One that was terminated
    after the day of the figures was signed then."""
    status = text(one.record, "status")
    if status == "terminated" and one.in_force(material.as_of):
        status = "signed"
    if status == "signed" and one.has_ended(material.as_of):
        return EXPIRED
    return material.word("convention", "status", status)


def _statuses(material: Material, found: Sequence[Title]) -> FigureTable:
    states = [state for one in found if (state := _state(material, one))]
    counts, labels = Counter(state.code for state in states), {state.code: state for state in states}
    columns = (
        FigureColumn("status", Words("status", "statut"), "label"),
        FigureColumn("conventions", Words("conventions", "conventions")),
    )
    rows = tuple((labels[code], counts[code]) for code in sorted(counts))
    chart = Chart("bars", "status", ("conventions",))
    return FigureTable("statuses", Words("By status", "Par statut"), columns, rows, chart)


def _families(material: Material, force: Sequence[Title]) -> FigureTable:
    """Partner × family, in force; the Métropole of the settings is party to most, and left out."""
    metropole = material.metropole
    counts = Counter(
        (party, family) for one in force for party in one.parties if party not in metropole for family in one.families
    )
    rows = tuple(
        (material.label("party", party), material.word("convention", "families", family), counts[party, family])
        for party, family in sorted(counts)
    )
    columns = (
        FigureColumn("party", Words("partner", "partenaire"), "label"),
        FigureColumn("family", Words("kind of intervention", "famille d'interventions"), "label"),
        FigureColumn("conventions", Words("conventions in force", "conventions en vigueur")),
    )
    chart = Chart("matrix", "party", ("conventions",), "family", FINDING)
    return FigureTable(
        "families",
        Words(
            "Conventions in force, by partner and kind of intervention",
            "Conventions en vigueur, par partenaire et famille d'interventions",
        ),
        columns,
        rows,
        chart,
    )


def _each(material: Material, found: Sequence[Title]) -> FigureTable:
    columns = (
        FigureColumn("convention", Words("convention", "convention"), "label"),
        FigureColumn("partners", Words("partners", "partenaires"), "label"),
        FigureColumn("status", Words("status", "statut"), "label"),
        FigureColumn("signed_on", Words("signed on", "signée le"), "date"),
        FigureColumn("end", Words("ends on", "fin le"), "date"),
        FigureColumn("notice_by", Words("next notice due by", "prochain préavis avant le"), "date"),
        FigureColumn(
            "days", Words("days from deliberation to signature", "jours de la délibération à la signature"), "days"
        ),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            material.label("convention", one.id),
            _partners(material, one),
            _state(material, one),
            _iso(day(one.record, "signed_on")),
            _iso(one.end),
            _iso(notice[0] if (notice := next_notice(one, material.as_of)) else None),
            _delay(material, one),
        )
        for one in found
    )
    return FigureTable("conventions", Words("Each convention", "Chaque convention"), columns, rows)


def _partners(material: Material, one: Title) -> Label | None:
    """The parties other than the Métropole of the settings, in one cell, in the order of the convention."""
    ids = [party for party in text_list(one.terms.get("parties")) if party not in material.metropole]
    return Label(" ".join(ids), listed([material.label("party", id).words for id in ids])) if ids else None


def _parties(material: Material, force: Sequence[Title]) -> FigureTable:
    """What each party brings; those that bring nothing yet are left out."""
    owned, hosts, made, bound = (Counter[str]() for _ in range(4))
    for device in material.equipment_there:
        owned[material.owner_of(device) or ""] += 1
    for support in filter(material.present, material.of("support")):
        hosts[material.owner_of(support) or ""] += 1
    for flow in filter(material.present, material.of("flow")):
        made[material.holder(text(flow, "producer")) or ""] += 1
    for one in force:
        bound.update(one.parties)
    parties = [
        party for party in material.of("party") if any(found[party.rid.id] for found in (owned, hosts, made, bound))
    ]
    columns = (
        FigureColumn("party", Words("party", "partie"), "label"),
        FigureColumn("category", Words("category", "catégorie"), "label"),
        FigureColumn("conventions", Words("conventions in force", "conventions en vigueur")),
        FigureColumn("equipment", Words("devices in place", "équipements en place")),
        FigureColumn("supports", Words("supports in service", "supports en service")),
        FigureColumn("flows", Words("flows produced", "flux produits")),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            material.label("party", id),
            material.word("party", "category", text(party, "category")),
            *(found[id] for found in (bound, owned, hosts, made)),
        )
        for party in parties
        for id in (party.rid.id,)
    )
    why = None if rows else NO_PARTY
    return FigureTable("parties", Words("Parties", "Parties"), columns, rows, why_not=why)


def _delay(material: Material, one: Title) -> int | None:
    """Days from the last deliberation up to the signature."""
    signed = day(one.record, "signed_on")
    days = [found for act in _acts(material, one.record) if (found := day(act, "date")) and signed and found <= signed]
    return (signed - max(days)).days if signed and days else None


def _acts(material: Material, convention: Record) -> Iterator[Record]:
    return (act for id in texts(convention, "deliberations") if (act := material.find("deliberation", id)))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
