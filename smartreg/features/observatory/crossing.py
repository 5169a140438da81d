"""Findings across registries (OBS951 to OBS956): what no registry can see alone, because it is about records of several
of them. Each `findings/<CODE>.sql` finds the records; here they become pairs, which `decisions.yaml` may decide.

A device that is retired in one registry and in use in another changed hands, and is no duplicate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from smartreg.core.findings import Grading, Severity
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import fold
from smartreg.core.values import Json
from smartreg.domain.kinds import EQUIPMENT, PARTY
from smartreg.features.observatory.confined import text as literal
from smartreg.features.observatory.decisions import ONE, Decision
from smartreg.features.observatory.standing import Standing
from smartreg.schema import ABROAD

REFUSED, DANGLING, DEVICE, CODE, NAMES, NUMBERLESS = (f"OBS95{number}" for number in range(1, 7))
MAP: Final = "map"
MOST_FOUND: Final = 10_000
"""The rows that the statements in `findings/` give at most."""
_VIEWS: Final = {
    "equipment": "equipment",
    "support": "supports",
    "network": "networks",
    "party": "parties",
    "flow": "flows",
    "convention": "conventions",
}


class Subject(NamedTuple):
    """A record that a finding is about; without kind and id, the source itself."""

    source: Standing
    kind: str = ""
    id: str = ""

    def __str__(self) -> str:
        """As decisions name it: `equipment/amp:noise-1`."""
        return f"{self.kind}/{self.source.alias}{ABROAD}{self.id}" if self.kind else self.source.alias

    @property
    def words(self) -> Text:
        """As people read it, with its source and the release that shows it."""
        source = self.source
        return Message("{record} ({name}, release {serial})", record=self, name=source.name, serial=source.shown)


@dataclass(frozen=True)
class CrossFinding:
    """A finding across registries: its code and severity, what is wrong, and the records that it is about."""

    code: str
    severity: Severity
    message: Text
    subjects: tuple[Subject, ...]


class Transfer(NamedTuple):
    """A device that one registry retired, and that another has now."""

    before: Subject
    after: Subject


class Ruling(NamedTuple):
    """A decision, and those of its records that no source publishes any more."""

    decision: Decision
    gone: tuple[str, ...]


@dataclass(frozen=True)
class Crossing:
    """What was found: the findings that are open, devices that changed hands, decisions. `devices`: the number of
    devices in use if each open duplicate is one device, and if it is two."""

    findings: tuple[CrossFinding, ...]
    transfers: tuple[Transfer, ...]
    rulings: tuple[Ruling, ...]
    devices: tuple[int, int]


Rows: TypeAlias = Sequence[Sequence[Json]]


def questions(decisions: Iterable[Decision]) -> dict[str, str]:
    """The statements whose answers `find_crossing` needs, by name, and that of the map."""
    folder = Path(__file__).parent / "findings"
    names = (DANGLING, DEVICE, CODE, NAMES, NUMBERLESS, MAP)
    statements = {name: (folder / f"{name}.sql").read_text("utf-8") for name in names}
    count = "SELECT count(*) FROM equipment WHERE NOT retired"
    return {**statements, "in use": count, "decided": _select_decided(decisions)}


def _select_decided(decisions: Iterable[Decision]) -> str:
    """The records of the decisions that sources publish: kind, registry, id, and whether it is a retired device."""
    parts = ["SELECT '' AS kind, '' AS registry, '' AS id, false AS retired WHERE false"]
    names = sorted({name for decision in decisions for name in decision.records})
    for kind, several in groupby(names, lambda name: name.partition("/")[0]):
        if view := _VIEWS.get(kind):
            listed = ", ".join(literal(name.partition("/")[2]) for name in several)
            parts.append(
                f"SELECT {literal(kind)}, registry, id, {'retired' if kind == EQUIPMENT else 'false'} "
                f"FROM {view} JOIN (SELECT registry AS home, alias FROM sources) ON home = registry "
                f"WHERE alias || {literal(ABROAD)} || id IN ({listed})"
            )
    return " UNION ALL ".join(parts)


def find_crossing(
    sources: Sequence[Standing], answers: Mapping[str, Rows], decisions: Sequence[Decision], grade: Grading
) -> Crossing:
    """The findings of these sources, from the answers to `questions`. `grade`: the severities that count."""
    by_registry = {source.registry: source for source in sources}

    def subject(registry: str, kind: str, id: str) -> Subject:
        return Subject(by_registry[registry], kind, id)

    decided = {decision.records for decision in decisions}
    is_retired = {subject(registry, kind, id): retired for kind, registry, id, retired in answers["decided"]}
    published = {str(record): record for record in is_retired}
    one = [
        [published[name] for name in sorted(decision.records)]
        for decision in decisions
        if decision.verdict in ONE and decision.records <= published.keys()
    ]
    transfers = [
        Transfer(*sorted(pair, key=lambda record: not is_retired[record]))
        for pair in one
        if is_retired[pair[0]] != is_retired[pair[1]]
    ]
    findings = [_refused(source) for source in sources if source.refused]
    for registry, kind, id, field, there, there_kind, there_id in answers[DANGLING]:
        if there in by_registry and by_registry[there].shown is not None:
            findings.append(_dangling(subject(registry, kind, id), field, subject(there, there_kind, there_id)))
    same_device: list[tuple[Subject, Subject]] = []
    for code in (DEVICE, CODE):
        for (kind, value), rows in groupby(answers[code], itemgetter(0, 1)):
            holders = [(subject(registry, kind, id), retired) for _, _, registry, id, retired in rows]
            in_use = [holder for holder, retired in holders if not retired]
            transfers += [
                Transfer(holder, in_use[0])
                for holder, retired in holders
                if retired and in_use and holder.source != in_use[0].source
            ]
            pairs = [pair for pair in _across(in_use) if frozenset(map(str, pair)) not in decided]
            findings += [_twice(code, value, pair) for pair in pairs]
            same_device += pairs if kind == EQUIPMENT else []
    for siren, rows in groupby(answers[NAMES], itemgetter(0)):
        parties = [(subject(registry, PARTY, id), name) for _, registry, id, name in rows]
        first, its_name = parties[0]
        for party, name in parties[1:]:
            if (
                fold(name) != fold(its_name)
                and party.source != first.source
                and frozenset((str(first), str(party))) not in decided
            ):
                findings.append(_misnamed(siren, (first, party), (its_name, name)))
    findings += [_numberless(subject(registry, PARTY, id), name) for registry, id, name in answers[NUMBERLESS]]
    in_use = answers["in use"][0][0]
    joined = [pair for pair in one if pair[0].kind == EQUIPMENT and not any(is_retired[record] for record in pair)]
    return Crossing(
        tuple(
            replace(finding, severity=severity)
            for finding in findings
            if (severity := grade(finding.code, finding.severity)) is not None
        ),
        tuple(dict.fromkeys(transfers)),
        tuple(Ruling(item, tuple(sorted(item.records - published.keys()))) for item in decisions),
        (in_use - _count_merges([*joined, *same_device]), in_use - _count_merges(joined)),
    )


def _across(holders: Sequence[Subject]) -> Iterator[tuple[Subject, Subject]]:
    """Each of these records with the first one of another registry."""
    first = holders[0].source if holders else None
    other = next((holder for holder in holders if holder.source != first), None)
    for holder in holders[1:]:
        if holder.source != first:
            yield holders[0], holder
        elif other is not None:
            yield holder, other


def _count_merges(pairs: Iterable[Sequence[Subject]]) -> int:
    """By how many there are fewer things than records, if both records of each pair are one."""
    leads: dict[Subject, Subject] = {}

    def lead(record: Subject) -> Subject:
        while record in leads:
            record = leads[record]
        return record

    for one, other in pairs:
        if lead(one) != lead(other):
            leads[lead(one)] = lead(other)
    return len(leads)


# -- the sentences -------------------------------------------------------------------------------------------------


def _refused(source: Standing) -> CrossFinding:
    if source.serial is None:
        message = Message("the release of {alias} was refused; nothing is kept of it", alias=source.alias)
    else:
        message = Message(
            "a later release of {alias} was refused; its figures are those of release {serial}",
            alias=source.alias,
            serial=source.shown,
        )
    return CrossFinding(REFUSED, "warning", message, (Subject(source),))


def _dangling(record: Subject, field: str, there: Subject) -> CrossFinding:
    message = Message(
        "{record} names {there} ({field}), which release {serial} of {alias} does not have",
        record=record.words,
        there=there,
        field=field,
        serial=there.source.shown,
        alias=there.source.alias,
    )
    return CrossFinding(DANGLING, "warning", message, (record, there))


def _twice(code: str, value: str, pair: tuple[Subject, Subject]) -> CrossFinding:
    one, other = pair
    if code == DEVICE:
        message = Message(
            "{one} and {other} have the same identifier, {value}", one=one.words, other=other.words, value=value
        )
    elif one.kind == PARTY:
        message = Message(
            "{one} and {other} have the same municipality code, {value}, and another SIREN",
            one=one.words,
            other=other.words,
            value=value,
        )
    else:
        siren, _, reference = value.partition(" ")
        message = Message(
            "{one} and {other} have the same reference, {reference}, of the same owner (SIREN {siren})",
            one=one.words,
            other=other.words,
            reference=reference,
            siren=siren,
        )
    return CrossFinding(code, "warning", message, pair)


def _misnamed(siren: str, pair: tuple[Subject, Subject], names: tuple[str, str]) -> CrossFinding:
    message = Message(
        '{one} and {other} have the same SIREN, {siren}, and the names "{name}" and "{other_name}"',
        one=pair[0].words,
        other=pair[1].words,
        siren=siren,
        name=names[0],
        other_name=names[1],
    )
    return CrossFinding(NAMES, "info", message, pair)


def _numberless(party: Subject, name: str | None) -> CrossFinding:
    message = Message('{party}, called "{name}", has no SIREN', party=party.words, name=name or party.id)
    return CrossFinding(NUMBERLESS, "info", message, (party,))
