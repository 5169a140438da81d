"""`report`: the bilan of a registry in some state, over some period.

Besides the records it uses findings and their trend, the history of states, the day on which a record was last
changed, and a file of deliveries, `equipment_id,expected,received`: messages that each device should have sent, and
did.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from smartreg import __version__
from smartreg.commands.choice import INTERNAL, refuse_unknown_audience, refuse_unknown_format, values_withheld
from smartreg.commands.export import Exported
from smartreg.commands.past import PastRegistry, first_parents, history_start, registry_on
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, Text
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Json, RecordId
from smartreg.domain.days import days_later, last_news, months_later
from smartreg.domain.fields import text
from smartreg.domain.kinds import EQUIPMENT
from smartreg.exporters import Written
from smartreg.history import History, Turn, states
from smartreg.index import load_answers, question, store_answer
from smartreg.registry import Registry
from smartreg.reports import FORMATS
from smartreg.reports.bilan import Bilan, figures
from smartreg.reports.change import previous
from smartreg.reports.figure import Figure
from smartreg.reports.material import Delivery, Evidence, Material, Month, Period
from smartreg.rules import RuleCrash, all_rules
from smartreg.schema.settings import Programme
from smartreg.tables.view import view
from smartreg.trees import CommitTree
from smartreg.validation.check import Checker
from smartreg.workspace.origin import source_of
from smartreg.workspace.workspace import Workspace, unreadable

MONTHS = 12
NOT_FOR_THEM = Message("findings are for those who keep the registry")
NO_FILE = Message("the numbers of messages expected and received were not supplied for this report")


def evidence(
    workspace: Workspace,
    registry: Registry,
    past: Registry,
    on: date,
    period: Period,
    audience: str,
    deliveries: Mapping[str, Delivery] | None,
) -> Evidence:
    """Everything that can be known of the registry, and of its `past` state at the end of the period; a sentence for
    the rest."""
    checker = workspace.checker(past, period.until)
    fresh = months_later(period.until, -MONTHS)
    start = history_start(workspace, registry)
    internal = audience == INTERNAL
    return Evidence(
        states=start if isinstance(start, Text) else _states(workspace.history, registry, start, on),
        findings=_findings(checker, past, incremental=past is registry) if internal else NOT_FOR_THEM,
        trend=NOT_FOR_THEM if not internal else start if isinstance(start, Text) else _trend(workspace, start, period),
        last_confirmed=lambda record: last_news(record, checker.context, fresh),
        deliveries=NO_FILE if deliveries is None else deliveries,
    )


def _states(past: History, registry: Registry, commit: str, on: date) -> Mapping[str, Sequence[Turn]] | Text:
    """The turns of all equipment; what no commit holds yet counts from the reference date on."""
    kind = registry.schemas.kinds.get(EQUIPMENT)
    if kind is None:
        return {}
    try:
        turns = dict(states(past, registry.schemas, kind, commit))
    except StateFault as fault:
        return fault.message
    for device in registry.of_kind(EQUIPMENT):
        past_turns, state = turns.get(device.rid.id, ()), text(device, "status")
        if state is not None and (not past_turns or past_turns[-1].state != state):
            turns[device.rid.id] = (*past_turns, Turn(on, state))
    return turns


def _findings(checker: Checker, registry: Registry, *, incremental: bool) -> Sequence[Finding] | Text:
    try:
        return checker.check(registry, incremental=incremental).findings
    except RuleCrash as crash:
        code = crash.rule.code
        return Message("the rule {code} broke off: those who keep the registry can see where", code=code)


def _trend(workspace: Workspace, start: str, period: Period) -> Sequence[Month] | Text:
    """The last months of the period, each as the registry was at its end, judged by its own schemas and settings of
    that day; a state that several months share is judged for each: dates pass."""
    line = list(first_parents(workspace.history, start))
    ends = [(next((oid for day, oid in line if day <= last), ""), last) for last in _month_ends(period)]
    months = [
        month
        for commit, shared in groupby(ends, itemgetter(0))
        if commit
        for month in _months(workspace, commit, [last for _commit, last in shared])
    ]
    return months or Message("the history of the registry begins after the period")


def _months(workspace: Workspace, commit: str, ends: Sequence[date]) -> Iterator[Month]:
    """The numbers of records and of findings of a commit on these days, kept in the index: what it says on a day stays
    true. Rules from elsewhere are no part of the program: with them, nothing is kept."""
    rules = sorted(all_rules())
    keys = {last: question("month", commit, last.isoformat(), rules) for last in ends}
    stored = load_answers(workspace.index, keys.values())
    registry = None
    for last, key in keys.items():
        if key in stored:
            records, *counts = stored[key]
        else:
            if registry is None:
                registry = workspace.of_tree(CommitTree(workspace.git, commit, workspace.index))
            records = len(registry.by_file)
            counts = _count_findings(workspace, registry, last)
            if counts and not registry.config.plugins:
                store_answer(workspace.index, key, (records, *counts))
        yield Month(f"{last:%Y-%m}", records, (counts[0], counts[1], counts[2]) if counts else None)


def _count_findings(workspace: Workspace, registry: Registry, on: date) -> list[int]:
    """The numbers of errors, warnings and notes; empty where settings that were broken then let nobody judge."""
    try:
        findings = workspace.checker(registry, on).check(registry).findings
    except (RuleCrash, UsageFault, StateFault):
        return []
    severities = Counter(finding.severity for finding in findings)
    return [severities["error"], severities["warning"], severities["info"]]


def _month_ends(period: Period) -> Iterator[date]:
    """The last days of the last twelve months of the period; the last of them is its end."""
    first = period.until.replace(day=1)
    for back in range(MONTHS - 1, -1, -1):
        month = months_later(first, -back)
        last = min(days_later(months_later(month, 1), -1), period.until)
        if period.start is None or last >= period.start:
            yield last


COLUMNS = ("equipment_id", "expected", "received")
MOST = 10**12


def deliveries(content: str, devices: Collection[str]) -> Mapping[str, Delivery]:
    """By id of equipment. Comma or semicolon. UsageFault with the line for a heading, id or number that is wrong."""
    first = content.partition("\n")[0]
    rows = csv.reader(content.splitlines(), delimiter=";" if ";" in first else ",", strict=True)
    by_device: dict[str, Delivery] = {}
    try:
        places = _places([word.strip().lower() for word in next(rows, [])])
        for row in rows:
            if any(word.strip() for word in row):
                id, delivery = _row(row, places, rows.line_num, devices)
                if id in by_device:
                    raise _wrong_delivery(rows.line_num, Message('"{id}" comes twice', id=id))
                by_device[id] = delivery
    except csv.Error as error:
        raise _wrong_delivery(rows.line_num, Message("not CSV ({error})", error=error)) from None
    return by_device


def _places(heads: Sequence[str]) -> Sequence[int]:
    twice = [name for name in COLUMNS if heads.count(name) > 1]
    if twice:
        listed = ", ".join(twice)
        raise _wrong_delivery(1, Message("several columns are called {listed}", listed=listed))
    missing = [name for name in COLUMNS if name not in heads]
    if missing:
        listed = ", ".join(missing)
        raise _wrong_delivery(1, Message("there is no column {listed}", listed=listed), _COLUMNS_HINT)
    return [heads.index(name) for name in COLUMNS]


_COLUMNS_HINT = Message("the first line is {columns}", columns=",".join(COLUMNS))


def _row(row: Sequence[str], places: Sequence[int], line: int, devices: Collection[str]) -> tuple[str, Delivery]:
    cells = [row[place].strip() if place < len(row) else "" for place in places]
    id = cells[0]
    if id not in devices:
        raise _wrong_delivery(line, Message('no equipment "{id}"', id=id), did_you_mean(id, devices))
    expected, received = (_count(word, line, name) for word, name in zip(cells[1:], COLUMNS[1:], strict=True))
    return id, Delivery(expected, received)


def _count(word: str, line: int, name: str) -> int:
    if word.isascii() and word.isdigit() and len(word) <= len(str(MOST)):
        return int(word)
    raise _wrong_delivery(line, Message('{name} "{word}" is not a whole number', name=name, word=word))


def _wrong_delivery(line: int, what: Text, hint: Text | None = None) -> UsageFault:
    return UsageFault(Message("--deliveries, line {line}: {what}", line=line, what=what), hint)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class BilanOptions:
    """The request for a report: the state, the days of the period (None: as the programme of the settings has them),
    for whom, a conclusion that people wrote, the text of a file of deliveries (see `deliveries`), and the reference
    date (None: see `_reference`). `checked`: with findings, now and at the ends of months."""

    at: str | None = None
    start: date | None = None
    until: date | None = None
    audience: str = INTERNAL
    conclusion: str | None = None
    deliveries: str | None = None
    on: date | None = None
    checked: bool = True


def bilan(workspace: Workspace, request: BilanOptions, *, today: date) -> Bilan:
    """Every figure. `today` is the reference date of a state that no commit holds. UsageFault for an unknown audience
    and for a period that ends before it starts."""
    refuse_unknown_audience(request.audience)
    registry = workspace.registry(request.at).load_all()
    origin = source_of(workspace, registry)
    on = request.on or _reference(workspace, request.at, origin, today)
    period = _period(request, registry.config.programme, on)
    past = registry_on(workspace, registry, period.until, today=on) if period.until < on else PastRegistry(registry)
    seen = view(past.registry, request.audience)
    kinds = registry.schemas.kinds.values()
    lost = sorted({*unreadable(registry, kinds), *unreadable(past.registry, kinds)})
    received = None if request.deliveries is None else deliveries(request.deliveries, registry.ids(EQUIPMENT))
    if received is not None:
        received = {id: delivery for id, delivery in received.items() if seen.get(RecordId(EQUIPMENT, id))}
    checked = request.audience if request.checked else ""
    gathered = evidence(workspace, registry, past.registry, on, period, checked, received)
    material = Material(seen, registry.config, period, request.audience, gathered, past.registry, past.note(past.late))
    facts = _origin_facts(on, material, len(lost) + sum(seen.withheld.values())) | values_withheld(seen)
    if lost and request.audience == INTERNAL:  # the names of files are theirs who keep the registry
        facts["unreadable"] = lost
    earlier = partial(_earlier, workspace, replace(request, on=on), period)
    facts |= _inputs(request)
    return Bilan({**origin, **facts}, tuple(figures(material)), material, request.conclusion, earlier)


def _earlier(workspace: Workspace, request: BilanOptions, period: Period) -> Sequence[Figure]:
    """The figures of the period that this one is compared with."""
    before = previous(period)
    then = replace(request, start=before.start, until=before.until, conclusion=None, deliveries=None, checked=False)
    return bilan(workspace, then, today=period.until).figures


def render_files(report: Bilan, form: str, lang: Language) -> Exported:
    """The files of a bilan in a format; UsageFault for an unknown one."""
    refuse_unknown_format(form, tuple(FORMATS))
    made = importlib.import_module(f"smartreg.reports.{form}").render(report, lang=lang)
    files = tuple(Written(item.name, item.content, item.rows, item.note, main=number == 0) for number, item in
                  enumerate(made))  # fmt: skip
    return Exported(files, report.origin["commit"])


def with_stale(made: Exported, folder: Path) -> Exported:
    """The same, and the tables of an earlier bilan in the folder that this one does not have: they would be taken for
    its own."""
    names = {item.name for item in made.files}
    stale = sorted(path.name for path in folder.glob("b[0-9][0-9]_*.csv") if path.name not in names)
    return replace(made, left_out=tuple(stale))


def _reference(workspace: Workspace, at: str | None, origin: Mapping[str, Json], today: date) -> date:
    """The requested day, else the day of the commit, else today: the same commit gives the same."""
    if at is not None and _DAY.fullmatch(at):
        return date.fromisoformat(at)
    commit = origin["commit"]
    return (workspace.history.days(commit).get(commit) if isinstance(commit, str) else None) or today


def _period(request: BilanOptions, programme: Programme, on: date) -> Period:
    """The period that was asked for, else the programme's; nothing is known of what comes after the reference date. A
    programme that has not started then sets no start."""
    until = min(request.until or programme.until or on, on)
    usual = programme.start if programme.start is not None and programme.start <= until else None
    start = request.start or usual
    if start is not None and start > until:
        raise UsageFault(
            Message("the period ends on {until}, before it starts on {start}", until=until, start=start),
            Message("choose --from and --until"),
        )
    return Period(start, until)


def _origin_facts(on: date, material: Material, left_out: int) -> dict[str, Json]:
    start = material.period.start
    return {
        "reference_date": on.isoformat(),
        "period": {"from": start.isoformat() if start else None, "until": material.period.until.isoformat()},
        "audience": material.audience,
        "records": sum(map(len, material.view.seen.values())),
        "left_out": left_out,
        "smartreg": __version__,
    }


def _inputs(request: BilanOptions) -> dict[str, Json]:
    """The digests of the inputs other than the registry."""
    given = {"conclusion": request.conclusion, "deliveries": request.deliveries}
    return {
        name: f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" for name, text in given.items() if text is not None
    }
