"""What the figures come to, in whole sentences: four to six outcomes, and the proposed decision.

Every number is taken from a figure; a sentence whose figure cannot be computed is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from smartreg.core.values import LANGUAGES, Language, Words
from smartreg.reports.figure import Figure, FigureTable, Kind, Label, Measure, Value
from smartreg.reports.material import Period
from smartreg.reports.wording import count_noun, format_day, format_number, format_value, join_words, typeset

Proposal: TypeAlias = Literal["scale", "adapt", "stop", "continue", "none"]
MOST_OUTCOMES = 6
MONTH = 30  # days in place: the share of fewer says nothing of availability
HEADINGS: Mapping[Proposal, Words] = {
    "scale": Words("Scale up", "Étendre"),
    "adapt": Words("Adapt", "Adapter"),
    "stop": Words("Stop", "Arrêter"),
    "continue": Words("Continue", "Poursuivre"),
    "none": Words("Not yet assessed", "Sans évaluation"),
}
_PROPOSALS: Mapping[str, Callable[[Words], Words]] = {
    "scale": lambda cases: Words(f"scaling up {cases.en}", f"d'étendre {cases.fr}"),
    "adapt": lambda cases: Words(f"adapting {cases.en}", f"d'adapter {cases.fr}"),
    "stop": lambda cases: Words(f"stopping {cases.en}", f"d'arrêter {cases.fr}"),
    "continue": lambda cases: Words(f"continuing {cases.en}", f"de poursuivre {cases.fr}"),
}
NOTHING_YET = Words(
    "Nothing is in place yet: the outcomes will stand here once equipment is recorded.",
    "Rien n'est encore en place : les résultats figureront ici dès que des équipements seront inscrits.",
)
NO_EQUIPMENT = Words("no equipment in place yet", "pas encore d'équipement en place")
NO_DECISION = Words(
    "No use case has been assessed yet: the decision will be prepared here once the departments have assessed them.",
    "Aucun cas d'usage n'a encore été évalué : la décision sera préparée ici quand les services les auront évalués.",
)


@dataclass(frozen=True, slots=True)
class StoryOutcome:
    """A sentence, and the code of the figure that it is computed from (`B2`)."""

    figure: str
    sentence: Words


@dataclass(frozen=True, slots=True)
class Decision:
    """What is proposed for a use case, with its evidence; `summary`: the summary of its last assessment, as written."""

    use_case: Label
    proposal: Proposal
    evidence: tuple[StoryOutcome, ...]
    summary: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """What opens the report. `proposed`: the decision in one sentence, None where no use case has been assessed."""

    period: Words
    outcomes: tuple[StoryOutcome, ...]
    proposed: Words | None
    decisions: tuple[Decision, ...]


def story_of(figures: Sequence[Figure], period: Period) -> Story:
    """The outcomes and decisions that follow from the figures."""
    facts = Facts(figures)
    found = [StoryOutcome(code, typeset(words)) for code, tell in _OUTCOMES if (words := tell(facts))]
    decisions = tuple(_decisions(facts))
    return Story(_period(period), tuple(found[:MOST_OUTCOMES]), _proposal(decisions), decisions)


class Facts:
    """Measures and rows of the figures, by code and key."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._measures = {(one.code, measure.key): measure for one in figures for measure in one.measures}
        self._tables = {(one.code, table.name): table for one in figures for table in one.tables}

    def measure(self, code: str, key: str) -> Measure | None:
        """A measure that has a value."""
        found = self._measures.get((code, key))
        return found if found is not None and found.value is not None else None

    def amount(self, code: str, key: str) -> float:
        """The number of a measure; 0 where it has none."""
        found = self.measure(code, key)
        return float(found.value) if found and not isinstance(found.value, (str, Label)) else 0  # type: ignore[arg-type]

    def text(self, code: str, key: str) -> Words:
        """The value of a measure, in words."""
        found = self._measures[code, key]
        return _both(found.kind, found.value)

    def rows(self, code: str, name: str) -> Sequence[Mapping[str, Value]]:
        """The rows of a table by the keys of its columns; none where there is no such table."""
        table: FigureTable | None = self._tables.get((code, name))
        if table is None:
            return ()
        return [dict(zip((column.key for column in table.columns), row, strict=True)) for row in table.rows]


def _both(kind: Kind, value: Value) -> Words:
    en, fr = (format_value(kind, value, lang) for lang in LANGUAGES)
    return Words(en, fr)


def _number(value: float, lang: Language) -> str:
    return format_number(value, 0, lang)


def _period(period: Period) -> Words:
    start, until = period.start, period.until
    if start is None:
        return Words(f"Until {format_day(until, 'en')}", f"Jusqu'au {format_day(until, 'fr')}")
    return Words(
        f"From {format_day(start, 'en')} to {format_day(until, 'en')}",
        f"Du {format_day(start, 'fr')} au {format_day(until, 'fr')}",
    )


def _part_of(part: float, whole: float, noun: Words) -> Words:
    """`3 of the 4 devices`; `none of the 4 devices`; `all 4 devices`, in French `les 4 équipements`."""
    if part == whole > 1:
        every = "Both" if whole == 2 else f"All {_number(whole, 'en')}"
        return Words(f"{every} {noun.en}", f"Les {_number(whole, 'fr')} {noun.fr}")
    en, fr = (
        f"{_number(part, lang)}" if part else none for lang, none in zip(LANGUAGES, ("None", "Aucun"), strict=True)
    )
    return Words(f"{en} of the {_number(whole, 'en')} {noun.en}", f"{fr} des {_number(whole, 'fr')} {noun.fr}")


def _hosting(facts: Facts) -> Words | None:
    found = facts.measure("B2", "on_others")
    if found is None or found.parts is None:
        return None
    part, whole = found.parts
    who, share = _part_of(part, whole, Words("devices in place", "équipements en place")), facts.text("B2", "on_others")
    verb = "sont hébergés" if part > 1 else "est hébergé" if part else "n'est hébergé"
    if part == whole > 1:
        return Words(f"{who.en} are hosted by a party other than their owner.",
                     f"{who.fr} sont tous hébergés par une autre partie que leur propriétaire.")  # fmt: skip
    if not part:
        return Words(f"{who.en} is hosted by a party other than its owner.",
                     f"{who.fr} {verb} par une autre partie que son propriétaire.")  # fmt: skip
    return Words(
        f"{who.en} ({share.en}) {'are' if part > 1 else 'is'} hosted by a party other than "
        f"{'their' if part > 1 else 'its'} owner.",
        f"{who.fr} ({share.fr}) {verb} par une autre partie que {'leur' if part > 1 else 'son'} propriétaire.",
    )


def _communes(facts: Facts) -> Words | None:
    found, bound = facts.measure("B3", "equipped"), facts.measure("B3", "under_convention")
    if found is None or bound is None or found.parts is None or bound.parts is None:
        return None
    (part, whole), signed = found.parts, bound.parts[0]
    en, fr = (_number(part, lang) for lang in LANGUAGES)
    return Words(
        f"{en} of the {_number(whole, 'en')} communes of the territory {'has' if part == 1 else 'have'} equipment, "
        f"{_number(signed, 'en')} {'is' if signed == 1 else 'are'} under convention.",
        f"{fr} des {_number(whole, 'fr')} communes du territoire {'sont équipées' if part > 1 else 'est équipée'}, "
        f"{_number(signed, 'fr')} {'sont' if signed > 1 else 'est'} sous convention.",
    )


def _costs(facts: Facts) -> Words | None:
    if facts.measure("B12", "total") is None:
        return None
    total = facts.text("B12", "total")
    if facts.measure("B12", "spent") is None:
        return Words(f"The recorded costs of the equipment come to {total.en}.",
                     f"Les coûts inscrits des équipements s'élèvent à {total.fr}.")  # fmt: skip
    spent, budget = facts.text("B12", "spent"), facts.text("B12", "budget")
    return Words(
        f"The recorded costs of the equipment come to {total.en}, {spent.en} of the budget of {budget.en}.",
        f"Les coûts inscrits des équipements s'élèvent à {total.fr}, soit {spent.fr} du budget de {budget.fr}.",
    )


def _incidents(facts: Facts) -> Words | None:
    if facts.measure("B8", "incidents") is None or facts.measure("B8", "rate") is None:
        return None
    number, rate = facts.amount("B8", "incidents"), facts.text("B8", "rate")
    what = count_noun(number, Words("incident was", "incident a été"), Words("incidents were", "incidents ont été"))
    known = facts.measure("B8", "repair_days") is not None
    days = facts.text("B8", "repair_days") if known else Words("", "")
    end = Words(f"; a repair takes {days.en} days on average", f" ; une réparation prend {days.fr} jours en moyenne")
    end = end if known else Words("", "")
    agreement = "noté" if number < 2 else "notés"
    return Words(
        f"{what.en} noted (faults and vandalism), {rate.en} for 100 devices in a month{end.en}.",
        f"{what.fr} {agreement} (pannes et vandalisme), soit {rate.fr} pour 100 équipements en un mois{end.fr}.",
    )


def _availability(facts: Facts) -> Words | None:
    found = facts.measure("B9", "active")
    if found is None or found.parts is None or found.parts[1] < MONTH:
        return None
    share = facts.text("B9", "active")
    return Words(
        f"The equipment was working on {share.en} of the days that it was in place.",
        f"Les équipements ont été en service {share.fr} des jours où ils étaient en place.",
    )


def _assessments(facts: Facts) -> Words | None:
    if facts.measure("B14", "assessed") is None or facts.measure("B4", "use_cases") is None:
        return None
    number, whole = facts.amount("B14", "assessed"), facts.amount("B4", "use_cases")
    known = facts.measure("B14", "rating") is not None
    rating = facts.text("B14", "rating") if known else Words("", "")
    end = Words(f", with a mean rating of {rating.en} out of 5", f", avec une note moyenne de {rating.fr} sur 5")
    end = end if known else Words("", "")
    who = _part_of(number, whole, Words("use cases", "cas d'usage"))
    every = "tous " if number == whole else ""
    verb = f"ont {every}été évalués" if number > 1 else "a été évalué" if number else "n'a été évalué"
    return Words(f"{who.en} {'have' if number > 1 else 'has'} been assessed{end.en}.", f"{who.fr} {verb}{end.fr}.")


def _conventions(facts: Facts) -> Words | None:
    if facts.measure("B10", "in_force") is None:
        return None
    number, ending = facts.amount("B10", "in_force"), facts.amount("B10", "ending_180")
    what = count_noun(number, Words("convention is", "convention est"), Words("conventions are", "conventions sont"))
    end = count_noun(ending, Words("ends", "arrive à terme"), Words("end", "arrivent à terme"))
    end = end if ending else Words("none ends", "aucune n'arrive à terme")
    return Words(
        f"{what.en} in force; {end.en} within 180 days.", f"{what.fr} en vigueur ; {end.fr} dans les 180 jours."
    )


def _flows(facts: Facts) -> Words | None:
    found = facts.measure("B6", "public")
    if found is None or found.parts is None:
        return None
    part, whole = found.parts
    who = _part_of(part, whole, Words("data flows in service", "flux de données en service"))
    every = "tous " if part == whole else ""
    verb = f"sont {every}ouverts" if part > 1 else "est ouvert" if part else "n'est ouvert"
    return Words(f"{who.en} {'are' if part > 1 else 'is'} open to the public.", f"{who.fr} {verb} au public.")


def _installations(facts: Facts) -> Words | None:
    if facts.measure("B7", "installed") is None:
        return None
    one, many = Words("device was", "équipement a été installé"), Words("devices were", "équipements ont été installés")
    what = count_noun(facts.amount("B7", "installed"), one, many)
    return Words(f"{what.en} installed in the period.", f"{what.fr} sur la période.")


_OUTCOMES: Sequence[tuple[str, Callable[[Facts], Words | None]]] = (
    *(("B2", _hosting), ("B3", _communes), ("B12", _costs), ("B9", _availability), ("B8", _incidents)),
    *(("B14", _assessments), ("B10", _conventions), ("B7", _installations), ("B6", _flows)),
)


def _decisions(facts: Facts) -> Iterable[Decision]:
    """One for each use case: those to scale up first, those with the most equipment first."""
    last: dict[str, Mapping[str, Value]] = {}
    for row in facts.rows("B14", "assessments"):
        last.setdefault(_code(row["use_case"]), row)
    cases = sorted(facts.rows("B4", "use_cases"), key=lambda row: -_plain(row["equipment"]))
    for proposal in HEADINGS:
        for row in cases:
            label, assessment = row["use_case"], last.get(_code(row["use_case"]))
            recommended = _code(assessment["recommendation"]) if assessment else "none"
            if isinstance(label, Label) and proposal == (recommended if recommended in HEADINGS else "none"):
                summary = assessment["summary"] if assessment else None
                evidence = tuple(_evidence(facts, row, assessment))
                yield Decision(label, proposal, evidence, summary if isinstance(summary, str) else None)


def _evidence(
    facts: Facts, case: Mapping[str, Value], assessment: Mapping[str, Value] | None
) -> Iterable[StoryOutcome]:
    """What an assessment, the equipment, the indicators and the costs say of a use case."""
    code = _code(case["use_case"])
    if assessment is not None:
        on, rating = _both("date", assessment["date"]), _both("count", assessment["rating"])
        known = assessment["rating"] is not None
        yield StoryOutcome("B14", Words(
            f"assessed on {on.en}" + (f", rated {rating.en}/5" if known else ""),
            f"évalué le {on.fr}" + (f", note {rating.fr}/5" if known else ""),
        ))  # fmt: skip
    devices = count_noun(_plain(case["equipment"]), Words("device", "équipement"), Words("devices", "équipements"))
    towns = count_noun(_plain(case["communes"]), Words("commune", "commune"), Words("communes", "communes"))
    place = Words(f"{devices.en} in {towns.en}", f"{devices.fr} dans {towns.fr}")
    yield StoryOutcome("B4", place if case["equipment"] else NO_EQUIPMENT)
    for row in facts.rows("B4", "indicators"):
        if _code(row["use_case"]) == code and row["value"] is not None and row["target"] is not None:
            name, value, target = (
                str(row["indicator"] or ""),
                _both("number", row["value"]),
                _both("number", row["target"]),
            )
            yield StoryOutcome("B4", typeset(Words(f"{name}: {value.en} (target {target.en})",
                                              f"{name} : {value.fr} (cible {target.fr})")))  # fmt: skip
    for row in facts.rows("B12", "use_cases"):
        if _code(row["use_case"]) == code:
            cost = _both("money", row["cost"])
            yield StoryOutcome("B12", Words(f"recorded costs {cost.en}", f"coûts inscrits {cost.fr}"))


def _proposal(decisions: Iterable[Decision]) -> Words | None:
    counts = Counter[str](one.proposal for one in decisions)
    one, many = Words("use case", "cas d'usage"), Words("use cases", "cas d'usage")
    parts: list[Words] = []
    for name, tell in _PROPOSALS.items():
        if number := counts[name]:
            parts.append(tell(Words(f"{number}", f"{number}") if parts else count_noun(number, one, many)))
    if not parts:
        return None
    en, fr = (join_words([part.in_(lang) for part in parts], lang) for lang in LANGUAGES)
    return Words(f"The assessments propose {en}.", f"Les évaluations proposent {fr}.")


def _code(value: Value) -> str:
    return value.code if isinstance(value, Label) else ""


def _plain(value: Value) -> float:
    return float(value) if isinstance(value, (int, float)) else 0
