"""What opens the report: period, outcomes, what they do not count, and the proposed decision with its evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from smartreg.core.messages import Message, Text
from smartreg.domain.kinds import EQUIPMENT
from smartreg.reports.figure import Figure, Label, Value, amount_of
from smartreg.reports.material import Material, Period
from smartreg.reports.outcomes import Facts, StoryOutcome, outcomes_of
from smartreg.reports.typography import in_each, joined, typeset
from smartreg.reports.wording import day_words, number_words, value_words
from smartreg.schema import COUNT
from smartreg.tables import View

Proposal: TypeAlias = Literal["scale", "adapt", "stop", "continue", "none"]
HEADINGS: Mapping[Proposal, Text] = {
    "scale": Message("Scale up"),
    "adapt": Message("Adapt"),
    "stop": Message("Stop"),
    "continue": Message("Continue"),
    "none": Message("Not yet assessed"),
}
# What the assessments propose: for one use case, for several, and where use cases have been named before.
_PROPOSALS: Mapping[str, tuple[Message, Message, Message]] = {
    "scale": (
        Message("scaling up 1 use case"),
        Message("scaling up {number} use cases"),
        Message("scaling up {number}"),
    ),
    "adapt": (
        Message("adapting 1 use case"),
        Message("adapting {number} use cases"),
        Message("adapting {number}"),
    ),
    "stop": (
        Message("stopping 1 use case"),
        Message("stopping {number} use cases"),
        Message("stopping {number}"),
    ),
    "continue": (
        Message("continuing 1 use case"),
        Message("continuing {number} use cases"),
        Message("continuing {number}"),
    ),
}
NOTHING_YET = Message("Nothing is in place yet: the outcomes will appear here once devices are recorded.")
NO_DECISION = Message(
    "No use case has been assessed yet: the decision will be prepared here once the departments have assessed them."
)
_WITHHELD: Mapping[str, Message] = {
    "public": Message("Not for the public, and in no total of this edition: {records}."),
    "partners": Message("Not for the partners, and in no total of this edition: {records}."),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is proposed for a use case, with its evidence; `summary`: the summary of its last assessment, as written."""

    use_case: Label
    proposal: Proposal
    evidence: tuple[StoryOutcome, ...]
    summary: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """What opens the report. `as_of`: the day of what the outcomes count; `left_out`: the examples that totals count,
    and the records that none does, because they are not for the audience or cannot be read; `changes`: what changed in
    the headlines of the figures since an earlier period, by code; `proposed`: the decision in one sentence, None where
    no use case has been assessed."""

    period: Text
    as_of: Text
    outcomes: tuple[StoryOutcome, ...]
    proposed: Text | None
    decisions: tuple[Decision, ...]
    left_out: tuple[Text, ...] = ()
    changes: Mapping[str, Text] = field(default_factory=dict)

    def change_of(self, outcome: StoryOutcome) -> Text | None:
        """How the headline of the figure of an outcome changed, if that is known; said once for each figure."""
        first = next((each for each in self.outcomes if each.figure == outcome.figure), None)
        return self.changes.get(outcome.figure) if outcome == first else None


def story_of(figures: Sequence[Figure], period: Period) -> Story:
    """The outcomes and decisions that follow from the figures."""
    facts = Facts(figures)
    decisions = tuple(_decisions(facts))
    as_of = typeset(Message("As of {day}:", day=day_words(period.until)))
    return Story(_period(period), as_of, outcomes_of(facts), _proposal(decisions), decisions)


def left_out(view: View, audience: str, unreadable: int) -> Iterator[Text]:
    """What the totals do not count, in sentences. `unreadable`: how many records cannot be read."""
    withheld = [_withheld(view, kind, number) for kind, number in view.withheld.items()]
    if withheld:
        yield typeset(_WITHHELD[audience].fill(records=joined(withheld)))
    if unreadable == 1:
        yield typeset(Message("1 record cannot be read: no total counts it."))
    elif unreadable:
        yield typeset(
            Message("{number} records cannot be read: no total counts them.", number=number_words(unreadable))
        )


def _withheld(view: View, kind: str, number: int) -> Text:
    return _part(view, kind, number, number + len(view.seen[kind]))


def examples_note(material: Material) -> Text | None:
    """That the figures count records which are examples; None where the settings name none, or none is there."""
    beginnings, view = material.config.report.examples, material.view
    if not beginnings:
        return None
    counts = {
        kind: sum(record.rid.id.startswith(beginnings) for record in material.of(kind)) for kind in view.schemas.kinds
    }
    examples = [_part(view, kind, number, len(material.of(kind))) for kind, number in counts.items() if number]
    if not examples:
        return None
    return typeset(Message("Examples, which are nothing real, are counted here: {records}.", records=joined(examples)))


def _part(view: View, kind: str, number: int, whole: int) -> Text:
    """`21 of 71 devices`."""
    schema = view.schemas.kinds[kind]
    if kind == EQUIPMENT:
        singular: Text = Message("device")
        plural: Text = Message("devices")
    else:
        singular, plural = in_each(_within, schema.title), in_each(_within, schema.plural)
    if whole == 1:
        part = Message("1 of 1 {singular}")
    elif number == 1:
        part = Message("1 of {whole} {plural}")
    else:
        part = Message("{number} of {whole} {plural}")
    return part.fill(number=number_words(number), whole=number_words(whole), singular=singular, plural=plural)


def _within(title: str) -> str:
    """A title within a sentence: without its capital."""
    return title[:1].lower() + title[1:]


def _period(period: Period) -> Text:
    until = day_words(period.until)
    if period.start is None:
        return Message("From the beginning to {until}", until=until)
    return Message("From {start} to {until}", start=day_words(period.start), until=until)


def _decisions(facts: Facts) -> Iterable[Decision]:
    """One for each use case: those to scale up first, those with the most equipment first."""
    last: dict[str, Mapping[str, Value]] = {}
    for row in facts.rows("B14", "assessments"):
        last.setdefault(_code(row["use_case"]), row)
    cases = sorted(facts.rows("B4", "use_cases"), key=lambda row: -amount_of(row["equipment"]))
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
        if assessment["rating"] is None:
            assessed = Message("assessed on {day}")
        else:
            assessed = Message("assessed on {day}, rated {rating}\u00a0out\u00a0of\u00a05")
        day, rating = value_words("date", assessment["date"]), value_words("count", assessment["rating"])
        yield StoryOutcome("B14", assessed.fill(day=day, rating=rating))
    yield StoryOutcome("B4", _place(int(amount_of(case["equipment"])), int(amount_of(case["communes"]))))
    for row in facts.rows("B4", "indicators"):
        if _code(row["use_case"]) == code and row["value"] is not None and row["target"] is not None:
            yield StoryOutcome("B4", typeset(_indicator(row)))
    for row in facts.rows("B12", "use_cases"):
        if _code(row["use_case"]) == code:
            costs = Message("recorded costs: {costs}")
            yield StoryOutcome("B12", typeset(costs.fill(costs=value_words("money", row["cost"]))))


def _place(devices: int, communes: int) -> Text:
    """`133 devices in 18 communes`; without a commune where none is known."""
    if devices == 0:
        return Message("no device in place yet")
    if communes == 0 and devices == 1:
        place = Message("1 device")
    elif communes == 0:
        place = Message("{devices} devices")
    elif communes == 1 and devices == 1:
        place = Message("1 device in 1 commune")
    elif communes == 1:
        place = Message("{devices} devices in 1 commune")
    elif devices == 1:
        place = Message("1 device in {communes} communes")
    else:
        place = Message("{devices} devices in {communes} communes")
    return place.fill(devices=number_words(devices), communes=number_words(communes))


def _indicator(row: Mapping[str, Value]) -> Text:
    """An indicator with its unit and day: `Water: 10,250 m³ on 30 June 2026 (12,000 at first, target 9,000)`."""
    unit, measured, started = row["unit"], row["measured_on"] is not None, row["baseline"] is not None
    if measured and started:
        indicator = Message("{name}: {value} on {day} ({baseline} at first, target {target})")
    elif measured:
        indicator = Message("{name}: {value} on {day} (target {target})")
    elif started:
        indicator = Message("{name}: {value} ({baseline} at first, target {target})")
    else:
        indicator = Message("{name}: {value} (target {target})")
    value, target, baseline = (value_words("number", row[key]) for key in ("value", "target", "baseline"))
    if isinstance(unit, Label) and unit.code != COUNT:
        value = Message("{value}\u00a0{unit}", value=value, unit=unit.words)
    day = value_words("date", row["measured_on"])
    return indicator.fill(name=row["indicator"] or "", value=value, target=target, baseline=baseline, day=day)


def _proposal(decisions: Iterable[Decision]) -> Text | None:
    """The decision in one sentence: only what comes first names the use cases, the others count them."""
    counts = Counter[str](decision.proposal for decision in decisions)
    proposals: list[Text] = []
    for name, (one, many, further) in _PROPOSALS.items():
        if number := counts[name]:
            proposal = further if proposals else one if number == 1 else many
            proposals.append(proposal.fill(number=number_words(number)))
    if not proposals:
        return None
    return Message("The assessments propose {proposals}.", proposals=joined(proposals))


def _code(value: Value) -> str:
    return value.code if isinstance(value, Label) else ""
