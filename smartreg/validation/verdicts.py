"""Incremental checks: the same findings as a full run, at the cost of what changed since an earlier run.

The index stores the findings before waivers, selection and severities, and says which files have changed since.
Findings of changed records, and of those that they reach (`domain/reach.py`), are dropped and computed again; on
another day, also those of `dated` rules; after a change of a setting that rules read, all. Waivers and file names are
checked in full each time. Stored findings are plain rows: notes that are only counted never become findings.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import NamedTuple

from smartreg.core.findings import Finding, row_of
from smartreg.core.values import Record, RecordId
from smartreg.index import StoredFinding, load_findings, question, store_findings
from smartreg.registry import Registry, record_at
from smartreg.rules import Rule, forget
from smartreg.trees import RECORD_ENDS, File, Forgotten, IndexedFiles, RememberedTree, WorkingTree
from smartreg.validation.affected import Sides, changes, digest_of_settings, find_affected
from smartreg.validation.rule_run import RuleFindings, RuleRun, RuleSet

SHARE = 8
"""One changed record in this many: from there on, checking all records is quicker."""


class Checked(NamedTuple):
    """The input of stored findings besides files. `frame`: digest of what all of them depend on; `days`: of records
    in the history, where a rule asked."""

    frame: str
    on: str
    days: list[tuple[str, str, str | None]]

    def encode(self) -> str:
        """As JSON for the index."""
        return json.dumps(self, separators=(",", ":"), sort_keys=True)

    def days_by_record(self) -> dict[RecordId, date | None]:
        """The days in the history, by record."""
        return {RecordId(kind, id): date.fromisoformat(day) if day else None for kind, id, day in self.days}


class _KnownFindings(NamedTuple):
    """Findings as they are stored; the days that the history gave for records when a rule asked."""

    rows: Sequence[StoredFinding]
    days: Mapping[RecordId, date | None]


class _Change(NamedTuple):
    """A change since an earlier run: files of records, each with its former state, and other files; and records
    whose day in the history changed."""

    records: Mapping[str, str]
    others: Set[str]
    dated: Set[RecordId]


def refresh_findings(run: RuleRun, registry: Registry) -> Sequence[StoredFinding] | None:
    """The findings stored by an earlier run, brought up to date at the cost of what has changed, and stored again; None
    if a full run is needed. RuleCrash if a rule crashes."""
    frame, base = _frame(run, registry), _described(registry)
    stored = load_findings(base.state) if frame is not None and base is not None and base.compare_sizes() else None
    then = Checked(*json.loads(stored[0])) if stored is not None else None
    if frame is None or base is None or stored is None or then is None or then.frame != frame:
        return None
    scopes, is_another_day = run.rules.by_scope, then.on != run.context.on.isoformat()
    stored_rules = (*scopes["schema"], *scopes["record"], *scopes["registry"])
    again = [rule for rule in stored_rules if rule.dated and is_another_day]
    change = _change(run, registry, base, then)
    if change is None or any(rule.claims or rule.scope == "schema" for rule in again):
        return None
    known = _KnownFindings(stored[1], then.days_by_record())
    files: set[str] = set()
    if again:
        known, files = _run_again(run, registry, known, again)
    try:
        if any(change):
            known, touched_files = _after_change(run, registry, known, change)
            files |= touched_files
    except Forgotten:
        return None
    note = _note(run, registry, frame, known.days)
    if any(change) or note != stored[0]:
        rows = _by_file(row for row in known.rows if row.file in files)
        store_findings(base.state, note, rows, _unsettled(registry, change.records), files)
    return known.rows


def store_run(run: RuleRun, registry: Registry, found: RuleFindings) -> None:
    """Store the findings of a full run for `refresh_findings`."""
    frame, base = _frame(run, registry), _described(registry)
    if frame is None or base is None or not base.compare_sizes():
        return
    # What was computed for the rules makes room for what is stored.
    forget(registry)
    registry.forget_lookups()
    note = _note(run, registry, frame, found.days)
    store_findings(base.state, note, _by_file(map(_plain, found.findings)), _unsettled(registry, registry.by_file))


def _described(registry: Registry) -> IndexedFiles | None:
    """The files of the registry, if it is the one that the index describes."""
    files = registry.tree.files()
    return files if isinstance(files, IndexedFiles) and isinstance(registry.tree, WorkingTree) else None


def _note(run: RuleRun, registry: Registry, frame: str, days: Mapping[RecordId, date | None]) -> str:
    dated = [(rid.kind, rid.id, day.isoformat() if day else None) for rid, day in sorted(days.items())]
    return Checked(frame, run.context.on.isoformat(), dated).encode()


def _unsettled(registry: Registry, files: Iterable[str]) -> list[str]:
    """The files that did not hold, when they were read, what they held when they were listed."""
    return [file for file in files if not registry.is_as_listed(file)]


def _frame(run: RuleRun, registry: Registry) -> str | None:
    """A digest of what all findings depend on besides records, other files and the day; None if that is unknown: with
    rules of plug-ins, and for the check of a write or a change."""
    context, config = run.context, registry.config
    alien = context.config is not config or context.schemas is not registry.schemas
    if alien or config.plugins or context.corrected or context.entered or registry.frame.index.in_memory:
        return None
    settings = digest_of_settings(registry)
    return question(registry.schemas.digest, settings, registry.tree.object_format, run.rules.codes)


def _change(run: RuleRun, registry: Registry, base: IndexedFiles, then: Checked) -> _Change | None:
    """The change since then; None if it is too large."""
    records: dict[str, str] = {}
    others: set[str] = set()
    for file, _, checked in base.state.stale("checked"):
        if record_at(file, registry.schemas) is None:
            others.add(file)
        else:
            records[file] = checked or ""
    days = then.days_by_record()
    dated = {rid for rid, day in days.items() if run.context.last_touched(Record(rid, "", {}, "")) != day}
    if (len(records) + len(dated)) * SHARE > len(registry.by_file):
        return None
    return _Change(records, others, dated)


def _run_again(
    run: RuleRun, registry: Registry, known: _KnownFindings, rules: Sequence[Rule]
) -> tuple[_KnownFindings, set[str]]:
    """The same findings, with those of these rules computed anew; the files of their old and new findings."""
    codes = {rule.code for rule in rules}
    anew = RuleRun(RuleSet(tuple(rules)), run.context).find(registry)
    now = [_plain(finding) for finding in anew.findings if finding.code in codes]
    then = [row for row in known.rows if row.rule in codes]
    kept = [row for row in known.rows if row.rule not in codes]
    return _KnownFindings([*kept, *now], {**known.days, **anew.days}), {row.file for row in (*then, *now)}


def _after_change(
    run: RuleRun, registry: Registry, known: _KnownFindings, change: _Change
) -> tuple[_KnownFindings, set[str]]:
    """The findings after a change, and the files whose findings may differ. Forgotten if the index has lost the former
    text of a changed record."""
    were = {file: File(file, state.partition(":")[0]) if state else None for file, state in change.records.items()}
    tree = RememberedTree(registry.tree, {**dict.fromkeys(change.others), **were})
    before = registry.with_changes(tree, change.records)
    sides = (before, registry)
    rids = sorted({*_of_files(sides, change.records), *change.dated})
    rules = {rule.code: rule for rule in run.rules.by_scope["registry"]}
    together = [row for row in known.rows if row.rule in rules]
    reached = find_affected(rules.values(), sides, changes(sides, rids), change.others)
    subjects = _with_advice(rules, together, registry, reached)
    anew = {file for side in sides for rid in rids for file in side.files_of(rid)}
    stale = {
        code: {file for side in sides for rid in some for file in side.files_of(rid)} for code, some in subjects.items()
    }
    run, days = run.record_days()
    fresh = [
        *map(_plain, run.of_files(registry, sorted(file for file in anew if file in registry.by_file))),
        *map(_plain, run.of_subjects(registry, subjects)),
    ]
    kept = [
        *(row for row in known.rows if row.rule not in rules and row.file not in anew),
        *_drop_stale(together, stale),
    ]
    files = {*anew, *change.records, *change.others, *(row.file for row in fresh)}.union(*stale.values())
    files |= {row.file for row in together if _is_of_the_whole(row)}
    days = {**{rid: day for rid, day in known.days.items() if rid in registry}, **days}
    return _KnownFindings([*kept, *fresh], days), files


def _with_advice(
    rules: Mapping[str, Rule],
    together: Sequence[StoredFinding],
    registry: Registry,
    subjects: Mapping[str, Sequence[RecordId]],
) -> Mapping[str, Sequence[RecordId]]:
    """The reached subjects; those with findings of rules that advise; and all subjects of a rule that reaches some and
    found something in the registry as a whole."""
    more = {code: set(rids) for code, rids in subjects.items()}
    advising = {code for code, rule in rules.items() if rule.advises}
    for row in together:
        code, file = row.rule, row.file
        if _is_of_the_whole(row):
            if subjects[code]:
                kinds = rules[code].kinds or registry.schemas.kinds
                more[code].update(RecordId(kind, id) for kind in kinds for id in registry.ids(kind))
        elif code in advising and file in registry.by_file:
            more[code].add(registry.by_file[file])
    return {code: sorted(rids) for code, rids in more.items()}


def _drop_stale(together: Iterable[StoredFinding], stale: Mapping[str, Set[str]]) -> Iterator[StoredFinding]:
    """The findings of rules in records that are not checked again."""
    for row in together:
        again = stale[row.rule]
        if not again or (row.file not in again and not _is_of_the_whole(row)):
            yield row


def _is_of_the_whole(row: StoredFinding) -> bool:
    """Whether the finding of a registry rule is about the registry as a whole: in no record, but in the settings,
    say."""
    return not row.file.endswith(RECORD_ENDS)


def _plain(finding: Finding) -> StoredFinding:
    """A finding as it is stored."""
    value = json.dumps(row_of(finding), separators=(",", ":"))
    return StoredFinding(finding.where.file, finding.code, finding.severity, finding.fix is not None, value)


def _of_files(sides: Sides, files: Iterable[str]) -> set[RecordId]:
    return {side.by_file[file] for side in sides for file in files if file in side.by_file}


def _by_file(rows: Iterable[StoredFinding]) -> dict[str, list[StoredFinding]]:
    by_file: defaultdict[str, list[StoredFinding]] = defaultdict(list)
    for row in rows:
        by_file[row.file].append(row)
    return dict(by_file)
