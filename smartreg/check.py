"""Checking a registry: reading faults, schemas, record rules, registry rules, change rules → findings in one order.

There are two ways in: `judge` (or `check`) for all of a registry, `compare` for what a change touches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from functools import cached_property, partial
from itertools import chain, zip_longest
from typing import Any, TypeAlias

from smartreg.beside import shared
from smartreg.findings import Finding, Severity, in_order
from smartreg.frozen import dataclass, field, replace
from smartreg.named import NamedTuple
from smartreg.registry import Indexed, Registry, odd_names
from smartreg.rules import Context, Fault, Rule, RuleCrash, judged
from smartreg.rules.crash import PASSING
from smartreg.schema import SchemaFault
from smartreg.subjects import Altered, changes, matters, touched
from smartreg.values import KeyPath, Location, Record, RecordId, Words
from smartreg.waivers import NOTES, Terms, accept
from smartreg.yamlio import read

Sides: TypeAlias = tuple[Registry, Registry]
"""Before and after."""

NO_CHANGE: Mapping[RecordId, Altered] = {}
FORM, UNKNOWN = "SCH104", "REF201"
PART = 512
"""Records that are judged by themselves in one go."""


@dataclass(frozen=True)
class Selection:
    """Which codes count (codes or prefixes; empty selects all) and how grave each is."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)

    def grade(self, code: str, severity: Severity) -> Severity | None:
        """The severity that counts, or None when the code is left out."""
        if self.select and not code.startswith(self.select):
            return None
        if self.ignore and code.startswith(self.ignore):
            return None
        graded = self.severity.get(code, severity)
        return None if graded == "off" else graded  # type: ignore[return-value]


class Judged(NamedTuple):
    """The findings that count, in order, and those that are waived."""

    findings: list[Finding]
    waived: list[Finding]


class Found(NamedTuple):
    """What is found in the records of a registry, before waivers, selection and severities, each in the file of the
    record that it is about; the days that the history gave for records when a rule asked (`asked`)."""

    findings: Sequence[Finding]
    asked: Mapping[RecordId, date | None]


@dataclass(frozen=True)
class Checker:
    """The rules, what to select of them, and the context they judge in."""

    rules: Mapping[str, Rule]
    context: Context
    selection: Selection

    def with_context(self, context: Context) -> Checker:
        """The same rules and selection in another context, with the same schemas and settings: what was worked out of
        these holds."""
        other = replace(self, context=context)
        for name in ("by_scope", "_heard", "_claiming", "_record_rules", "_judges_references"):
            other.__dict__[name] = getattr(self, name)
        return other

    @cached_property
    def by_scope(self) -> Mapping[str, tuple[Rule, ...]]:
        scopes = ("schema", "record", "registry", "change")
        return {scope: tuple(rule for rule in self._wanted if rule.scope == scope) for scope in scopes}

    @property
    def codes(self) -> Sequence[str]:
        """The codes of the rules that judge."""
        return [rule.code for rule in self._wanted]

    @property
    def _wanted(self) -> Iterator[Rule]:
        return (rule for rule in self.rules.values() if self._heard.grade(rule.code, rule.severity))

    @cached_property
    def _heard(self) -> Selection:
        """What is looked for: what is selected; everything where unused waivers are asked for, since only then does
        anybody know which are."""
        wide = any(self.selection.grade(code, "warning") for code in NOTES)
        return replace(self.selection, select=()) if wide else self.selection

    @cached_property
    def terms(self) -> Terms:
        """By what findings are waived: the settings of the context, all comments."""
        judged = {rule.code for rule in self._wanted if rule.scope not in ("change", "sheet", "history")}
        return Terms(self.context.config.waivers, self.context.on, self.rules, judged)

    @cached_property
    def _claiming(self) -> tuple[tuple[Rule, Callable[..., Fault | None]], ...]:
        """The rules that name schema faults, each with the check that does."""
        return tuple(
            (rule, rule.claims or rule.check) for rule in self._wanted if rule.claims or rule.scope == "schema"
        )

    @cached_property
    def _record_rules(self) -> Mapping[str, tuple[Rule, ...]]:
        return {
            kind: tuple(rule for rule in self.by_scope["record"] if rule.speaks_of(kind))
            for kind in self.context.schemas.kinds
        }

    def check(self, registry: Registry) -> list[Finding]:
        """Every finding of a registry that is not waived, in order. RuleCrash as `judge`."""
        return self.judge(registry).findings

    def judge(self, registry: Registry, terms: Terms | None = None) -> Judged:
        """Every finding of a registry, and what is waived, by other terms than the usual ones if need be. RuleCrash
        when a rule breaks off, with what all others found."""
        try:
            return self.settled(registry, self.find(registry).findings, terms)
        except RuleCrash as crash:
            raise crash.beside(self._without(crash.rule, registry)) from crash.__cause__

    def compare(
        self,
        before: Registry,
        after: Registry,
        changed: Iterable[RecordId] | None = None,
        files: Set[str] = frozenset(),
    ) -> Comparison:
        """What the change of these records (of any, when nobody knows of which) brings, and of `files` besides, which
        rules may look at."""
        rids = {*before.places, *after.places} if changed is None else set(changed)
        return Comparison(self, (before, after), sorted(rids), files)

    def _without(self, broken: Rule, registry: Registry) -> Sequence[Finding]:
        """What the rules but one find; those that break off too are left out as well."""
        others = replace(self, rules={code: rule for code, rule in self.rules.items() if code != broken.code})
        try:
            return others.judge(registry, replace(others.terms, known=self.rules)).findings
        except RuleCrash as crash:
            return crash.findings

    def find(self, registry: Registry) -> Found:
        """Everything that is found in the records, on two cores where that pays. RuleCrash when a rule breaks off."""
        registry.read_all()
        by_kind = {kind: list(registry.of_kind(kind)) for kind in registry.schemas.kinds}
        noting, asked = self.noting()

        def noted(find: Callable[[], Iterable[Finding]]) -> tuple[list[Finding], dict[RecordId, date | None]]:
            asked.clear()
            return list(find()), dict(asked)

        # From the last one on: those look at what names what, which is worked out where it is needed.
        together: list[Callable[[], Iterable[Finding]]] = [
            partial(noting._of_all, rule, registry, by_kind) for rule in reversed(self.by_scope["registry"])
        ]
        alone: list[Callable[[], Iterable[Finding]]] = [
            partial(noting._of_each, registry, some) for records in by_kind.values() for some in _parts(records)
        ]
        jobs = [partial(noted, job) for job in (*together, *alone)]
        results = shared(sum(map(len, by_kind.values())), jobs, registry.store)
        found = [findings for findings, _ in results]
        return Found(
            [*registry.read_faults(), *chain.from_iterable(found)],
            dict(chain.from_iterable(told.items() for _, told in results)),
        )

    def noting(self) -> tuple[Checker, dict[RecordId, date | None]]:
        """The same, and where it writes down the days that the history gives."""
        asked: dict[RecordId, date | None] = {}
        told = self.context.last_touched

        def noted(record: Record) -> date | None:
            asked[record.rid] = day = told(record)
            return day

        return replace(self, context=replace(self.context, last_touched=noted)), asked

    def settled(self, registry: Registry, found: Iterable[Finding], terms: Terms | None = None) -> Judged:
        """What is left of everything that was found in the records, and of what their files are wrong with."""
        every = (*registry.faults, *odd_names(registry.tree.files()), *found)
        return self.accepted((registry,), every, terms, with_notes=True)

    def accepted(
        self,
        sides: Sequence[Registry],
        found: Iterable[Finding],
        terms: Terms | None = None,
        *,
        with_notes: bool = False,
    ) -> Judged:
        """What is left of findings after waivers, selection and severities; `with_notes`: and what is to say of the
        waivers themselves, which takes all that is found."""
        accepted = accept(sides, found, terms or self.terms)
        notes = accepted.notes if with_notes else ()
        return Judged(in_order(self.graded((*accepted.findings, *notes))), in_order(self.graded(accepted.waived)))

    def _of_all(self, rule: Rule, registry: Registry, by_kind: Mapping[str, list[Record]]) -> list[Finding]:
        """What a registry rule says of all its subjects."""
        return self._said(
            rule, registry, [record for kind in rule.kinds or by_kind for record in by_kind.get(kind, ())]
        )

    def _of_each(self, registry: Registry, records: Iterable[Record]) -> Iterator[Finding]:
        """What the schemas and the record rules say of each of these."""
        return (finding for record in records for finding in self.of_record(registry, record))

    def touched(
        self, before: Registry, after: Registry, rids: Sequence[RecordId], files: Set[str] = frozenset()
    ) -> Mapping[str, list[RecordId]]:
        """`subjects.touched` by the registry rules."""
        return touched(self.by_scope["registry"], (before, after), changes((before, after), rids), files)

    def said_of_change(
        self, rule: Rule, before: Registry, after: Registry, changes: Iterable[tuple[Record | None, Record | None]]
    ) -> Iterator[Finding]:
        """What one change rule says of these changes."""
        return self._found(rule, rule.check(before, after, changes, self.context))

    def of_record(self, registry: Registry, record: Record, altered: Altered = None) -> Iterator[Finding]:
        """What the schema and the record rules say of one record; only the rules to which it matters what is
        `altered`."""
        judge = self.context.schemas.judges.get(record.rid.kind)
        if judge is not None and not judge.accepts(record.data):
            yield from self._schema_findings(registry, record, judge.faults(record.data))
        for rule in self._mattering(record.rid.kind, altered):
            try:
                for fault in rule.check(record, self.context):
                    yield self._finding(rule, fault)
            except PASSING:
                raise
            except Exception as error:
                raise RuleCrash(rule, record.rid, error) from error

    def _mattering(self, kind: str, altered: Altered) -> Sequence[Rule]:
        rules = self._record_rules.get(kind, ())
        if altered is None:
            return rules
        if (kind, altered) not in self._asked:
            self._asked[kind, altered] = [rule for rule in rules if matters(rule, altered)]
        return self._asked[kind, altered]

    @cached_property
    def _asked(self) -> dict[tuple[str, Altered], Sequence[Rule]]:
        return {}

    def of_some(
        self,
        side: Registry,
        rids: Collection[RecordId],
        touched: Mapping[str, Sequence[RecordId]],
        changed: Mapping[RecordId, Altered] | None = None,
    ) -> list[Finding]:
        """What is found on one side in the changed records and, by each registry rule, in the touched ones; before
        waivers, selection and severities. With `changed`, of record rules only those to which the changes matter."""
        # Whether two names differ by case alone only a look at all files tells: the one that is not small is told here.
        names = odd_names(_files(side, rids))
        local = self.of_files(side, _files(side, rids), changed or {})
        return [*side.faults, *names, *local, *self.of_subjects(side, touched)]

    def of_files(
        self, side: Registry, files: Iterable[str], changed: Mapping[RecordId, Altered] = NO_CHANGE
    ) -> Iterator[Finding]:
        """What reading, schemas and record rules find in these files of records, as `of_some`."""
        for file in files:
            yield from side.faults_of(file)
            record = side.at(file)
            if record is not None:
                yield from self.of_record(side, record, changed.get(record.rid))

    def of_subjects(self, side: Registry, touched: Mapping[str, Sequence[RecordId]]) -> Iterator[Finding]:
        """What each registry rule finds in its touched records."""
        for rule in self.by_scope["registry"]:
            subjects = [record for file in _files(side, touched[rule.code]) if (record := side.at(file)) is not None]
            yield from self._said(rule, side, subjects)

    def _said(self, rule: Rule, registry: Registry, subjects: Sequence[Record]) -> list[Finding]:
        """What a registry rule says of these subjects."""
        if not subjects:
            return []
        return judged(rule, lambda some: self._found(rule, rule.check(registry, some, self.context)), subjects)

    def _found(self, rule: Rule, faults: Iterable[Fault]) -> Iterator[Finding]:
        return (self._finding(rule, fault) for fault in faults)

    @staticmethod
    def _finding(rule: Rule, fault: Fault) -> Finding:
        if not isinstance(fault.message, Words):  # of a plug-in that no type checker saw
            raise TypeError
        severity = fault.severity or rule.severity
        return Finding(rule.code, severity, fault.message, fault.where, fault.hint, fault.related, fault.fix)

    def _schema_findings(self, registry: Registry, record: Record, faults: Iterable[SchemaFault]) -> Iterator[Finding]:
        source = _Source(registry, record)
        for fault in faults:
            if fault.code == FORM and self._told_as_reference(record, fault):
                continue
            claimed = self._claimed(record, fault, source)
            where = Location(record.file, fault.path, fault.on_key)
            yield claimed or Finding(fault.code, "error", fault.message, where, fault.hint, fix=fault.fix)

    def _told_as_reference(self, record: Record, fault: SchemaFault) -> bool:
        """Whether the rules of references speak of this text: what has not the form of an id names no record."""
        field = self.context.schemas.kinds[record.rid.kind].field_at(fault.path)
        return bool(field and field.refs) and self._judges_references

    @cached_property
    def _judges_references(self) -> bool:
        return any(rule.code == UNKNOWN for rule in self.by_scope["registry"])

    def _claimed(self, record: Record, fault: SchemaFault, source: _Source) -> Finding | None:
        """The finding of the domain rule that names this fault, if one does."""
        for rule, claims in self._claiming:
            if rule.speaks_of(record.rid.kind):
                try:
                    named = claims(record, fault, source.at(fault.path), self.context)
                except PASSING:
                    raise
                except Exception as error:
                    raise RuleCrash(rule, record.rid, error) from error
                if named is not None:
                    return self._finding(rule, named)
        return None

    def graded(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Severities as the settings have them; codes that are left out are dropped."""
        for finding in findings:
            severity = self.selection.grade(finding.code, finding.severity)
            if severity == finding.severity:
                yield finding
            elif severity is not None:
                yield replace(finding, severity=severity)


class Comparison:
    """What a change touches, found on both sides and between them, each when it is asked for."""

    def __init__(self, checker: Checker, sides: Sides, changed: Sequence[RecordId], files: Set[str]) -> None:
        self._checker, self._sides, self._changed, self._files = checker, sides, changed, files

    @property
    def introduced(self) -> list[Finding]:
        """The findings that the change introduces, in order: the same as the difference of two full runs."""
        return without(self._after, self._before) if self._after else []

    @property
    def mended(self) -> list[Finding]:
        """The findings that the change mends, in order."""
        return without(self._before, self._after) if self._before else []

    def of_change(self, terms: Terms | None = None) -> Judged:
        """What the change rules say of the way from one side to the other."""
        checker, (before, after) = self._checker, self._sides
        changes = list(_changed(before, after, self._changed))
        found = (
            judged(rule, partial(checker.said_of_change, rule, before, after), changes)
            for rule in checker.by_scope["change"]
        )
        return checker.accepted((after, before), chain.from_iterable(found), terms)

    @cached_property
    def _before(self) -> list[Finding]:
        return self._of(self._sides[0])

    @cached_property
    def _after(self) -> list[Finding]:
        return self._of(self._sides[1])

    def _of(self, side: Registry) -> list[Finding]:
        """What counts on one side in what the change touches, but for what rules find that cannot find anything else on
        the other side. Where schemas, settings or boundaries differ, everything is checked, each side by its own."""
        if _frame(self._sides[0]) != _frame(self._sides[1]):
            context = replace(self._checker.context, schemas=side.schemas, config=side.config)
            return replace(self._checker, context=context).check(side)
        altered, subjects = self._touched
        return self._checker.accepted((side,), self._checker.of_some(side, altered, subjects, altered)).findings

    @cached_property
    def _touched(self) -> tuple[Mapping[RecordId, Altered], Mapping[str, Sequence[RecordId]]]:
        altered = changes(self._sides, self._changed)
        return altered, touched(self._checker.by_scope["registry"], self._sides, altered, self._files)


def without(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """Those that the others do not have, in order."""
    there = by_sameness(others)
    return in_order(finding for same, finding in by_sameness(findings).items() if same not in there)


def by_sameness(findings: Iterable[Finding]) -> dict[tuple[Any, ...], Finding]:
    """By what makes them the same fault: one that says the same in the same place; another wrong value is another."""
    return {(*finding.key, finding.message.en): finding for finding in findings}


def _files(registry: Registry, rids: Iterable[RecordId]) -> Iterator[str]:
    """The files of these ids: several where an id is claimed twice."""
    return (file for rid in rids for file in registry.files_of(rid))


def _frame(registry: Registry) -> tuple[object, ...]:
    """What decides how records are judged, beside the records."""
    outlines = registry.config.territory.boundaries
    return registry.schemas.digest, registry.config, registry.digest_of(outlines) if outlines else None


def _changed(
    before: Registry, after: Registry, rids: Iterable[RecordId]
) -> Iterator[tuple[Record | None, Record | None]]:
    """The records among these that came, went or have another text; None on the side where there is none. Of an id
    that several files claim, file by file. What cannot be read on one of the sides is left out: nobody knows what it
    says."""
    pairs = [pair for rid in sorted(rids) for pair in _paired(rid, before, after)]
    before.load(file for file, _ in pairs if file)
    after.load(file for _, file in pairs if file)
    for old, new in pairs:
        was, is_ = before.at(old) if old else None, after.at(new) if new else None
        if (old and was is None) or (new and is_ is None) or (was and is_ and was.data == is_.data):
            continue
        yield was, is_


def _paired(rid: RecordId, before: Registry, after: Registry) -> Iterator[tuple[str | None, str | None]]:
    """The files of an id before and after: those of the same path together, the others in their order."""
    olds = {place.file: place.blob for place in before.places.get(rid, ())}
    news = {place.file: place.blob for place in after.places.get(rid, ())}
    yield from ((file, file) for file in olds if file in news and not (olds[file] and olds[file] == news[file]))
    yield from zip_longest([file for file in olds if file not in news], [file for file in news if file not in olds])


class _Source:
    """The text of scalars as somebody wrote them: read again only for a record that has faults."""

    def __init__(self, registry: Registry, record: Record) -> None:
        self._registry, self._record = registry, record

    def at(self, path: KeyPath) -> str | None:
        return self._numeric.get(path)

    @cached_property
    def _numeric(self) -> Mapping[KeyPath, str]:
        return read(self._registry.tree.read(self._record.file), self._record.file).numeric


def _parts(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (records[start : start + PART] for start in range(0, len(records), PART))


def indexed_by(rules: Iterable[Rule]) -> Indexed:
    """Every (kind, field) pair that rules look up by value."""
    return frozenset(pair for rule in rules for pair in rule.indexed)
