"""Running rules: the findings of reading, schemas and rules, before waivers, selection and severities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, partial
from itertools import chain
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.messages import Text
from smartreg.core.parallel import share_out
from smartreg.core.progress import track
from smartreg.core.timings import measured, phase
from smartreg.core.values import Data, KeyPath, Location, Record, RecordId
from smartreg.registry import Registry
from smartreg.rules import Context, Fault, Rule, RuleCrash, blame_rule
from smartreg.rules.crash import PASSING
from smartreg.schema import Kind, SchemaFault
from smartreg.trees import RECORD_ENDS
from smartreg.yamlio import read

Pairs = Iterable[tuple[Record | None, Record | None]]
"""Records before and after a change; None on the side where there is none."""

FORM, UNKNOWN = "SCH104", "REF201"
_SHAPES = 4_096  # sets of fields whose rules are kept
PART = 512
"""Number of records that one process checks at a time."""


class RuleFindings(NamedTuple):
    """The findings in the records of a registry, each in the file of the record that it is about; `days`: what the
    history gave for records when a rule asked."""

    findings: Sequence[Finding]
    days: Mapping[RecordId, date | None]


@dataclass(frozen=True)
class RuleSet:
    """The enabled rules, in the order of their codes."""

    rules: tuple[Rule, ...]

    @property
    def codes(self) -> Sequence[str]:
        """The codes of the enabled rules."""
        return [rule.code for rule in self.rules]

    @cached_property
    def by_scope(self) -> Mapping[str, tuple[Rule, ...]]:
        """The enabled rules by scope."""
        scopes = ("schema", "record", "registry", "change")
        return {scope: tuple(rule for rule in self.rules if rule.scope == scope) for scope in scopes}

    @cached_property
    def claiming(self) -> tuple[tuple[Rule, Callable[..., Fault | None]], ...]:
        """The rules that name schema faults, each with the check that does it."""
        return tuple((rule, rule.claims or rule.check) for rule in self.rules if rule.claims or rule.scope == "schema")

    @cached_property
    def checks_references(self) -> bool:
        """Whether a rule checks that references lead to a record."""
        return any(rule.code == UNKNOWN for rule in self.by_scope["registry"])

    def for_records(self, kind: Kind) -> RecordRules:
        """The record rules that check records of this kind."""
        rules = [rule for rule in self.by_scope["record"] if rule.speaks_of(kind.name)]
        return RecordRules([(rule, frozenset(rule.asks(kind)) if rule.asks else None) for rule in rules])


class RecordRules:
    """The record rules for records of a kind, each with the fields without any of which it finds nothing in a record;
    None if it may find something in any."""

    def __init__(self, rules: Sequence[tuple[Rule, frozenset[str] | None]]) -> None:
        self._rules = rules
        self._found: dict[tuple[str, ...], Sequence[Rule]] = {}

    def of(self, data: Data) -> Sequence[Rule]:
        """Those that may find something in a record: the same for thousands that have the same fields."""
        names = tuple(data)
        found = self._found.get(names)
        if found is None:
            found = [rule for rule, asked in self._rules if asked is None or not asked.isdisjoint(names)]
            if len(self._found) < _SHAPES:
                self._found[names] = found
        return found


class RuleRun(NamedTuple):
    """The enabled rules, and the context that they check in. RuleCrash if a rule crashes."""

    rules: RuleSet
    context: Context

    def record_days(self) -> tuple[RuleRun, dict[RecordId, date | None]]:
        """The same run, and a mapping in which it records the days that the history gives."""
        days: dict[RecordId, date | None] = {}
        last_touched = self.context.last_touched

        def record_day(record: Record) -> date | None:
            days[record.rid] = day = last_touched(record)
            return day

        return self._replace(context=replace(self.context, last_touched=record_day)), days

    def timed(self) -> RuleRun:
        """The same run, with each of its rules measured if somebody asked."""
        timings = measured()
        if timings is None:
            return self
        rules = (
            rule._replace(check=timings.timed(rule.code, rule.check)) if rule.scope in ("record", "registry") else rule
            for rule in self.rules.rules
        )
        return self._replace(rules=RuleSet(tuple(rules)))

    # -- all of a registry -----------------------------------------------------------------------------------

    def find(self, registry: Registry) -> RuleFindings:
        """All findings in the records, on two cores where that pays."""
        registry.read_all()
        by_kind = {kind: list(registry.of_kind(kind)) for kind in registry.schemas.kinds}

        @cache
        def of_kinds(kinds: tuple[str, ...]) -> Sequence[Record]:
            return [record for kind in kinds or by_kind for record in by_kind.get(kind, ())]

        # The child ends with the last ones, REC and REF, which share little with the others; CON, GEO and NET share
        # what is derived on demand: exchanges, what stands near.
        together = self.rules.by_scope["registry"]
        jobs = [partial(self.check_together, rule, registry, of_kinds(rule.kinds)) for rule in together]
        jobs += [partial(self.check_alone, registry, part) for records in by_kind.values() for part in _parts(records)]
        with phase("schemas"):  # and the calls of rules: the rules themselves are not in it
            results = share_out(sum(map(len, by_kind.values())), jobs, registry.store, stage="check")
        return RuleFindings(
            [*registry.read_faults(), *chain.from_iterable(findings for findings, _ in results)],
            dict(chain.from_iterable(some.items() for _, some in results)),
        )

    def check_together(self, rule: Rule, registry: Registry, subjects: Sequence[Record]) -> RuleFindings:
        """The findings of a registry rule in these records."""
        run, days = self.record_days()
        return RuleFindings(run.find_together(rule, registry, subjects), days)

    def find_together(self, rule: Rule, registry: Registry, subjects: Sequence[Record]) -> Sequence[Finding]:
        """The same, whatever the history gave for records."""
        subjects = _asked(rule, registry, subjects)
        if not subjects:
            return ()
        make = partial(_finding, rule)
        with blame_rule(rule, lambda some: map(make, rule.check(registry, some, self.context)), subjects) as check:
            return list(check(subjects))

    def check_alone(self, registry: Registry, records: Sequence[Record]) -> RuleFindings:
        """The findings of the schema and the record rules in these records of one kind."""
        run, days = self.record_days()
        rules = run.rules.for_records(registry.schemas.kinds[records[0].rid.kind])
        findings = [finding for record in records for finding in run._of_record(registry, record, rules)]
        return RuleFindings(findings, days)

    # -- some records ----------------------------------------------------------------------------------------

    def of_files(self, registry: Registry, files: Iterable[str]) -> Iterator[Finding]:
        """The findings of reading, schemas and record rules in these files."""
        kinds = registry.schemas.kinds
        rules_for = cache(lambda kind: self.rules.for_records(kinds[kind]))
        for file in track(tuple(files), "check"):
            yield from registry.faults_of(file)
            record = registry.at(file)
            if record is not None:
                yield from self._of_record(registry, record, rules_for(record.rid.kind))

    def of_subjects(self, registry: Registry, touched: Mapping[str, Sequence[RecordId]]) -> Iterator[Finding]:
        """The findings of each registry rule in its touched records."""

        @cache
        def records_of(rid: RecordId) -> Sequence[Record]:
            return [record for file in registry.files_of(rid) if (record := registry.at(file)) is not None]

        for rule in track(self.rules.by_scope["registry"], "check"):
            subjects = [record for rid in touched[rule.code] for record in records_of(rid)]
            yield from self.find_together(rule, registry, subjects)

    def find_again(self, registry: Registry, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings here, in the same files, of the rules that made these in another state of the registry."""
        files: defaultdict[str, set[str]] = defaultdict(set)
        for finding in findings:
            files[finding.code].add(finding.where.file)
        together = {rule.code: rule for rule in self.rules.by_scope["registry"]}
        alone = {file for code, some in files.items() if code not in together for file in some}
        yield from self.of_files(registry, sorted(file for file in alone if file in registry.by_file))
        subjects = {code: _subjects_in(registry, rule, files[code]) for code, rule in together.items()}
        yield from self.of_subjects(registry, subjects)

    def of_change(self, before: Registry, after: Registry, pairs: Pairs) -> Iterator[Finding]:
        """The findings of change rules in these records."""
        changes = list(pairs)
        for rule in self.rules.by_scope["change"]:
            with blame_rule(rule, partial(self._of_change_rule, rule, before, after), changes) as check:
                findings = list(check(changes))
            yield from findings

    # -- one rule, one record --------------------------------------------------------------------------------

    def _of_change_rule(self, rule: Rule, before: Registry, after: Registry, changes: Pairs) -> Iterator[Finding]:
        return map(partial(_finding, rule), rule.check(before, after, changes, self.context))

    def _of_record(self, registry: Registry, record: Record, rules: RecordRules) -> Iterator[Finding]:
        """The findings of the schema and these record rules in one record."""
        judge = self.context.schemas.judges.get(record.rid.kind)
        if judge is not None and not judge.accepts(record.data):
            yield from self._of_schema(registry, record, judge.faults(record.data))
        for rule in rules.of(record.data):
            try:
                for fault in rule.check(record, self.context):
                    yield _finding(rule, fault)
            except PASSING:
                raise
            except Exception as error:
                raise RuleCrash(rule, record.rid, error) from error

    def _of_schema(self, registry: Registry, record: Record, faults: Iterable[SchemaFault]) -> Iterator[Finding]:
        source = _Source(registry, record)
        for fault in faults:
            if fault.code == FORM and self._is_reference(record, fault):
                continue
            where = Location(record.file, fault.path, fault.on_key)
            finding = Finding(fault.code, "error", fault.message, where, fault.hint, fix=fault.fix)
            yield self._claim(record, fault, source) or finding

    def _is_reference(self, record: Record, fault: SchemaFault) -> bool:
        """Whether the rules of references report this text: what does not have the form of an id names no record."""
        field = self.context.schemas.kinds[record.rid.kind].field_at(fault.path)
        return bool(field and field.refs) and self.rules.checks_references

    def _claim(self, record: Record, fault: SchemaFault, source: _Source) -> Finding | None:
        """The finding of the domain rule that names this schema fault, if one does."""
        for rule, claims in self.rules.claiming:
            if rule.speaks_of(record.rid.kind):
                written = None if fault.keyword == "required" else source.at(fault.path)
                try:
                    fault_named = claims(record, fault, written, self.context)
                except PASSING:
                    raise
                except Exception as error:
                    raise RuleCrash(rule, record.rid, error) from error
                if fault_named is not None:
                    return _finding(rule, fault_named)
        return None


class _Source:
    """Scalars as written in the text, which is read again only for a record with faults."""

    def __init__(self, registry: Registry, record: Record) -> None:
        self._registry, self._record = registry, record

    def at(self, path: KeyPath) -> str | None:
        return self._numeric.get(path)

    @cached_property
    def _numeric(self) -> Mapping[KeyPath, str]:
        # `read_many`, as when the record was read: `Tree.read` looks the path up first, and in a forked child that
        # would list all files again.
        file = self._record.file
        return next((read(text, file).numeric for _, text in self._registry.tree.read_many((file,))), {})


def _finding(rule: Rule, fault: Fault) -> Finding:
    if not isinstance(fault.message, Text):  # of a plug-in that no type checker saw
        raise TypeError
    severity = fault.severity or rule.severity
    return Finding(rule.code, severity, fault.message, fault.where, fault.hint, fault.related, fault.fix)


def _asked(rule: Rule, registry: Registry, subjects: Sequence[Record]) -> Sequence[Record]:
    """The records in which a rule may find something."""
    if rule.asks is None or not subjects:
        return subjects
    asked = {kind: frozenset(rule.asks(registry.schemas.kinds[kind])) for kind in {each.rid.kind for each in subjects}}
    return [record for record in subjects if not asked[record.rid.kind].isdisjoint(record.data)]


def _subjects_in(registry: Registry, rule: Rule, files: Iterable[str]) -> Sequence[RecordId]:
    """The subjects of a rule with findings in these files; all of them for findings in the settings."""
    if all(file.endswith(RECORD_ENDS) for file in files):
        return sorted({registry.by_file[file] for file in files if file in registry.by_file})
    return [record.rid for kind in rule.kinds or registry.schemas.kinds for record in registry.of_kind(kind)]


def _parts(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (records[start : start + PART] for start in range(0, len(records), PART))
