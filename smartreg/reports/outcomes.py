"""What the figures come to: four to six outcomes in whole sentences.

Every number is taken from a figure; a sentence whose figure cannot be computed is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from smartreg.core.values import Words
from smartreg.reports.figure import Figure, FigureTable, Label, Measure, Value
from smartreg.reports.typography import typeset
from smartreg.reports.wording import decimals_of, number_words, quantity, value_words

MOST_OUTCOMES = 6
MONTH = 30  # days of history, and days in place: a share of fewer says nothing of availability
TERMS = Words(
    "A device is a sensor, meter, camera, display or network antenna. A support carries it: a street light, mast or "
    "building. A use case is what it serves, such as measuring noise. A convention is an agreement between the "
    "Métropole and a commune or another body.",
    "Un équipement est un capteur, un compteur, une caméra, un afficheur ou l'antenne d'un réseau. Un support le porte "
    ": candélabre, mât, bâtiment. Un cas d'usage est ce à quoi il sert, comme mesurer le bruit. Une convention est un "
    "accord entre la Métropole et une commune ou un autre organisme.",
)


@dataclass(frozen=True, slots=True)
class StoryOutcome:
    """A sentence, and the code of the figure that it is computed from (`B2`)."""

    figure: str
    sentence: Words


class Facts:
    """Measures and rows of the figures, by code and key."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._measures = {(figure.code, measure.key): measure for figure in figures for measure in figure.measures}
        self._tables = {(figure.code, table.name): table for figure in figures for table in figure.tables}

    def measure(self, code: str, key: str) -> Measure | None:
        """A measure that has a value."""
        measure = self._measures.get((code, key))
        return measure if measure is not None and measure.value is not None else None

    def parts(self, code: str, key: str) -> tuple[float, float] | None:
        """What a share was computed of: the part and the whole; None where it has no value."""
        measure = self.measure(code, key)
        return measure.parts if measure else None

    def amount(self, code: str, key: str) -> float:
        """The number of a measure; 0 where it has none."""
        measure = self.measure(code, key)
        return float(measure.value) if measure and not isinstance(measure.value, (str, Label)) else 0  # type: ignore[arg-type]

    def text(self, code: str, key: str) -> Words:
        """The value of a measure, in words."""
        measure = self._measures[code, key]
        return value_words(measure.kind, measure.value)

    def rows(self, code: str, name: str) -> Sequence[Mapping[str, Value]]:
        """The rows of a table by the keys of its columns; none where there is no such table."""
        table: FigureTable | None = self._tables.get((code, name))
        if table is None:
            return ()
        return [dict(zip((column.key for column in table.columns), row, strict=True)) for row in table.rows]


def outcomes_of(facts: Facts) -> tuple[StoryOutcome, ...]:
    """The sentences that can be said: those that ask for an act first, then the most telling ones."""
    pressing = [(code, state) for code, state, presses in _PRESSING if presses(facts)]
    usual = [outcome for outcome in _OUTCOMES if outcome not in pressing]
    outcomes = [
        StoryOutcome(code, typeset(sentence)) for code, state in (*pressing, *usual) if (sentence := state(facts))
    ]
    return tuple(outcomes[:MOST_OUTCOMES])


def _hosting(facts: Facts) -> Words | None:
    parts = facts.parts("B2", "on_others")
    if parts is None:
        return None
    hosted, devices = parts
    if devices == 1:
        if hosted:
            return Words(
                "The only device on a support (street light, mast, building…) is on another party's.",
                "L'unique équipement posé sur un support (candélabre, mât, bâtiment…) l'est chez un autre que son "
                "propriétaire.",
            )
        return Words(
            "The only device on a support (street light, mast, building…) is on its owner's.",
            "L'unique équipement posé sur un support (candélabre, mât, bâtiment…) l'est chez son propriétaire.",
        )
    if not hosted:
        sentence = Words(
            "Of the {devices} devices on supports (street lights, masts, buildings…), none is on another party's.",
            "Des {devices} équipements posés sur un support (candélabre, mât, bâtiment…), aucun ne l'est chez un autre "
            "que son propriétaire.",
        )
    elif hosted == devices == 2:
        sentence = Words(
            "Of the 2 devices on supports (street lights, masts, buildings…), both are on another party's.",
            "Des 2 équipements posés sur un support (candélabre, mât, bâtiment…), les deux le sont chez un autre que "
            "leur propriétaire.",
        )
    elif hosted == devices:
        sentence = Words(
            "Of the {devices} devices on supports (street lights, masts, buildings…), all are on another party's.",
            "Des {devices} équipements posés sur un support (candélabre, mât, bâtiment…), tous le sont chez un autre "
            "que leur propriétaire.",
        )
    elif hosted == 1:
        sentence = Words(
            "Of the {devices} devices on supports (street lights, masts, buildings…), 1 ({share}) is on another "
            "party's.",
            "Des {devices} équipements posés sur un support (candélabre, mât, bâtiment…), 1 ({share}) l'est chez un "
            "autre que son propriétaire.",
        )
    else:
        sentence = Words(
            "Of the {devices} devices on supports (street lights, masts, buildings…), {hosted} ({share}) are on "
            "another party's.",
            "Des {devices} équipements posés sur un support (candélabre, mât, bâtiment…), {hosted} ({share}) le sont "
            "chez un autre que leur propriétaire.",
        )
    share = facts.text("B2", "on_others")
    return sentence.fill(devices=number_words(devices), hosted=number_words(hosted), share=share)


def _communes(facts: Facts) -> Words | None:
    equipped, under_convention = facts.parts("B3", "equipped"), facts.parts("B3", "under_convention")
    if equipped is None or under_convention is None:
        return None
    return Words("{equipped}, and {under_convention}.", "{equipped} ; {under_convention}.").fill(
        equipped=_equipped_communes(*equipped), under_convention=_communes_under_convention(under_convention[0])
    )


def _equipped_communes(equipped: float, communes: float) -> Words:
    """A clause; the other one counts the conventions."""
    if not equipped and communes == 1:
        clause = Words(
            "The only commune of the territory has no device", "L'unique commune du territoire n'a pas d'équipement"
        )
    elif not equipped:
        clause = Words(
            "None of the {communes} communes of the territory has a device",
            "Aucune des {communes} communes du territoire n'a d'équipement",
        )
    elif communes == 1:
        clause = Words(
            "The only commune of the territory has devices", "L'unique commune du territoire a des équipements"
        )
    elif equipped == communes == 2:
        clause = Words(
            "Both communes of the territory have devices", "Les 2 communes du territoire ont des équipements"
        )
    elif equipped == communes:
        clause = Words(
            "All {communes} communes of the territory have devices",
            "Les {communes} communes du territoire ont des équipements",
        )
    elif equipped == 1:
        clause = Words(
            "1 of the {communes} communes of the territory has devices",
            "1 des {communes} communes du territoire a des équipements",
        )
    else:
        clause = Words(
            "{equipped} of the {communes} communes of the territory have devices",
            "{equipped} des {communes} communes du territoire ont des équipements",
        )
    return clause.fill(equipped=number_words(equipped), communes=number_words(communes))


def _communes_under_convention(communes: float) -> Words:
    if not communes:
        return Words("none has a convention in force", "aucune n'a de convention en vigueur")
    if communes == 1:
        return Words("1 has a convention in force", "1 a une convention en vigueur")
    return Words("{communes} have a convention in force", "{communes} ont une convention en vigueur").fill(
        communes=number_words(communes)
    )


def _costs(facts: Facts) -> Words | None:
    if facts.measure("B12", "total") is None:
        return None
    with_cost, devices = facts.parts("B12", "with_cost") or (0, 0)
    unknown = devices - with_cost
    if facts.measure("B12", "spent") is None:
        if not unknown:
            sentence = Words(
                "The recorded costs of the devices come to {total} including tax.",
                "Les coûts inscrits des équipements s'élèvent à {total} TTC.",
            )
        elif unknown == 1:
            sentence = Words(
                "The recorded costs of the devices come to {total} including tax; 1 device has no recorded cost.",
                "Les coûts inscrits des équipements s'élèvent à {total} TTC ; le coût de 1 équipement n'est pas connu.",
            )
        else:
            sentence = Words(
                "The recorded costs of the devices come to {total} including tax; {unknown} devices have no recorded "
                "cost.",
                "Les coûts inscrits des équipements s'élèvent à {total} TTC ; le coût de {unknown} équipements n'est "
                "pas connu.",
            )
        return sentence.fill(total=facts.text("B12", "total"), unknown=number_words(unknown))
    if not unknown:
        sentence = Words(
            "The recorded costs of the devices come to {total} including tax, {spent} of the budget of {budget}.",
            "Les coûts inscrits des équipements s'élèvent à {total} TTC, soit {spent} du budget de {budget}.",
        )
    elif unknown == 1:
        sentence = Words(
            "The recorded costs of the devices come to {total} including tax, {spent} of the budget of {budget}; 1 "
            "device has no recorded cost.",
            "Les coûts inscrits des équipements s'élèvent à {total} TTC, soit {spent} du budget de {budget} ; le coût "
            "de 1 équipement n'est pas connu.",
        )
    else:
        sentence = Words(
            "The recorded costs of the devices come to {total} including tax, {spent} of the budget of {budget}; "
            "{unknown} devices have no recorded cost.",
            "Les coûts inscrits des équipements s'élèvent à {total} TTC, soit {spent} du budget de {budget} ; le coût "
            "de {unknown} équipements n'est pas connu.",
        )
    return sentence.fill(
        total=facts.text("B12", "total"),
        spent=facts.text("B12", "spent"),
        budget=facts.text("B12", "budget"),
        unknown=number_words(unknown),
    )


def _incidents(facts: Facts) -> Words | None:
    if facts.measure("B8", "incidents") is None or facts.measure("B8", "rate") is None:
        return None
    incidents, rate = facts.amount("B8", "incidents"), facts.text("B8", "rate")
    if not incidents:
        return Words(
            "No incident (fault or vandalism) was reported in the period.",
            "Aucun incident (panne ou vandalisme) n'a été signalé sur la période.",
        )
    if facts.measure("B8", "repair_days") is None:
        if incidents == 1:
            sentence = Words(
                "1 incident (fault or vandalism) was reported in the period: {rate} a month per 100 devices in place.",
                "1 incident (panne ou vandalisme) a été signalé sur la période, soit {rate} par mois pour 100 "
                "équipements en place.",
            )
        else:
            sentence = Words(
                "{incidents} incidents (faults and vandalism) were reported in the period: {rate} a month per 100 "
                "devices in place.",
                "{incidents} incidents (pannes et vandalisme) ont été signalés sur la période, soit {rate} par mois "
                "pour 100 équipements en place.",
            )
        return sentence.fill(incidents=number_words(incidents), rate=rate)
    days = facts.amount("B8", "repair_days")
    repair_time = quantity(days, decimals_of("days", (days,)), Words("day", "jour"), Words("days", "jours"))
    if incidents == 1:
        sentence = Words(
            "1 incident (fault or vandalism) was reported in the period: {rate} a month per 100 devices in place; a "
            "repair took {repair_time} on average.",
            "1 incident (panne ou vandalisme) a été signalé sur la période, soit {rate} par mois pour 100 équipements "
            "en place ; une réparation a pris {repair_time} en moyenne.",
        )
    else:
        sentence = Words(
            "{incidents} incidents (faults and vandalism) were reported in the period: {rate} a month per 100 devices "
            "in place; a repair took {repair_time} on average.",
            "{incidents} incidents (pannes et vandalisme) ont été signalés sur la période, soit {rate} par mois pour "
            "100 équipements en place ; une réparation a pris {repair_time} en moyenne.",
        )
    return sentence.fill(incidents=number_words(incidents), rate=rate, repair_time=repair_time)


def _availability(facts: Facts) -> Words | None:
    parts, observed = facts.parts("B9", "known"), facts.amount("B9", "observed")
    if parts is None or min(observed, parts[0]) < MONTH:
        return None
    known, days = parts
    return Words(
        "According to the registry, the devices were working on {active} of the days on which their state is known "
        "({known} of {days} days in place, over {observed} days of history).",
        "D'après le registre, les équipements ont fonctionné {active} des jours où leur état est connu ({known} des "
        "{days} jours en place, sur {observed} jours d'historique).",
    ).fill(
        active=facts.text("B9", "active"),
        known=number_words(known),
        days=number_words(days),
        observed=number_words(observed),
    )


def _assessments(facts: Facts) -> Words | None:
    if facts.measure("B14", "assessed") is None or facts.measure("B4", "use_cases") is None:
        return None
    assessed, cases = facts.amount("B14", "assessed"), facts.amount("B4", "use_cases")
    if not assessed:
        sentence = Words(
            "None of the {cases} use cases has been assessed.", "Aucun des {cases} cas d'usage n'a été évalué."
        )
        return sentence.fill(cases=number_words(cases))
    if facts.measure("B14", "rating") is None:
        if cases == 1:
            sentence = Words("The only use case has been assessed.", "L'unique cas d'usage a été évalué.")
        elif assessed == cases == 2:
            sentence = Words("Both use cases have been assessed.", "Les 2 cas d'usage ont tous été évalués.")
        elif assessed == cases:
            sentence = Words(
                "All {cases} use cases have been assessed.", "Les {cases} cas d'usage ont tous été évalués."
            )
        elif assessed == 1:
            sentence = Words("1 of the {cases} use cases has been assessed.", "1 des {cases} cas d'usage a été évalué.")
        else:
            sentence = Words(
                "{assessed} of the {cases} use cases have been assessed.",
                "{assessed} des {cases} cas d'usage ont été évalués.",
            )
        return sentence.fill(assessed=number_words(assessed), cases=number_words(cases))
    if cases == 1:
        sentence = Words(
            "The only use case has been assessed and rated {rating} out of 5.",
            "L'unique cas d'usage a été évalué et noté {rating} sur 5.",
        )
    elif assessed == cases == 2:
        sentence = Words(
            "Both use cases have been assessed and rated {rating} out of 5 on average.",
            "Les 2 cas d'usage ont tous été évalués et notés {rating} sur 5 en moyenne.",
        )
    elif assessed == cases:
        sentence = Words(
            "All {cases} use cases have been assessed and rated {rating} out of 5 on average.",
            "Les {cases} cas d'usage ont tous été évalués et notés {rating} sur 5 en moyenne.",
        )
    elif assessed == 1:
        sentence = Words(
            "1 of the {cases} use cases has been assessed and rated {rating} out of 5.",
            "1 des {cases} cas d'usage a été évalué et noté {rating} sur 5.",
        )
    else:
        sentence = Words(
            "{assessed} of the {cases} use cases have been assessed and rated {rating} out of 5 on average.",
            "{assessed} des {cases} cas d'usage ont été évalués et notés {rating} sur 5 en moyenne.",
        )
    return sentence.fill(assessed=number_words(assessed), cases=number_words(cases), rating=facts.text("B14", "rating"))


def _conventions(facts: Facts) -> Words | None:
    if facts.measure("B10", "in_force") is None:
        return None
    in_force, ending = facts.amount("B10", "in_force"), facts.amount("B10", "ending_180")
    if not in_force:
        return Words("No convention is in force.", "Aucune convention n'est en vigueur.")
    if in_force == 1:
        if ending:
            return Words(
                "1 convention is in force; 1 ends within 180 days.",
                "1 convention est en vigueur ; 1 arrive à terme dans les 180 jours.",
            )
        return Words(
            "1 convention is in force; none ends within 180 days.",
            "1 convention est en vigueur ; aucune n'arrive à terme dans les 180 jours.",
        )
    if not ending:
        sentence = Words(
            "{in_force} conventions are in force; none ends within 180 days.",
            "{in_force} conventions sont en vigueur ; aucune n'arrive à terme dans les 180 jours.",
        )
    elif ending == 1:
        sentence = Words(
            "{in_force} conventions are in force; 1 ends within 180 days.",
            "{in_force} conventions sont en vigueur ; 1 arrive à terme dans les 180 jours.",
        )
    else:
        sentence = Words(
            "{in_force} conventions are in force; {ending} end within 180 days.",
            "{in_force} conventions sont en vigueur ; {ending} arrivent à terme dans les 180 jours.",
        )
    return sentence.fill(in_force=number_words(in_force), ending=number_words(ending))


def _ends_soon(facts: Facts) -> bool:
    """Whether a convention ends soon, or none is in force."""
    in_force = facts.measure("B10", "in_force")
    return in_force is not None and (not in_force.value or facts.amount("B10", "ending_180") > 0)


def _without_convention(facts: Facts) -> Words | None:
    devices = facts.amount("B11", "without_convention")
    if not devices:
        return None
    if devices == 1:
        return Words(
            "1 device has no convention that covers the installation on another party's support.",
            "1 équipement n'a pas de convention qui couvre la pose sur le support d'une autre partie.",
        )
    return Words(
        "{devices} devices have no convention that covers the installation on another party's support.",
        "{devices} équipements n'ont pas de convention qui couvre la pose sur le support d'une autre partie.",
    ).fill(devices=number_words(devices))


def _flows(facts: Facts) -> Words | None:
    parts = facts.parts("B6", "public")
    if parts is None:
        return None
    public, flows = parts
    if flows == 1:
        if public:
            return Words(
                "The only data flow in service is open to the public.",
                "L'unique flux de données en service est ouvert au public.",
            )
        return Words(
            "The only data flow in service is not open to the public.",
            "L'unique flux de données en service n'est pas ouvert au public.",
        )
    if not public:
        sentence = Words(
            "None of the {flows} data flows in service is open to the public.",
            "Aucun des {flows} flux de données en service n'est ouvert au public.",
        )
    elif public == flows == 2:
        sentence = Words(
            "Both data flows in service are open to the public.",
            "Les 2 flux de données en service sont tous ouverts au public.",
        )
    elif public == flows:
        sentence = Words(
            "All {flows} data flows in service are open to the public.",
            "Les {flows} flux de données en service sont tous ouverts au public.",
        )
    elif public == 1:
        sentence = Words(
            "1 of the {flows} data flows in service is open to the public.",
            "1 des {flows} flux de données en service est ouvert au public.",
        )
    else:
        sentence = Words(
            "{public} of the {flows} data flows in service are open to the public.",
            "{public} des {flows} flux de données en service sont ouverts au public.",
        )
    return sentence.fill(public=number_words(public), flows=number_words(flows))


def _installations(facts: Facts) -> Words | None:
    if facts.measure("B7", "installed") is None:
        return None
    installed = facts.amount("B7", "installed")
    if not installed:
        return Words("No device was installed in the period.", "Aucun équipement n'a été installé sur la période.")
    if installed == 1:
        return Words("1 device was installed in the period.", "1 équipement a été installé sur la période.")
    return Words(
        "{devices} devices were installed in the period.", "{devices} équipements ont été installés sur la période."
    ).fill(devices=number_words(installed))


_PRESSING: Sequence[tuple[str, Callable[[Facts], Words | None], Callable[[Facts], bool]]] = (
    ("B11", _without_convention, lambda facts: True),
    ("B10", _conventions, _ends_soon),
)
_OUTCOMES: Sequence[tuple[str, Callable[[Facts], Words | None]]] = (
    *(("B2", _hosting), ("B3", _communes), ("B12", _costs), ("B9", _availability), ("B8", _incidents)),
    *(("B14", _assessments), ("B10", _conventions), ("B7", _installations), ("B6", _flows)),
)
