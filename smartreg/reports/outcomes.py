"""What the figures come to: four to six outcomes in whole sentences.

Every number is taken from a figure; a sentence whose figure cannot be computed is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from smartreg.core.messages import Message, Text
from smartreg.reports.figure import Figure, FigureTable, Label, Measure, Value
from smartreg.reports.typography import typeset
from smartreg.reports.wording import decimals_of, number_words, quantity, value_words

MOST_OUTCOMES = 6
MONTH = 30  # days of history, and days in place: a share of fewer says nothing of availability
TERMS = Message(
    "A device is a sensor, meter, camera, display or network antenna. A support carries it: a street light, mast or "
    "building. A use case is what it serves, such as measuring noise. A convention is an agreement between the "
    "Métropole and a commune or another body."
)


@dataclass(frozen=True, slots=True)
class StoryOutcome:
    """A sentence, and the code of the figure that it is computed from (`B2`)."""

    figure: str
    sentence: Text


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

    def text(self, code: str, key: str) -> Text:
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


def _hosting(facts: Facts) -> Text | None:
    parts = facts.parts("B2", "on_others")
    if parts is None:
        return None
    hosted, devices = parts
    if devices == 1:
        if hosted:
            return Message("The only device on a support (street light, mast, building…) is on another party's.")
        return Message("The only device on a support (street light, mast, building…) is on its owner's.")
    if not hosted:
        sentence = Message(
            "Of the {devices} devices on supports (street lights, masts, buildings…), none is on another party's."
        )
    elif hosted == devices == 2:
        sentence = Message("Both devices on supports (street lights, masts, buildings…) are on another party's.")
    elif hosted == devices:
        sentence = Message(
            "All {devices} devices on supports (street lights, masts, buildings…) are on another party's."
        )
    elif hosted == 1:
        sentence = Message(
            "Of the {devices} devices on supports (street lights, masts, buildings…), 1 ({share}) is on another "
            "party's."
        )
    else:
        sentence = Message(
            "Of the {devices} devices on supports (street lights, masts, buildings…), {hosted} ({share}) are on "
            "another party's."
        )
    share = facts.text("B2", "on_others")
    return sentence.fill(devices=number_words(devices), hosted=number_words(hosted), share=share)


def _communes(facts: Facts) -> Text | None:
    equipped, under_convention = facts.parts("B3", "equipped"), facts.parts("B3", "under_convention")
    if equipped is None or under_convention is None:
        return None
    return Message(
        "{equipped}, and {under_convention}.",
        equipped=_equipped_communes(*equipped),
        under_convention=_communes_under_convention(under_convention[0]),
    )


def _equipped_communes(equipped: float, communes: float) -> Text:
    """A clause; the other one counts the conventions."""
    if not equipped and communes == 1:
        clause = Message("The only commune of the territory has no device")
    elif not equipped:
        clause = Message("None of the {communes} communes of the territory has a device")
    elif communes == 1:
        clause = Message("The only commune of the territory has devices")
    elif equipped == communes == 2:
        clause = Message("Both communes of the territory have devices")
    elif equipped == communes:
        clause = Message("All {communes} communes of the territory have devices")
    elif equipped == 1:
        clause = Message("1 of the {communes} communes of the territory has devices")
    else:
        clause = Message("{equipped} of the {communes} communes of the territory have devices")
    return clause.fill(equipped=number_words(equipped), communes=number_words(communes))


def _communes_under_convention(communes: float) -> Text:
    if not communes:
        return Message("none has a convention in force")
    if communes == 1:
        return Message("1 has a convention in force")
    return Message("{communes} have a convention in force", communes=number_words(communes))


def _costs(facts: Facts) -> Text | None:
    if facts.measure("B12", "total") is None:
        return None
    with_cost, devices = facts.parts("B12", "with_cost") or (0, 0)
    unknown = devices - with_cost
    if facts.measure("B12", "spent") is None:
        if not unknown:
            sentence = Message("The recorded costs of the devices come to {total} including tax.")
        elif unknown == 1:
            sentence = Message(
                "The recorded costs of the devices come to {total} including tax; 1 device has no recorded cost."
            )
        else:
            sentence = Message(
                "The recorded costs of the devices come to {total} including tax; {unknown} devices have no recorded "
                "cost."
            )
        return sentence.fill(total=facts.text("B12", "total"), unknown=number_words(unknown))
    if facts.amount("B12", "of_others"):
        if not unknown:
            sentence = Message(
                "The recorded costs of the devices come to {total} including tax; those that the holder of the budget "
                "bought come to {charged}, {spent} of {budget}."
            )
        elif unknown == 1:
            sentence = Message(
                "The recorded costs of the devices come to {total} including tax; those that the holder of the budget "
                "bought come to {charged}, {spent} of {budget}; 1 device has no recorded cost."
            )
        else:
            sentence = Message(
                "The recorded costs of the devices come to {total} including tax; those that the holder of the budget "
                "bought come to {charged}, {spent} of {budget}; {unknown} devices have no recorded cost."
            )
    elif not unknown:
        sentence = Message(
            "The recorded costs of the devices come to {total} including tax, {spent} of the budget of {budget}."
        )
    elif unknown == 1:
        sentence = Message(
            "The recorded costs of the devices come to {total} including tax, {spent} of the budget of {budget}; 1 "
            "device has no recorded cost."
        )
    else:
        sentence = Message(
            "The recorded costs of the devices come to {total} including tax, {spent} of the budget of {budget}; "
            "{unknown} devices have no recorded cost."
        )
    return sentence.fill(
        total=facts.text("B12", "total"),
        charged=facts.text("B12", "charged"),
        spent=facts.text("B12", "spent"),
        budget=facts.text("B12", "budget"),
        unknown=number_words(unknown),
    )


def _incidents(facts: Facts) -> Text | None:
    if facts.measure("B8", "incidents") is None or facts.measure("B8", "rate") is None:
        return None
    incidents, rate = facts.amount("B8", "incidents"), facts.text("B8", "rate")
    if not incidents:
        return Message("No incident (fault or vandalism) was reported in the period.")
    if facts.measure("B8", "repair_days") is None:
        if incidents == 1:
            sentence = Message(
                "1 incident (fault or vandalism) was reported in the period: {rate} a month per 100 devices in place."
            )
        else:
            sentence = Message(
                "{incidents} incidents (faults and vandalism) were reported in the period: {rate} a month per 100 "
                "devices in place."
            )
        return sentence.fill(incidents=number_words(incidents), rate=rate)
    days = facts.amount("B8", "repair_days")
    repair_time = quantity(days, decimals_of("days", (days,)), Message("day"), Message("days"))
    if incidents == 1:
        sentence = Message(
            "1 incident (fault or vandalism) was reported in the period: {rate} a month per 100 devices in place; a "
            "repair took {repair_time} on average."
        )
    else:
        sentence = Message(
            "{incidents} incidents (faults and vandalism) were reported in the period: {rate} a month per 100 "
            "devices in place; a repair took {repair_time} on average."
        )
    return sentence.fill(incidents=number_words(incidents), rate=rate, repair_time=repair_time)


def _availability(facts: Facts) -> Text | None:
    parts, observed = facts.parts("B9", "known"), facts.amount("B9", "observed")
    if parts is None or min(observed, parts[0]) < MONTH:
        return None
    known, days = parts
    return Message(
        "According to the registry, the devices were working on {active} of the days on which their state is known "
        "({known} of {days} days in place, over {observed} days of history).",
        active=facts.text("B9", "active"),
        known=number_words(known),
        days=number_words(days),
        observed=number_words(observed),
    )


def _assessments(facts: Facts) -> Text | None:
    if facts.measure("B14", "assessed") is None or facts.measure("B4", "use_cases") is None:
        return None
    assessed, cases = facts.amount("B14", "assessed"), facts.amount("B4", "use_cases")
    if not assessed:
        sentence = Message("None of the {cases} use cases has been assessed.")
        return sentence.fill(cases=number_words(cases))
    if facts.measure("B14", "rating") is None:
        if cases == 1:
            sentence = Message("The only use case has been assessed.")
        elif assessed == cases == 2:
            sentence = Message("Both use cases have been assessed.")
        elif assessed == cases:
            sentence = Message("All {cases} use cases have been assessed.")
        elif assessed == 1:
            sentence = Message("1 of the {cases} use cases has been assessed.")
        else:
            sentence = Message("{assessed} of the {cases} use cases have been assessed.")
        return sentence.fill(assessed=number_words(assessed), cases=number_words(cases))
    if cases == 1:
        sentence = Message("The only use case has been assessed and rated {rating} out of 5.")
    elif assessed == cases == 2:
        sentence = Message("Both use cases have been assessed and rated {rating} out of 5 on average.")
    elif assessed == cases:
        sentence = Message("All {cases} use cases have been assessed and rated {rating} out of 5 on average.")
    elif assessed == 1:
        sentence = Message("1 of the {cases} use cases has been assessed and rated {rating} out of 5.")
    else:
        sentence = Message(
            "{assessed} of the {cases} use cases have been assessed and rated {rating} out of 5 on average."
        )
    return sentence.fill(assessed=number_words(assessed), cases=number_words(cases), rating=facts.text("B14", "rating"))


def _conventions(facts: Facts) -> Text | None:
    if facts.measure("B10", "in_force") is None:
        return None
    in_force, ending = facts.amount("B10", "in_force"), facts.amount("B10", "ending_180")
    if not in_force:
        return Message("No convention is in force.")
    if in_force == 1:
        if ending:
            return Message("1 convention is in force; 1 ends within 180 days.")
        return Message("1 convention is in force; none ends within 180 days.")
    if not ending:
        sentence = Message("{in_force} conventions are in force; none ends within 180 days.")
    elif ending == 1:
        sentence = Message("{in_force} conventions are in force; 1 ends within 180 days.")
    else:
        sentence = Message("{in_force} conventions are in force; {ending} end within 180 days.")
    return sentence.fill(in_force=number_words(in_force), ending=number_words(ending))


def _ends_soon(facts: Facts) -> bool:
    """Whether a convention ends soon, or none is in force."""
    in_force = facts.measure("B10", "in_force")
    return in_force is not None and (not in_force.value or facts.amount("B10", "ending_180") > 0)


def _without_title(facts: Facts) -> Text | None:
    """Whether conventions cover the devices on the supports of others, by the definition of `coverage`."""
    if facts.measure("B11", "hosted") is None:
        return None
    hosted, without = facts.amount("B11", "hosted"), facts.amount("B11", "without_convention")
    if not hosted:
        return None
    if hosted == 1:
        if without:
            return Message("No convention in force covers the only device on another party's support.")
        return Message("A convention in force covers the only device on another party's support.")
    if not without and facts.amount("B11", "cover_unknown"):
        return None  # not all of them is known
    if not without and hosted == 2:
        sentence = Message("Conventions in force cover both devices on another party's support.")
    elif not without:
        sentence = Message("Conventions in force cover all {hosted} devices on another party's support.")
    elif without == hosted == 2:
        sentence = Message("No convention in force covers either of the 2 devices on another party's support.")
    elif without == hosted:
        sentence = Message("No convention in force covers any of the {hosted} devices on another party's support.")
    elif without == 1:
        sentence = Message("No convention in force covers 1 of the {hosted} devices on another party's support.")
    else:
        sentence = Message(
            "No convention in force covers {without} of the {hosted} devices on another party's support."
        )
    return sentence.fill(hosted=number_words(hosted), without=number_words(without))


def _cover_unknown(facts: Facts) -> Text | None:
    unknown = facts.amount("B11", "cover_unknown")
    if not unknown:
        return None
    if unknown == 1:
        return Message("Whether a convention covers 1 device or flow is unknown: the one that it names cannot be read.")
    return Message(
        "Whether a convention covers {unknown} devices and flows is unknown: those that they name cannot be read.",
        unknown=number_words(unknown),
    )


def _connected_without(facts: Facts) -> Text | None:
    devices = facts.amount("B11", "networks_without_convention")
    if not devices:
        return None
    if devices == 1:
        return Message("No convention in force covers 1 device on another party's network.")
    sentence = Message("No convention in force covers {devices} devices on another party's network.")
    return sentence.fill(devices=number_words(devices))


def _flows_without(facts: Facts) -> Text | None:
    flows = facts.amount("B11", "flows_without_convention")
    if not flows:
        return None
    if flows == 1:
        return Message("No convention in force covers 1 data flow between parties.")
    return Message("No convention in force covers {flows} data flows between parties.", flows=number_words(flows))


def _flows(facts: Facts) -> Text | None:
    parts = facts.parts("B6", "public")
    if parts is None:
        return None
    public, flows = parts
    if flows == 1:
        if public:
            return Message("The only data flow in service is open to the public.")
        return Message("The only data flow in service is not open to the public.")
    if not public:
        sentence = Message("None of the {flows} data flows in service is open to the public.")
    elif public == flows == 2:
        sentence = Message("Both data flows in service are open to the public.")
    elif public == flows:
        sentence = Message("All {flows} data flows in service are open to the public.")
    elif public == 1:
        sentence = Message("1 of the {flows} data flows in service is open to the public.")
    else:
        sentence = Message("{public} of the {flows} data flows in service are open to the public.")
    return sentence.fill(public=number_words(public), flows=number_words(flows))


def _installations(facts: Facts) -> Text | None:
    if facts.measure("B7", "installed") is None:
        return None
    installed = facts.amount("B7", "installed")
    if not installed:
        return Message("No device was installed in the period.")
    if installed == 1:
        return Message("1 device was installed in the period.")
    return Message("{devices} devices were installed in the period.", devices=number_words(installed))


_PRESSING: Sequence[tuple[str, Callable[[Facts], Text | None], Callable[[Facts], bool]]] = (
    ("B11", _without_title, lambda facts: True),
    ("B11", _cover_unknown, lambda facts: True),
    ("B11", _connected_without, lambda facts: True),
    ("B11", _flows_without, lambda facts: True),
    ("B10", _conventions, _ends_soon),
)
_OUTCOMES: Sequence[tuple[str, Callable[[Facts], Text | None]]] = (
    *(("B2", _hosting), ("B3", _communes), ("B12", _costs), ("B9", _availability), ("B8", _incidents)),
    *(("B14", _assessments), ("B10", _conventions), ("B7", _installations), ("B6", _flows)),
)
