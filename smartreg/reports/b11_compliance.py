"""B11: what the rules find, by code and by party, month by month; and what was confirmed in the last twelve months.

A finding belongs to the party that the record names first as it must (owner, producer, operator …), as the schemas have
it; a party's own record belongs to that party.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from smartreg.core.findings import SEVERITIES, Finding
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Record
from smartreg.domain.days import months_later
from smartreg.domain.fields import text
from smartreg.domain.kinds import party_of
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value, share
from smartreg.reports.material import Material
from smartreg.reports.wording import month_words
from smartreg.rules import all_rules
from smartreg.rules.lif609_not_confirmed import IN_SERVICE

MONTHS = 12
TITLE = Message("Compliance")
DEFINITION = Message(
    "What the automatic checks of the registry find. A record is confirmed when somebody checked or changed it in "
    "the last twelve months."
)
INSTALLATION = "CON301"
UNCOVERED = Message("devices on another party's support without a convention")
NO_RECORD = Message("nothing to confirm")
FOUND = {
    "error": Message("errors"),
    "warning": Message("warnings"),
    "info": Message("notes"),
}
GRADES = {
    "error": Message("error"),
    "warning": Message("warning"),
    "info": Message("note"),
}
NOBODY = Label("none", Message("no single party"))
CODE = FigureColumn("code", Message("rule"), "label")
PARTY = FigureColumn("party", Message("party"), "label")
NUMBER = FigureColumn("findings", Message("findings"))
CONFIRMED = Message("records confirmed in the last {months} months", months=MONTHS)


def figure(material: Material) -> Figure:
    findings = material.evidence.findings
    if isinstance(findings, Text):
        return Figure(11, TITLE, (_measure_confirmed(material),), (_kinds(material),), (findings,))
    severities = Counter(finding.severity for finding in findings)
    measures = (
        *(Measure(f"{word}s", FOUND[word], "count", severities[word]) for word in SEVERITIES),
        *_measure_uncovered(material, findings),
        _measure_confirmed(material),
    )
    owned = _with_owners(material, findings)
    tables = (
        _codes(material, findings),
        _parties(owned),
        _codes_of_parties(material, owned),
        _trend(material),
        _kinds(material),
    )
    return Figure(11, TITLE, measures, tables)


def _measure_uncovered(material: Material, findings: Sequence[Finding]) -> Sequence[Measure]:
    """The devices that no convention covers where they are; past placements, which CON301 finds less grave, do not
    count. Nothing where that rule is switched off."""
    if material.is_off(INSTALLATION):
        return []
    files = {finding.where.file for finding in findings if finding.code == INSTALLATION and finding.severity == "error"}
    return [Measure("without_convention", UNCOVERED, "count", len(files))]


def _codes(material: Material, findings: Sequence[Finding]) -> FigureTable:
    counts = Counter((finding.code, finding.severity) for finding in findings)
    columns = (CODE, FigureColumn("severity", Message("severity"), "label"), NUMBER)
    rows = tuple(
        (_rule(material, code), Label(severity, GRADES[severity]), counts[code, severity])
        for code, severity in sorted(counts, key=lambda key: (SEVERITIES.index(key[1]), -counts[key], key))
    )
    return FigureTable("codes", Message("Findings by rule"), columns, rows)


def _rule(material: Material, code: str) -> Label:
    """A rule by its title."""
    rule = all_rules(*material.config.plugins).get(code)
    return Label(code, rule.title if rule else verbatim(code))


def _with_owners(material: Material, findings: Sequence[Finding]) -> Sequence[tuple[Label, Finding]]:
    """The findings, each with the party that it belongs to."""
    records = (record for kind in material.view.schemas.kinds for record in material.of(kind))
    owners = {record.file: _party(material, record) for record in records}
    return [(owners.get(finding.where.file, NOBODY), finding) for finding in findings]


def _parties(owned: Sequence[tuple[Label, Finding]]) -> FigureTable:
    """Those with errors or warnings, the gravest first; the notices of others are listed once, by rule and party."""
    counts: dict[Label, Counter[str]] = {}
    for party, finding in owned:
        counts.setdefault(party, Counter())[finding.severity] += 1
    columns = (PARTY, *(FigureColumn(f"{word}s", FOUND[word]) for word in SEVERITIES))
    grave = [party for party in counts if counts[party]["error"] or counts[party]["warning"]]
    worst = sorted(grave, key=lambda party: ([-counts[party][word] for word in SEVERITIES], party.code))
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (party, *(counts[party][word] for word in SEVERITIES)) for party in worst
    )
    title = Message("Parties with errors or warnings")
    return FigureTable("parties", title, columns, rows, Chart("stacked", "party", ("errors", "warnings", "infos")))


def _codes_of_parties(material: Material, owned: Sequence[tuple[Label, Finding]]) -> FigureTable:
    counts = Counter((finding.code, party) for party, finding in owned)
    most = sorted(counts, key=lambda key: (-counts[key], key[0], key[1].code))
    rows = tuple((_rule(material, code), party, counts[code, party]) for code, party in most)
    title = Message("Findings by rule and party")
    return FigureTable("codes_of_parties", title, (CODE, PARTY, NUMBER), rows)


def _party(material: Material, record: Record) -> Label:
    """The party that a record names by its first required reference to one; itself, where it is one."""
    party = party_of(material.view.schemas.kinds[record.rid.kind], record)
    return material.label("party", party) if party else NOBODY


def _trend(material: Material) -> FigureTable:
    trend = material.evidence.trend
    columns = (
        FigureColumn("month", Message("month"), "label"),
        FigureColumn("records", Message("records")),
        *(FigureColumn(f"{word}s", FOUND[word]) for word in SEVERITIES),
    )
    title = Message("Findings at the end of each month")
    if isinstance(trend, Text):
        return FigureTable("months", title, columns, (), why_not=trend)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (Label(month.month, month_words(month.month)), month.records, *(month.counts or (None, None, None)))
        for month in trend
    )
    return FigureTable("months", title, columns, rows, Chart("lines", "month", ("errors", "warnings", "infos")))


def _fresh(material: Material) -> Mapping[str, tuple[int, int]]:
    """Kind → how many records at work were confirmed, and how many there are."""
    since = months_later(material.as_of, -MONTHS)
    confirmed: dict[str, tuple[int, int]] = {}
    for kind, states in IN_SERVICE.items():
        days = [
            material.evidence.last_confirmed(record) for record in material.of(kind) if text(record, "status") in states
        ]
        if days:
            confirmed[kind] = sum(day is not None and day >= since for day in days), len(days)
    return confirmed


def _measure_confirmed(material: Material) -> Measure:
    fresh = _fresh(material).values()
    return share("confirmed", CONFIRMED, sum(part for part, _ in fresh), sum(whole for _, whole in fresh), NO_RECORD)


def _kinds(material: Material) -> FigureTable:
    kinds = material.view.schemas.kinds
    columns = (
        FigureColumn("kind", Message("records"), "label"),
        FigureColumn("confirmed", CONFIRMED),
        FigureColumn("records", Message("to confirm")),
        FigureColumn("share", Message("share confirmed"), "share"),
    )
    rows = tuple(
        (Label(kind, kinds[kind].plural), part, whole, part / whole) for kind, (part, whole) in _fresh(material).items()
    )
    return FigureTable("confirmed", Message("Confirmed records"), columns, rows)
