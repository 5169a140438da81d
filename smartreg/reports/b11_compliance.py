"""B11: what has no title on the day, by the definition of `coverage`; what the rules find, by code and by party, month
by month; and what was confirmed in the last twelve months.

A finding belongs to the party that the record names first as it must (owner, producer, operator …), as the schemas have
it; a party's own record belongs to that party.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from smartreg.core.findings import SEVERITIES, Finding
from smartreg.core.messages import Message, Text, joined, verbatim
from smartreg.core.values import Record
from smartreg.domain.coverage import REASONS, reason_code
from smartreg.domain.days import months_later
from smartreg.domain.fields import text
from smartreg.domain.kinds import party_of
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value, share
from smartreg.reports.material import DayCover, Material
from smartreg.reports.wording import month_words
from smartreg.rules import all_rules
from smartreg.rules.lif609_not_confirmed import IN_SERVICE

MONTHS = 12
TITLE = Message("Compliance")
DEFINITION = Message(
    "What no convention in force covers on the day: devices in place on another party's support or using its network, "
    "and flows between parties, whether the convention is missing, unsigned or has ended. Then what the automatic "
    "checks of the registry find. A record is confirmed when somebody checked or changed it in the last twelve months."
)
HOSTED = Message("devices on another party's support")
UNCOVERED: Mapping[str, Text] = {
    "installation": Message("devices on another party's support that no convention in force covers"),
    "connectivity": Message("devices on another party's network that no convention in force covers"),
    "data": Message("data flows between parties that no convention in force covers"),
}
KEYS = {
    "installation": "without_convention",
    "connectivity": "networks_without_convention",
    "data": "flows_without_convention",
}
ALL_COVERED = Message("everything on another party's support or network, and every flow, is covered")
UNKNOWN_COVER = Message("devices and flows whose convention cannot be read, so that their cover is unknown")
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
        cover = (*_measure_cover(material.covers),) if material.is_internal else ()
        listed = (_uncovered(material),) if material.is_internal else ()
        return Figure(11, TITLE, (*cover, _measure_confirmed(material)), (*listed, _kinds(material)), (findings,))
    severities = Counter(finding.severity for finding in findings)
    measures = (
        *_measure_cover(material.covers),
        *(Measure(f"{word}s", FOUND[word], "count", severities[word]) for word in SEVERITIES),
        _measure_confirmed(material),
    )
    owned = _with_owners(material, findings)
    tables = (
        _uncovered(material),
        _codes(material, findings),
        _parties(owned),
        _codes_of_parties(material, owned),
        _trend(material),
        _kinds(material),
    )
    return Figure(11, TITLE, measures, tables)


def _measure_cover(covers: Sequence[DayCover]) -> Iterator[Measure]:
    """How many devices are on a support of another party; how many devices, and flows, no convention covers, by family;
    and of how many that is unknown, because the convention that they name cannot be read."""
    hosted = {each.cover.record.rid for each in covers if each.cover.exchange.family == "installation"}
    yield Measure("hosted", HOSTED, "count", len(hosted))
    for family, words in UNCOVERED.items():
        without = {
            each.cover.record.rid
            for each in covers
            if each.cover.exchange.family == family and each.state == "uncovered"
        }
        yield Measure(KEYS[family], words, "count", len(without))
    unknown = {each.cover.record.rid for each in covers if each.state == "unknown"}
    if unknown:
        yield Measure("cover_unknown", UNKNOWN_COVER, "count", len(unknown))


def _uncovered(material: Material) -> FigureTable:
    """One row for each exchange that no convention covers, those on supports first."""
    columns = (
        FigureColumn("record", Message("device or flow"), "label"),
        FigureColumn("family", Message("kind of intervention"), "label"),
        FigureColumn("user", Message("whose it is"), "label"),
        FigureColumn("partners", Message("other party"), "label"),
        FigureColumn("through", Message("support or network"), "label"),
        FigureColumn("why", Message("why no convention covers it"), "label"),
        FigureColumn("ended_on", Message("last day covered"), "date"),
    )
    without = [each for each in material.covers if each.state in ("uncovered", "unknown")]
    without.sort(key=lambda each: [*UNCOVERED].index(each.cover.exchange.family))
    rows = tuple(_uncovered_row(material, each) for each in without)
    title = Message("Without a convention in force on the day")
    return FigureTable("uncovered", title, columns, rows, why_not=None if rows else ALL_COVERED)


def _uncovered_row(material: Material, each: DayCover) -> tuple[Value, ...]:
    record, exchange = each.cover.record, each.cover.exchange
    partners = [material.label("party", party) for party in exchange.partners]
    through, why = exchange.through, reason_code(each.cover, material.as_of)
    lapsed = [title.last for title in each.cover.titles or () if title.has_ended(material.as_of) and title.last]
    return (
        material.label(*record.rid),
        material.word("convention", "families", exchange.family),
        material.label("party", exchange.user),
        Label(" ".join(party.code for party in partners), joined([party.words for party in partners])),
        material.label(*through.rid) if through is not None else None,
        Label(why, REASONS[why]) if why is not None else None,
        max(lapsed).isoformat() if lapsed else None,
    )


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
