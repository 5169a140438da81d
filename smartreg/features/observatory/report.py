"""The report of an observatory: its sources as they stand, the figures with how many sources state them, what was found
across registries, and what was decided. A value, which knows no format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from smartreg import __version__
from smartreg.core.findings import CALLED
from smartreg.core.messages import Message, Text, message_in, plural, verbatim
from smartreg.core.values import Json
from smartreg.domain.codes import commune
from smartreg.domain.kinds import EQUIPMENT
from smartreg.features.observatory.catalogue import licences_statement
from smartreg.features.observatory.crossing import MOST_FOUND, CrossFinding, Crossing, Subject
from smartreg.features.observatory.decisions import VERDICTS
from smartreg.features.observatory.figures import Figure
from smartreg.features.observatory.standing import REASONS, STATES, Standing
from smartreg.release.format import RECORDS_FILE
from smartreg.reports.figure import FigureColumn, FigureTable, Kind, Label, Value
from smartreg.reports.wording import day_words, number_words
from smartreg.rules import all_rules

VERSION: Final = 1
MOST_FINDINGS: Final = 100  # of a code that people read; programs read all
MOST_ROWS: Final = 30  # of a figure


class Answer(NamedTuple):
    """A figure with its answer; how many sources state what it rests on, and how many of them with an earlier
    release, because a later one was refused."""

    figure: Figure
    columns: Sequence[str]
    rows: Sequence[Sequence[Json]]
    stated: int
    kept: int


class Cells(NamedTuple):
    """Where the devices are: squares of `size` degrees by their south-west corner (longitude, latitude) and the number
    of devices in each; how many devices have a place that is outside of the map, and how many none."""

    size: float
    numbers: Mapping[tuple[float, float], int]
    outside: int = 0
    nowhere: int = 0


@dataclass(frozen=True)
class ObservatoryReport:
    """What an observatory says on a day. `country`: that of its registry; `labels`: what columns of figures call their
    values, by column and value."""

    name: str
    on: date
    country: str
    sources: tuple[Standing, ...]
    answers: tuple[Answer, ...]
    crossing: Crossing
    cells: Cells
    labels: Mapping[str, Mapping[str, Text]]

    @property
    def number(self) -> int:
        """The number of its sources."""
        return len(self.sources)

    @property
    def absent(self) -> list[str]:
        """The aliases of those of which nothing is kept yet."""
        return [source.alias for source in self.sources if source.serial is None]

    @property
    def read(self) -> list[Standing]:
        """The sources whose data are in the figures."""
        return [source for source in self.sources if source.shown is not None]


# -- for people ----------------------------------------------------------------------------------------------------


class Section(NamedTuple):
    """A part of the report: its name in addresses, its title, sentences, a table, a list, and the parts of it."""

    id: str
    title: Text
    sentences: Sequence[Text] = ()
    table: FigureTable | None = None
    items: Sequence[Text] = ()
    parts: Sequence[Section] = ()


def title_of(report: ObservatoryReport) -> Text:
    """The title of the report."""
    return verbatim(report.name) if report.name else Message("Observatory")


def opening_of(report: ObservatoryReport) -> list[Text]:
    """What everybody should read: the day, how many sources count, under which licences the data are."""
    kept = sum(source.is_earlier for source in report.read)
    licences = [source.licence for source in report.read]
    return [
        Message("State on {day}.", day=day_words(report.on)),
        Message("Figures from {sources}.", sources=count_sources(len(report.read), report.number, kept)),
        *([Message("{licences}.", licences=licences_statement(licences))] if licences else []),
    ]


def count_sources(stated: int, sources: int, kept: int) -> Text:
    """`98 of 100 sources, 2 kept from an earlier release`."""
    number = number_words(stated)
    counted = plural("{number} of {n} source", "{number} of {n} sources", n=sources, number=number)
    if not kept:
        return counted
    return Message("{counted}, {kept} kept from an earlier release", counted=counted, kept=number_words(kept))


def sections_of(report: ObservatoryReport) -> list[Section]:
    """The parts below the opening, in their order."""
    figures = [_figure(report, answer) for answer in report.answers]
    transfers = [
        Message("{before} was retired; it is now {after}", before=item.before.words, after=item.after.words)
        for item in report.crossing.transfers
    ]
    return [
        Section("sources", Message("Sources"), [_CHANGES, *_refusals(report)], _sources(report)),
        Section("figures", Message("Figures"), parts=figures),
        _findings(report),
        Section(
            "transfers", Message("Devices that changed hands"), [_TRANSFERS if transfers else _NONE], None, transfers
        ),
        _decisions(report),
    ]


_CHANGES: Final = Message("±: how many more or fewer than in the release that was accepted before.")
_NONE: Final = Message("None.")
_TRANSFERS: Final = Message("Retired in one registry, in use in another: they are no duplicates.")
_DECISIONS: Final = Message(
    "What decisions.yaml says of two records. Nothing is merged by it: figures keep both rows; the number of "
    "devices, under the open findings, counts two devices as one where this says so."
)


def _refusals(report: ObservatoryReport) -> Iterator[Text]:
    """Why later releases were refused, why releases are not in the tables, and of which sources nothing is kept."""
    if report.absent:
        yield Message("Nothing is kept yet of {aliases}.", aliases=", ".join(report.absent))
    for source in report.sources:
        if source.unreachable:
            since = day_words(date.fromisoformat(source.unreachable))
            yield Message("{name}: unreachable since {day}.", name=source.name, day=since)
        if source.refused and source.serial is None:
            why = REASONS.get(source.refused, verbatim(source.refused))
            yield Message("The release of {alias} was refused, because {why}.", alias=source.alias, why=why)
        elif source.refused:
            yield Message(
                "{name}: a release after {serial} was refused, because {why}.",
                name=source.name,
                serial=source.serial,
                why=REASONS.get(source.refused, verbatim(source.refused)),
            )
        if source.fault is not None:
            yield Message("{name}: {why}.", name=source.name, why=source.fault)


def _sources(report: ObservatoryReport) -> FigureTable:
    columns = (
        FigureColumn("source", Message("Source"), "text"),
        FigureColumn("alias", Message("Alias"), "text"),
        FigureColumn("serial", Message("Release")),
        FigureColumn("issued", Message("Issued on"), "date"),
        FigureColumn("age", Message("Age in days")),
        FigureColumn("state", message_in("heading", "State"), "label"),
        FigureColumn("records", Message("Records")),
        FigureColumn("records_more", Message("± records")),
        FigureColumn("devices", Message("Devices")),
        FigureColumn("devices_more", Message("± devices")),
        FigureColumn("licence", Message("Licence"), "text"),
    )
    rows = []
    for source in report.sources:
        tables = {name: (rows, more) for name, rows, more in source.tables}
        records, devices = (tables.get(name, (None, None)) for name in (RECORDS_FILE, EQUIPMENT))
        state = Label(source.state, STATES[source.state])
        start = (source.name, source.alias, source.serial, source.issued[:10] or None, source.age, state)
        rows.append((*start, *records, *devices, source.licence or None))
    return FigureTable("sources", Message("The sources, and what is kept of them"), columns, tuple(rows))


# -- figures -------------------------------------------------------------------------------------------------------

_NAMES: Final = {
    "registry": "registry_name",
    "host": "host_name",
    "guest": "guest_name",
    "operator": "operator_name",
    "user_party": "user_name",
}
"""Columns of figures that people read by the one that names the same."""
_HEADINGS: Final[Mapping[str, tuple[Text, Kind]]] = {
    "registry_name": (Message("Registry"), "text"),
    "family": (Message("Family"), "label"),
    "reference_date": (message_in("heading", "On"), "date"),
    "exchanges": (Message("Exchanges"), "count"),
    "covered": (message_in("heading", "Covered"), "count"),
    "uncovered": (message_in("heading", "Not covered"), "count"),
    "not_needed": (Message("No convention needed"), "count"),
    "insee_code": (Message("Municipality"), "label"),
    "type": (Message("Type"), "label"),
    "devices": (Message("Devices"), "count"),
    "faulty": (message_in("heading", "Faulty"), "count"),
    "registries": (Message("Registries"), "count"),
    "ends_on": (Message("Ends on"), "date"),
    "title": (Message("Title"), "text"),
    "parties": (Message("Parties"), "text"),
    "theme": (Message("Theme"), "label"),
    "flows": (Message("Flows"), "count"),
    "open_flows": (message_in("heading", "Open"), "count"),
    "open_share": (Message("Share that is open"), "share"),
    "with_personal_data": (Message("With personal data"), "count"),
    "in_year": (Message("Year"), "text"),
    "installed": (message_in("heading", "Installed"), "count"),
    "removed": (message_in("heading", "Removed"), "count"),
    "in_place": (message_in("heading", "In place"), "count"),
    "over_ten_years": (Message("More than ten years old"), "count"),
    "ended": (message_in("heading", "Ended"), "count"),
    "mean_months": (Message("Mean life of those that ended, in months"), "number"),
    "technology": (Message("Technology"), "label"),
    "operator_name": (Message("Operator"), "text"),
    "user_name": (Message("Owner of the devices"), "text"),
    "host_name": (Message("Host (owner of the supports)"), "text"),
    "guest_name": (Message("Guest (owner of the devices)"), "text"),
}
_LARGEST: Final = ("devices", "exchanges", "flows")
"""The columns by which the rows of a long answer are chosen."""


def _figure(report: ObservatoryReport, answer: Answer) -> Section:
    figure, names = answer.figure, answer.columns
    shown = [name for name in names if name not in _NAMES and name != "key"]
    rows = [dict(zip(names, row, strict=True)) for row in answer.rows]
    largest = next((name for name in _LARGEST if name in names), None)
    if len(rows) > MOST_ROWS and largest is not None:
        rows.sort(key=lambda row: -(row[largest] or 0))
    for row in rows:
        row |= {name: row[name] or row[id] for id, name in _NAMES.items() if id in row}
    columns = tuple(FigureColumn(name, *_HEADINGS.get(name, (verbatim(name), "text"))) for name in shown)
    cells = tuple(tuple(_cell(report, name, row[name]) for name in shown) for row in rows[:MOST_ROWS])
    sentences = [Message("From {sources}.", sources=count_sources(answer.stated, report.number, answer.kept))]
    if len(rows) > MOST_ROWS:
        sentences.append(
            Message(
                "The {n} largest of {rows} rows; all of them: {command}",
                n=MOST_ROWS,
                rows=number_words(len(rows)),
                command=verbatim(f"smartreg observatory query {figure.name}"),
            )
        )
    return Section(
        figure.name,
        figure.title,
        sentences,
        FigureTable(figure.name, figure.title, columns, cells, why_not=None if cells else _NONE),
    )


def _cell(report: ObservatoryReport, column: str, value: Json) -> Value:
    if column == "insee_code" and value is not None and (municipality := commune(value)):
        return Label(value, verbatim(f"{municipality.name} ({value})"))
    if label := report.labels.get(column, {}).get(value):
        return Label(value, label)
    return str(value) if column == "in_year" or isinstance(value, bool) else value


# -- what was found across registries ------------------------------------------------------------------------------


def _findings(report: ObservatoryReport) -> Section:
    """The number of devices with and without open duplicates, then the findings by code."""
    fewest, most = map(number_words, report.crossing.devices)
    number = Message("Devices that are not retired: {n}.", n=most)
    if fewest != most:
        number = Message(
            "Devices that are not retired: {most}, or {fewest} if each that two registries seem to have is one.",
            most=most,
            fewest=fewest,
        )
    by_code: dict[str, list[CrossFinding]] = {}
    for finding in report.crossing.findings:
        by_code.setdefault(finding.code, []).append(finding)
    parts = [_findings_of(code, findings) for code, findings in sorted(by_code.items())]
    title = Message("Open findings across registries")
    return Section("findings", title, [number] if parts else [number, Message("Nothing is open.")], parts=parts)


def _findings_of(code: str, findings: Sequence[CrossFinding]) -> Section:
    title = Message(
        "{code} ({severity}): {title}",
        code=code,
        severity=CALLED[findings[0].severity],
        title=all_rules()[code].title,
    )
    manual = verbatim(f"smartreg explain {code}")
    sentences: list[Text] = [Message("What it means, and what to do: {command}", command=manual)]
    if len(findings) > MOST_FINDINGS:
        every = number_words(len(findings))
        sentences.append(
            Message(
                "The first {n} of {all}; -f json has them all, up to {most} of a code.",
                n=MOST_FINDINGS,
                all=every,
                most=number_words(MOST_FOUND),
            )
        )
    return Section(code.lower(), title, sentences, None, [finding.message for finding in findings[:MOST_FINDINGS]])


def _decisions(report: ObservatoryReport) -> Section:
    items: list[Text] = []
    for decision, gone in report.crossing.rulings:
        one, other = sorted(decision.records)
        verdict = VERDICTS[decision.verdict]
        items.append(
            Message(
                "{one} and {other}: {decision}. {reason}",
                one=one,
                other=other,
                decision=verdict,
                reason=decision.reason,
            )
        )
        items += [
            Message("{record}, which decisions.yaml names, is published by no source any more", record=name)
            for name in gone
        ]
    return Section("decisions", Message("Decisions"), [_DECISIONS if items else _NONE], None, items)


# -- for programs --------------------------------------------------------------------------------------------------


def report_json(report: ObservatoryReport) -> dict[str, Json]:
    """All of the report, for programs."""
    crossing = report.crossing
    return {
        "version": VERSION,
        "smartreg": __version__,
        "name": report.name,
        "on": report.on.isoformat(),
        "sources": [_source_json(source) for source in report.sources],
        "absent": list(report.absent),
        "figures": [
            {
                "name": answer.figure.name,
                "title": answer.figure.title.in_("en"),
                "stated": answer.stated,
                "kept": answer.kept,
                "sources": report.number,
                "columns": list(answer.columns),
                "rows": [list(row) for row in answer.rows],
            }
            for answer in report.answers
        ],
        "devices": dict(zip(("fewest", "most"), crossing.devices, strict=True)),
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "message": finding.message.in_("en"),
                "records": [_subject_json(subject) for subject in finding.subjects],
            }
            for finding in crossing.findings
        ],
        "transfers": [
            {"before": _subject_json(item.before), "after": _subject_json(item.after)} for item in crossing.transfers
        ],
        "decisions": [
            {
                "records": sorted(ruling.decision.records),
                "decision": ruling.decision.verdict,
                "reason": ruling.decision.reason,
                "gone": list(ruling.gone),
            }
            for ruling in crossing.rulings
        ],
    }


def _source_json(source: Standing) -> dict[str, Json]:
    tables = {name: {"rows": rows, "more": more} for name, rows, more in source.tables}
    fault = source.fault.in_("en") if source.fault is not None else None
    empty = {name: getattr(source, name) or None for name in ("refused", "unreachable")}
    return {**source._asdict(), **empty, "fault": fault, "tables": tables}


def _subject_json(subject: Subject) -> dict[str, Json]:
    source = subject.source
    return {
        "source": source.alias,
        "registry": source.registry,
        "serial": source.serial,
        "kind": subject.kind or None,
        "id": subject.id or None,
    }
