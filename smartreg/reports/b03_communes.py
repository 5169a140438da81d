"""B3: the communes of the territory: equipment in place, per 10 000 inhabitants, and which are under convention.

Populations are INSEE's populations municipales, as bundled with the official codes. A commune is under convention when
it is a party to one that is in force on the reference date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from smartreg.core.messages import Message
from smartreg.domain.codes import Commune
from smartreg.domain.fields import code_of
from smartreg.domain.municipalities import municipality
from smartreg.domain.titles import title_on
from smartreg.reports.communes import commune_label, communes_of, communes_then
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Measure, Value, share, yes
from smartreg.reports.material import Material

TITLE = Message("Coverage by commune")
DEFINITION = Message(
    "Communes of the territory with at least one device in place, and communes that are parties to a convention in "
    "force. Inhabitants: INSEE's municipal population."
)
NO_TERRITORY = Message("the registry does not say yet which communes its territory has")
NO_PEOPLE = Message("the registry does not say how many inhabitants its municipalities have")
NOTE = Message(
    "Communes with neither devices nor convention are not listed. A mobile device counts in each commune of its area."
)


def figure(material: Material) -> Figure:
    territory = communes_then(material)
    counts = Counter(code for device in material.equipment_there for code in communes_of(material, device))
    nowhere = sum(not communes_of(material, device) for device in material.equipment_there)
    covered = under_convention(material)
    inside = [code for code in counts if code in territory]
    words = Message("communes with devices")
    measures = (
        share("equipped", words, len(inside), len(territory), NO_TERRITORY),
        share(
            "under_convention",
            Message("communes with a convention in force"),
            len(covered & territory.keys()),
            len(territory),
            NO_TERRITORY,
        ),
        _density(counts, territory),
        Measure(
            "elsewhere",
            Message("devices outside the territory"),
            "count",
            None if not territory else sum(n for code, n in counts.items() if code not in territory),
            None if territory else NO_TERRITORY,
        ),
        Measure(
            "nowhere",
            Message("devices whose commune is not known"),
            "count",
            nowhere,
        ),
    )
    return Figure(3, TITLE, measures, (_table(material, counts, covered),), (NOTE,))


def under_convention(material: Material) -> frozenset[str]:
    """The INSEE codes of the communes that are parties to a convention in force."""
    parties = {
        party
        for convention in (title_on(material.view, record, material.as_of) for record in material.of("convention"))
        if convention.in_force(material.as_of)
        for party in convention.parties
    }
    records = (material.find("party", id) for id in parties)
    return frozenset(code for party in records if party and (code := code_of(party)))


def _density(counts: Counter[str], territory: Mapping[str, Sequence[Commune]]) -> Measure:
    words = Message("devices per 10,000 inhabitants")
    people = sum(commune.population or 0 for parts in territory.values() for commune in parts)
    if not people:
        return Measure("density", words, "number", None, NO_PEOPLE if territory else NO_TERRITORY)
    return Measure("density", words, "number", 10_000 * sum(counts[code] for code in territory) / people)


def _table(material: Material, counts: Counter[str], covered: frozenset[str]) -> FigureTable:
    columns = (
        FigureColumn("commune", Message("commune"), "label"),
        FigureColumn("population", Message("inhabitants")),
        FigureColumn("equipment", Message("devices")),
        FigureColumn("density", Message("devices per 10,000 inhabitants"), "number"),
        FigureColumn("convention", Message("convention in force"), "label"),
    )
    territory = communes_then(material)
    rows = tuple(
        _row(material, territory.get(code), code, counts[code], code in covered)
        for code in sorted(counts.keys() | covered)
    )
    return FigureTable(
        "communes",
        Message("Devices in place by commune"),
        columns,
        rows,
        Chart("bars", "commune", ("equipment",)),
    )


def _row(
    material: Material, parts: Sequence[Commune] | None, code: str, number: int, covered: bool
) -> tuple[Value, ...]:
    outside = municipality(material.view, code)
    communes = parts if parts is not None else (outside,) if outside else ()
    people = sum(part.population or 0 for part in communes) or None
    return commune_label(material, code), people, number, 10_000 * number / people if people else None, yes(covered)
