"""The bilan as a value: every figure, where they come from, and what people concluded; and what opens the report: the
period, the outcomes, and the proposed decision with its evidence.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from typing import Any, Literal, TypeAlias, cast

from smartreg.core.progress import track
from smartreg.core.values import LANGUAGES, Json, Words
from smartreg.core.webpage import without_heading
from smartreg.domain.kinds import EQUIPMENT
from smartreg.reports.change import headline_changes, headline_of, previous
from smartreg.reports.figure import Figure, FigureTable, Label, Measure, Value
from smartreg.reports.material import Material, Period
from smartreg.reports.outcomes import Facts, StoryOutcome, outcomes_of, value_words
from smartreg.reports.wording import FIXED, count_noun, format_day, format_number, join_words, of_name, typeset
from smartreg.schema import COUNT
from smartreg.tables import View

Proposal: TypeAlias = Literal["scale", "adapt", "stop", "continue", "none"]
HEADINGS: Mapping[Proposal, Words] = {
    "scale": Words("Scale up", "Étendre"),
    "adapt": Words("Adapt", "Adapter"),
    "stop": Words("Stop", "Arrêter"),
    "continue": Words("Continue", "Poursuivre"),
    "none": Words("Not yet assessed", "Sans évaluation"),
}
_PROPOSALS: Mapping[str, Words] = {
    "scale": Words("scaling up", "étendre"),
    "adapt": Words("adapting", "adapter"),
    "stop": Words("stopping", "arrêter"),
    "continue": Words("continuing", "poursuivre"),
}
NOTHING_YET = Words(
    "Nothing is in place yet: the outcomes will appear here once devices are recorded.",
    "Rien n'est encore en place : les résultats figureront ici dès que des équipements seront inscrits.",
)
DEVICE, DEVICES = Words("device", "équipement"), Words("devices", "équipements")
WHOM = {"public": Words("the public", "au public"), "partners": Words("the partners", "aux partenaires")}
NO_EQUIPMENT = Words("no device in place yet", "pas encore d'équipement en place")
NO_DECISION = Words(
    "No use case has been assessed yet: the decision will be prepared here once the departments have assessed them.",
    "Aucun cas d'usage n'a encore été évalué : la décision sera préparée ici quand les services les auront évalués.",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is proposed for a use case, with its evidence; `summary`: the summary of its last assessment, as written."""

    use_case: Label
    proposal: Proposal
    evidence: tuple[StoryOutcome, ...]
    summary: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """What opens the report. `as_of`: the day of what the outcomes count; `left_out`: the records that no total counts,
    because they are not for the audience or cannot be read; `changes`: what changed in the headlines of the figures
    since an earlier period, by code; `proposed`: the decision in one sentence, None where no use case has been
    assessed."""

    period: Words
    as_of: Words
    outcomes: tuple[StoryOutcome, ...]
    proposed: Words | None
    decisions: tuple[Decision, ...]
    left_out: tuple[Words, ...] = ()
    changes: Mapping[str, Words] = field(default_factory=dict)

    def change_of(self, outcome: StoryOutcome) -> Words | None:
        """How the headline of the figure of an outcome changed, if that is known."""
        return self.changes.get(outcome.figure)


def story_of(figures: Sequence[Figure], period: Period) -> Story:
    """The outcomes and decisions that follow from the figures."""
    facts = Facts(figures)
    decisions = tuple(_decisions(facts))
    day = Words(f"As of {format_day(period.until, 'en')}:", f"Au {format_day(period.until, 'fr')} :")
    return Story(_period(period), typeset(day), outcomes_of(facts), _proposal(decisions), decisions)


def left_out(view: View, audience: str, unreadable: int) -> Iterator[Words]:
    """What the totals do not count, in sentences. `unreadable`: how many records cannot be read."""
    parts = [_part(view, name, number) for name, number in view.withheld.items()]
    if parts:
        (en, fr), whom = (join_words([one.in_(lang) for one in parts], lang) for lang in LANGUAGES), WHOM[audience]
        yield typeset(Words(
            f"Not for {whom.en}, and in no total of this edition: {en}.",
            f"Hors de cette édition et de ses totaux, car non destinés {whom.fr} : {fr}.",
        ))  # fmt: skip
    if unreadable:
        some = count_noun(
            unreadable, Words("record", "fiche est illisible"), Words("records", "fiches sont illisibles")
        )
        them = "it" if unreadable == 1 else "them"
        yield typeset(Words(f"{some.en} cannot be read: no total counts {them}.",
                            f"{some.fr} : aucun total n'en tient compte."))  # fmt: skip


def _part(view: View, kind: str, number: int) -> Words:
    """`21 of 71 devices`."""
    about, whole = view.schemas.kinds[kind], number + len(view.seen[kind])
    one, many = (DEVICE, DEVICES) if kind == EQUIPMENT else (_within(about.title), _within(about.plural))
    some = count_noun(number, one, many)
    return Words(
        f"{format_number(number, 0, 'en')} of {count_noun(whole, one, many).en}",
        f"{some.fr} sur {format_number(whole, 0, 'fr')}",
    )


def _within(title: Words) -> Words:
    """A title within a sentence: without its capital."""
    return Words(title.en[:1].lower() + title.en[1:], title.fr[:1].lower() + title.fr[1:])


def _period(period: Period) -> Words:
    start, until = period.start, period.until
    if start is None:
        return Words(
            f"From the beginning to {format_day(until, 'en')}", f"Depuis l'origine, jusqu'au {format_day(until, 'fr')}"
        )
    return Words(
        f"From {format_day(start, 'en')} to {format_day(until, 'en')}",
        f"Du {format_day(start, 'fr')} au {format_day(until, 'fr')}",
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
        on, rating = value_words("date", assessment["date"]), value_words("count", assessment["rating"])
        known = assessment["rating"] is not None
        yield StoryOutcome("B14", Words(
            f"assessed on {on.en}" + (f", rated {rating.en}{FIXED}out{FIXED}of{FIXED}5" if known else ""),
            f"évalué le {on.fr}" + (f", noté {rating.fr}{FIXED}sur{FIXED}5" if known else ""),
        ))  # fmt: skip
    yield StoryOutcome("B4", _place(case))
    for row in facts.rows("B4", "indicators"):
        if _code(row["use_case"]) == code and row["value"] is not None and row["target"] is not None:
            yield StoryOutcome("B4", typeset(_indicator(row)))
    for row in facts.rows("B12", "use_cases"):
        if _code(row["use_case"]) == code:
            cost = value_words("money", row["cost"])
            yield StoryOutcome("B12", typeset(Words(f"recorded costs: {cost.en}", f"coûts inscrits : {cost.fr}")))


def _place(case: Mapping[str, Value]) -> Words:
    """`133 devices in 18 communes`; without a commune where none is known."""
    if not case["equipment"]:
        return NO_EQUIPMENT
    devices = count_noun(_plain(case["equipment"]), Words("device", "équipement"), Words("devices", "équipements"))
    if not case["communes"]:
        return devices
    towns = count_noun(_plain(case["communes"]), Words("commune", "commune"), Words("communes", "communes"))
    return Words(f"{devices.en} in {towns.en}", f"{devices.fr} dans {towns.fr}")


def _indicator(row: Mapping[str, Value]) -> Words:
    """An indicator with its unit and day: `Water: 10,250 m³ on 30 June 2026 (12,000 at first, target 9,000)`."""
    name, unit, on = str(row["indicator"] or ""), row["unit"], row["measured_on"]
    value, target, base = (value_words("number", row[key]) for key in ("value", "target", "baseline"))
    after = Words("", "")
    if isinstance(unit, Label) and unit.code != COUNT:
        after = Words(f"{FIXED}{unit.words.en}", f"{FIXED}{unit.words.fr}")
    day = value_words("date", on)
    when = Words(f" on {day.en}", f" au {day.fr}") if on else Words("", "")
    first = row["baseline"] is not None
    start = Words(f"{base.en} at first, ", f"{base.fr} au départ, ") if first else Words("", "")
    return Words(
        f"{name}: {value.en}{after.en}{when.en} ({start.en}target {target.en})",
        f"{name} : {value.fr}{after.fr}{when.fr} ({start.fr}cible {target.fr})",
    )


def _proposal(decisions: Iterable[Decision]) -> Words | None:
    """The decision in one sentence: only what comes first names the use cases, the others count them."""
    counts = Counter[str](one.proposal for one in decisions)
    one, many = Words("use case", "cas d'usage"), Words("use cases", "cas d'usage")
    parts: list[Words] = []
    for name, verb in _PROPOSALS.items():
        if number := counts[name]:
            cases = Words(f"{number}", f"{number}") if parts else count_noun(number, one, many)
            infinitive = f"d'en {verb.fr}" if parts else of_name(verb.fr)
            parts.append(Words(f"{verb.en} {cases.en}", f"{infinitive} {cases.fr}"))
    if not parts:
        return None
    en, fr = (join_words([part.in_(lang) for part in parts], lang) for lang in LANGUAGES)
    return Words(f"The assessments propose {en}.", f"Les évaluations proposent {fr}.")


def _code(value: Value) -> str:
    return value.code if isinstance(value, Label) else ""


def _plain(value: Value) -> float:
    return float(value) if isinstance(value, (int, float)) else 0


PACKAGE = "smartreg.reports"
_FIGURE = re.compile(r"b[0-9]{2}_\w+")


@dataclass(frozen=True)
class Bilan:
    """`origin`: registry, commit, reference date, period, rules, audience, records left out; `conclusion`: a text in
    Markdown that people wrote; `earlier` computes the figures of the period that this one is compared with, for the
    formats that state changes."""

    origin: Mapping[str, Json]
    figures: tuple[Figure, ...]
    material: Material
    conclusion: str | None = None
    earlier: Callable[[], Sequence[Figure]] = tuple

    @cached_property
    def changes(self) -> Mapping[str, Words]:
        """What changed in the headline of each figure since the earlier period; nothing where the history of the
        registry begins after it, because then that is not known but only supposed."""
        period, known_from = self.material.period, self.material.known_from
        before = previous(period)
        if known_from is None or known_from > before.until:
            return {}
        return headline_changes(self.figures, self.earlier(), period, before)

    @cached_property
    def title(self) -> Words:
        """What the settings call the report, else the registry; else what it is."""
        own = self.material.config.report.title or self.material.config.name
        return Words(own, own) if own else TITLE

    @cached_property
    def written(self) -> str | None:
        """The conclusion as it stands below the heading of its section, which it does not repeat."""
        return None if self.conclusion is None else without_heading(self.conclusion, CONCLUSION).strip()

    @cached_property
    def story(self) -> Story:
        """The outcomes and decisions, in sentences, and what they do not count."""
        seen = self.material.view
        unreadable = int(cast(int, self.origin.get("left_out") or 0)) - sum(seen.withheld.values())
        missing = left_out(seen, self.material.audience, unreadable)
        story = story_of(self.figures, self.material.period)
        return replace(story, left_out=tuple(missing), changes=self.changes)

    def headline(self, code: str) -> Measure | None:
        """The measure that leads a figure."""
        return next(
            (one for figure in self.figures if figure.code == code for one in [headline_of(figure)] if one), None
        )

    def register(self, name: str) -> FigureTable | None:
        """A table that has a section of its own; None where its figure cannot be computed."""
        return next((table for one in self.figures for table in one.tables if is_register(one, table) == name), None)


TITLE = Words("Report", "Bilan")
CONCLUSION = Words("Conclusion", "Conclusion")
REGISTERS = {("B10", "conventions"): "conventions", ("B10", "parties"): "parties"}


def is_register(figure: Figure, table: FigureTable) -> str | None:
    """The section of its own that a table of a figure has, where people read the report; None: it stays there."""
    return REGISTERS.get((figure.code, table.name))


def figures(material: Material) -> Iterator[Figure]:
    """Every figure, in the order of their numbers, each with the day that it is as of."""
    modules = track(_modules(), "figures")
    return (_complete(module.figure(material), module.DEFINITION, material.as_of) for module in modules)


def _complete(figure: Figure, definition: Words, usual: date) -> Figure:
    """A figure with its definition, and the day that it is as of in its notes."""
    figure, on = replace(figure, definition=definition), figure.as_of or usual
    day = Words(f"As of {on}.", f"État au {on}.")
    return figure if figure.why_not else replace(figure, as_of=on, notes=(day, *figure.notes))


@cache
def _modules() -> tuple[Any, ...]:
    """The modules of this package that bear the number of a figure: each has `DEFINITION` and `figure(material)`."""
    names = sorted(found.name for found in pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__))
    return tuple(importlib.import_module(f"{PACKAGE}.{name}") for name in names if _FIGURE.fullmatch(name))
