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
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Measure, Value, share, yes
from smartreg.reports.material import Material, communes_of, communes_then, label

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
    known = communes_then(material)
    counts = Counter(code for device in material.equipment_there for code in communes_of(material, device))
    nowhere = sum(not communes_of(material, device) for device in material.equipment_there)
    bound = under_convention(material)
    inside = [code for code in counts if code in known]
    words = Words("communes with devices", "communes équipées")
    measures = (
        share("equipped", words, len(inside), len(known), NO_TERRITORY),
        share(
            "under_convention",
            Words("communes with a convention in force", "communes ayant une convention en vigueur"),
            len(bound & known.keys()),
            len(known),
            NO_TERRITORY,
        ),
        _density(counts, known),
        Measure(
            "elsewhere",
            Words("devices outside the territory", "équipements hors du territoire"),
            "count",
            None if not known else sum(n for code, n in counts.items() if code not in known),
            None if known else NO_TERRITORY,
        ),
        Measure(
            "nowhere",
            Words("devices whose commune is not known", "équipements dont la commune est inconnue"),
            "count",
            nowhere,
        ),
    )
    return Figure(3, TITLE, measures, (_table(material, counts, bound),), (NOTE,))


def under_convention(material: Material) -> frozenset[str]:
    """The INSEE codes of the communes that are parties to a convention in force."""
    parties = {
        party
        for convention in (title_on(material.view, record, material.as_of) for record in material.of("convention"))
        if convention.in_force(material.as_of)
        for party in convention.parties
    }
    found = (material.find("party", id) for id in parties)
    return frozenset(code for party in found if party and (code := text(party, "insee_code")))


def _density(counts: Counter[str], known: Mapping[str, Sequence[Commune]]) -> Measure:
    words = Words("devices per 10,000 inhabitants", "équipements pour 10 000 habitants")
    people = sum(each.population or 0 for parts in known.values() for each in parts)
    if not people:
        return Measure("density", words, "number", None, NO_TERRITORY)
    return Measure("density", words, "number", 10_000 * sum(counts[code] for code in known) / people)


def _table(material: Material, counts: Counter[str], bound: frozenset[str]) -> FigureTable:
    columns = (
        FigureColumn("commune", Words("commune", "commune"), "label"),
        FigureColumn("population", Words("inhabitants", "habitants")),
        FigureColumn("equipment", Words("devices", "équipements")),
        FigureColumn("density", Words("devices per 10,000 inhabitants", "équipements pour 10 000 habitants"), "number"),
        FigureColumn("convention", Words("convention in force", "convention en vigueur"), "label"),
    )
    known = communes_then(material)
    rows = tuple(
        _row(material, known.get(code), (code, counts[code], code in bound)) for code in sorted(counts.keys() | bound)
    )
    return FigureTable(
        "communes",
        Words("Devices in place by commune", "Équipements en place par commune"),
        columns,
        rows,
        Chart("bars", "commune", ("equipment",)),
    )


def _row(material: Material, parts: Sequence[Commune] | None, row: tuple[str, int, bool]) -> tuple[Value, ...]:
    code, number, bound = row
    outside = commune(code)
    each = parts if parts is not None else (outside,) if outside else ()
    people = sum(one.population or 0 for one in each) or None
    return label(material, code), people, number, 10_000 * number / people if people else None, yes(bound)
