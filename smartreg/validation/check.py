"""Checking a registry: the findings of rules without those waived or deselected, with severities as configured, in one
order.

There are two ways in: `check` for a whole registry, `compare` for what a change touches.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Any, NamedTuple

from smartreg.core.findings import Finding, Severity, finding_of, in_order
from smartreg.core.messages import SOURCE
from smartreg.core.timings import measured, phase
from smartreg.core.values import Record, RecordId
from smartreg.index import StoredFinding
from smartreg.registry import Registry, odd_names
from smartreg.rules import Context, Rule, RuleCrash
from smartreg.validation.affected import changes, find_affected
from smartreg.validation.rule_run import RuleRun, RuleSet
from smartreg.validation.verdicts import refresh_findings, store_run
from smartreg.validation.waivers import NOTES, Terms, Waivers

WIDE_FROM, SHARE = 500, 10  # a change of this many records, and of more than one in ten: see `Comparison`


class Selection(NamedTuple):
    """The codes that count (codes or prefixes; empty selects all) and their severities."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = MappingProxyType({})

    def grade(self, code: str, severity: Severity) -> Severity | None:
        """The severity that counts, or None if the code is deselected."""
        if self.select and not code.startswith(self.select):
            return None
        if self.ignore and code.startswith(self.ignore):
            return None
        graded = self.severity.get(code, severity)
        return None if graded == "off" else graded  # type: ignore[return-value]


class Judged(NamedTuple):
    """The findings that count, in order, and those that are waived; `notes`: by code, how many more notes there are,
    where they are only counted."""

    findings: list[Finding]
    waived: list[Finding]
    notes: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Checker:
    """The rules, their selection, and the context of their checks. `rule_set`: the enabled rules, if computed
    already."""

    rules: Mapping[str, Rule]
    context: Context
    selection: Selection
    rule_set: RuleSet | None = None

    def check(
        self, registry: Registry, terms: Terms | None = None, *, incremental: bool = False, count_notes: bool = False
    ) -> Judged:
        """Every finding of a registry, and those waived, by `terms` if given. RuleCrash if a rule crashes, with the
        findings of all others. `incremental`: bring the findings stored in the index up to date; `count_notes`: stored
        notes may be counted (`Judged.notes`)."""
        terms = terms or self.terms
        notes: Mapping[str, int] = {}
        try:
            rows = refresh_findings(self.run, registry) if incremental and not measured() else None
            if rows is None:
                full_run = self.run.timed().find(registry)
                findings = full_run.findings
                if incremental:
                    with phase("findings"):
                        store_run(self.run, registry, full_run)
            else:
                is_counted = Countable(registry, terms, self.selection) if count_notes else _counts_none
                findings, notes = _restore(rows, is_counted)
        except RuleCrash as crash:
            raise crash.with_findings(self._without(crash.rule, registry)) from crash.__cause__
        every = (*registry.faults, *odd_names(registry.tree.files()), *findings)
        with phase("waivers"):
            return self.accept((registry,), every, terms, with_notes=True)._replace(notes=notes)

    def compare(
        self,
        before: Registry,
        after: Registry,
        changed: Iterable[RecordId] | None = None,
        files: Set[str] = frozenset(),
    ) -> ChangeCheck:
        """The findings introduced by a change of these records (None: of any), and of other `files` that rules may
        read."""
        rids = {*before.places, *after.places} if changed is None else set(changed)
        return ChangeCheck(
            CheckedSide(before, self, self.terms), CheckedSide(after, self, self.terms), sorted(rids), files
        )

    def with_context(self, context: Context) -> Checker:
        """The same rules and selection in another context."""
        return replace(self, context=context, rule_set=self.run.rules)

    @cached_property
    def run(self) -> RuleRun:
        """The enabled rules in this context."""
        return RuleRun(self.rule_set or RuleSet(tuple(self._enabled_rules())), self.context)

    @cached_property
    def terms(self) -> Terms:
        """The terms that waive findings: the settings of the context, and all comments."""
        codes = {
            rule.code for rule in self.run.rules.rules if rule.scope not in ("change", "sheet", "history", "sources")
        }
        return Terms(self.context.config.waivers, self.context.on, self.rules, codes)

    def accept(
        self, sides: Sequence[Registry], findings: Iterable[Finding], terms: Terms, *, with_notes: bool = False
    ) -> Judged:
        """The findings after waivers, selection and severities; `with_notes` adds findings on the waivers themselves,
        which requires all findings."""
        waivers = Waivers(sides, terms)
        counted: list[Finding] = []
        waived: list[Finding] = []
        for finding in findings:
            if not waivers.may_waive(finding.code, finding.where.file):
                counted.append(finding)
            elif (unwaived := waivers.apply(finding)) is not None:
                counted.append(unwaived)
            else:
                waived.append(finding)
        if with_notes:
            counted += waivers.notes()
        return Judged(in_order(counted, self.selection.grade), in_order(waived, self.selection.grade))

    def _enabled_rules(self) -> Iterator[Rule]:
        """The selected rules that count in the country; all of these if unused waivers are reported, which requires
        every finding."""
        wide = any(self.selection.grade(code, "warning") for code in NOTES)
        selection = self.selection._replace(select=()) if wide else self.selection
        country = self.context.config.country
        counting = (rule for rule in self.rules.values() if rule.applies_in(country))
        return (rule for rule in counting if selection.grade(rule.code, rule.severity))

    def _without(self, broken: Rule, registry: Registry) -> Sequence[Finding]:
        """The findings of all rules but one; others that crash are left out, too."""
        rules = {code: rule for code, rule in self.rules.items() if code != broken.code}
        others = Checker(rules, self.context, self.selection)
        try:
            return others.check(registry, others.terms._replace(known=self.rules)).findings
        except RuleCrash as crash:
            return crash.findings


@dataclass(frozen=True)
class Countable:
    """A test for stored rows that need only be counted: notes without a fix that stay notes and that nothing can
    waive."""

    registry: Registry
    terms: Terms
    selection: Selection

    def __call__(self, row: StoredFinding) -> bool:
        if row.severity != "info" or row.fixable or row.rule in self._waivable or row.file in self._remarked:
            return False
        return self.selection.grade(row.rule, "info") == "info"

    @cached_property
    def _waivable(self) -> Set[str]:
        return {waiver.code for waiver in self.terms.waivers}

    @cached_property
    def _remarked(self) -> Set[str]:
        return {*self.registry.files_with_remarks()}


def _counts_none(_row: StoredFinding) -> bool:
    return False


def _restore(
    rows: Iterable[StoredFinding], is_counted: Callable[[StoredFinding], bool]
) -> tuple[Sequence[Finding], Mapping[str, int]]:
    """The findings of stored rows, and the number of rows that are only counted, by code."""
    findings = []
    notes: Counter[str] = Counter()
    for row in rows:
        if is_counted(row):
            notes[row.rule] += 1
        else:
            findings.append(finding_of(json.loads(row.value)))
    return findings, notes


class CheckedSide(NamedTuple):
    """One state, its checker (with the same rules, settings and reference date on both sides, but its own history), and
    its waivers."""

    registry: Registry
    checker: Checker
    terms: Terms


@dataclass(frozen=True)
class ChangeCheck:
    """The findings of a change on both sides and between them, each computed on demand. `noted`: other records to check
    on both sides, with all that waivers need, for `found_before` and `found_after`; both then have the same frame."""

    before: CheckedSide
    after: CheckedSide
    changed: Sequence[RecordId]
    files: Set[str] = frozenset()
    noted: Collection[RecordId] | None = None

    @property
    def introduced(self) -> list[Finding]:
        """The findings that the change introduces, in order: the same as the difference of two full runs. On the side
        before, only candidates among those after are computed."""
        after = self.found_after.findings
        return without(after, self._of(self.before, among=after).findings) if after else []

    @property
    def fixed(self) -> list[Finding]:
        """The findings that the change removes, in order."""
        return without(self.found_before.findings, self.found_after.findings) if self.found_before.findings else []

    def of_change(self, terms: Terms | None = None) -> Judged:
        """The findings of change rules."""
        before, after = self.before.registry, self.after.registry
        findings = self.after.checker.run.of_change(before, after, _changed_records(before, after, self.changed))
        return self.after.checker.accept((after, before), findings, terms or self.after.terms)

    @cached_property
    def found_before(self) -> Judged:
        """The findings before the change, in what it touches."""
        return self._of(self.before)

    @cached_property
    def found_after(self) -> Judged:
        """The findings after the change, in what it touches."""
        return self._of(self.after)

    def _of(self, side: CheckedSide, among: Sequence[Finding] | None = None) -> Judged:
        """The findings of one side, without rules that cannot find anything else on the other side; with `among`, at
        least those that are also among these. If schemas, settings or boundaries differ, each side is checked in full,
        by its own."""
        registry, checker, with_notes = side.registry, side.checker, self.noted is not None
        if not with_notes and _frame(self.before.registry) != _frame(self.after.registry):
            context = replace(checker.context, schemas=registry.schemas, config=registry.config)
            return checker.with_context(context).check(registry)
        is_whole = with_notes or self._is_wide
        files = [file for rid in sorted({*self.changed, *(self.noted or ())}) for file in registry.files_of(rid)]
        if among is not None:
            findings = checker.run.find_again(registry, among)
        elif self._is_wide:
            findings = iter(checker.run.find(registry).findings)
        else:
            of_subjects = checker.run.of_subjects(registry, self._subjects)
            findings = chain(checker.run.of_files(registry, files), of_subjects)
        # Names that differ only by case are found by a look at all files: the one with capitals is reported here.
        names = odd_names(registry.tree.files() if is_whole else files)
        return checker.accept((registry,), (*registry.faults, *names, *findings), side.terms, with_notes=with_notes)

    @cached_property
    def _is_wide(self) -> bool:
        """Whether so many records change that checking all is faster than finding the affected ones, or records of
        other registries change, which reach unknown ones."""
        if self.before.registry.foreign_files != self.after.registry.foreign_files:
            return True
        if len(self.changed) < WIDE_FROM:
            return False
        return len(self.changed) * SHARE > max(len(side.registry.by_file) for side in (self.before, self.after))

    @cached_property
    def _subjects(self) -> Mapping[str, Sequence[RecordId]]:
        """By code, the records on which each registry rule is run."""
        rules = self.after.checker.run.rules.by_scope["registry"]
        sides = (self.before.registry, self.after.registry)
        affected = find_affected(rules, sides, changes(sides, self.changed), self.files)
        if not self.noted:
            return affected
        return {
            rule.code: sorted({*affected[rule.code], *(rid for rid in self.noted if rule.speaks_of(rid.kind))})
            for rule in rules
        }


def without(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """The findings that are not among the others."""
    there = by_identity(others)
    return [finding for same, finding in by_identity(findings).items() if same not in there]


def by_identity(findings: Iterable[Finding]) -> dict[tuple[Any, ...], Finding]:
    """Findings by identity: code, place and message, because another wrong value is another fault."""
    return {(*finding.key, finding.message.in_(SOURCE)): finding for finding in findings}


def _frame(registry: Registry) -> tuple[object, ...]:
    """Everything that decides how records are checked, besides the records."""
    outlines = registry.config.territory.boundaries
    return registry.schemas.digest, registry.config, registry.digest_of(outlines) if outlines else None


def _changed_records(
    before: Registry, after: Registry, rids: Iterable[RecordId]
) -> Iterator[tuple[Record | None, Record | None]]:
    """The records among these that were added, removed or changed; None on the side without one. If several files claim
    an id, file by file. Records that cannot be read on one side are left out."""
    pairs = [pair for rid in sorted(rids) for pair in _pair_files(rid, before, after)]
    before.load(file for file, _ in pairs if file)
    after.load(file for _, file in pairs if file)
    for old, new in pairs:
        was, is_ = before.at(old) if old else None, after.at(new) if new else None
        if (old and was is None) or (new and is_ is None) or (was and is_ and was.data == is_.data):
            continue
        yield was, is_


def _pair_files(rid: RecordId, before: Registry, after: Registry) -> Iterator[tuple[str | None, str | None]]:
    """The files of an id before and after: the same path together, the others in order."""
    olds = {place.file: place.blob for place in before.places.get(rid, ())}
    news = {place.file: place.blob for place in after.places.get(rid, ())}
    yield from ((file, file) for file in olds if file in news and not (olds[file] and olds[file] == news[file]))
    yield from zip_longest([file for file in olds if file not in news], [file for file in news if file not in olds])
