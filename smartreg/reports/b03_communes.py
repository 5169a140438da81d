"""B3: the communes of the territory: equipment in place, per 10 000 inhabitants, and which are under convention.

Populations are INSEE's populations municipales, as bundled with the official codes. A commune is under convention when
it is a party to one that is in force on the reference date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from smartreg.core.values import Words
from smartreg.domain.codes import Commune, commune
from smartreg.domain.fields import text
from smartreg.domain.titles import title_on
from smartreg.reports.communes import commune_label, communes_of, communes_then
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Measure, Value, share, yes
from smartreg.reports.material import Material

TITLE = Words("Coverage by commune", "Couverture par commune")
DEFINITION = Words(
    "Communes of the territory with at least one device in place, and communes that are parties to a "
    "convention in force. Inhabitants: INSEE's municipal population.",
    "Communes du territoire ayant au moins un équipement en place, et communes parties à une convention "
    "en vigueur. Habitants : INSEE, population municipale.",
)
NO_TERRITORY = Words(
    "the registry does not say yet which communes its territory has",
    "le registre ne dit pas encore quelles communes forment son territoire",
)
NOTE = Words(
    "Communes with neither devices nor convention are not listed. A mobile device counts in each commune of its area.",
    "Les communes sans équipement ni convention ne sont pas listées. Un équipement mobile compte dans chaque commune "
    "de son secteur.",
)


def figure(material: Material) -> Figure:
    territory = communes_then(material)
    counts = Counter(code for device in material.equipment_there for code in communes_of(material, device))
    nowhere = sum(not communes_of(material, device) for device in material.equipment_there)
    covered = under_convention(material)
    inside = [code for code in counts if code in territory]
    words = Words("communes with devices", "communes équipées")
    measures = (
        share("equipped", words, len(inside), len(territory), NO_TERRITORY),
        share(
            "under_convention",
            Words("communes with a convention in force", "communes ayant une convention en vigueur"),
            len(covered & territory.keys()),
            len(territory),
            NO_TERRITORY,
        ),
        _density(counts, territory),
        Measure(
            "elsewhere",
            Words("devices outside the territory", "équipements hors du territoire"),
            "count",
            None if not territory else sum(n for code, n in counts.items() if code not in territory),
            None if territory else NO_TERRITORY,
        ),
        Measure(
            "nowhere",
            Words("devices whose commune is not known", "équipements dont la commune est inconnue"),
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
    return frozenset(code for party in records if party and (code := text(party, "insee_code")))


def _density(counts: Counter[str], territory: Mapping[str, Sequence[Commune]]) -> Measure:
    words = Words("devices per 10,000 inhabitants", "équipements pour 10 000 habitants")
    people = sum(commune.population or 0 for parts in territory.values() for commune in parts)
    if not people:
        return Measure("density", words, "number", None, NO_TERRITORY)
    return Measure("density", words, "number", 10_000 * sum(counts[code] for code in territory) / people)


def _table(material: Material, counts: Counter[str], covered: frozenset[str]) -> FigureTable:
    columns = (
        FigureColumn("commune", Words("commune", "commune"), "label"),
        FigureColumn("population", Words("inhabitants", "habitants")),
        FigureColumn("equipment", Words("devices", "équipements")),
        FigureColumn("density", Words("devices per 10,000 inhabitants", "équipements pour 10 000 habitants"), "number"),
        FigureColumn("convention", Words("convention in force", "convention en vigueur"), "label"),
    )
    territory = communes_then(material)
    rows = tuple(
        _row(material, territory.get(code), (code, counts[code], code in covered))
        for code in sorted(counts.keys() | covered)
    )
    return FigureTable(
        "communes",
        Words("Devices in place by commune", "Équipements en place par commune"),
        columns,
        rows,
        Chart("bars", "commune", ("equipment",)),
    )


def _row(material: Material, parts: Sequence[Commune] | None, row: tuple[str, int, bool]) -> tuple[Value, ...]:
    code, number, covered = row
    outside = commune(code)
    communes = parts if parts is not None else (outside,) if outside else ()
    people = sum(part.population or 0 for part in communes) or None
    return commune_label(material, code), people, number, 10_000 * number / people if people else None, yes(covered)
