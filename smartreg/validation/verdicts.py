"""Incremental checks: the same findings as a full run, at the cost of what changed since an earlier run.

The index stores the findings before waivers, selection and severities, and the state of every file. Findings of changed
records, and of those that they reach (`domain/reach.py`), are dropped and computed again; on another day, also those of
`dated` rules. After a change of a setting that rules read, all are. Waivers and file names are checked in full each
time. Stored findings are plain rows: notes that are only counted never become findings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import NamedTuple, TypeAlias

from smartreg.core.findings import Row, row_of
from smartreg.core.values import Record, RecordId
from smartreg.index import StoredFindings, load_findings, load_states, question, store_findings, update_findings
from smartreg.registry import Registry
from smartreg.rules import Rule, forget
from smartreg.trees import RECORD_ENDS, File, Forgotten, RememberedTree
from smartreg.validation.affected import (
    CheckedState,
    changed_files,
    changed_records,
    changes,
    describe_state,
    differing_states,
    digest_of_settings,
    find_affected,
    other_files,
)
from smartreg.validation.rule_run import RuleFindings, RuleRun, RuleSet

SHARE = 8
"""One changed record in this many: from there on, checking all records is quicker."""

Sides: TypeAlias = tuple[Registry, Registry]
"""Before and after."""


class _KnownFindings(NamedTuple):
    """Findings as plain values; the days that the history gave for records when a rule asked."""

    rows: Sequence[Row]
    days: Mapping[RecordId, date | None]


class _Change(NamedTuple):
    """What was added, removed or changed: files of records, each with its former state, and other files; and records
    whose day in the history changed."""

    records: Mapping[str, str]
    others: Set[str]
    dated: Set[RecordId]


def refresh_findings(run: RuleRun, registry: Registry) -> Sequence[Row] | None:
    """The findings stored by an earlier run, brought up to date at the cost of what has changed, and stored again; None
    if a full run is needed. RuleCrash if a rule crashes."""
    frame, slot = _frame(run, registry), _slot(registry)
    stored = load_findings(registry.frame.index, slot) if frame is not None else None
    then = CheckedState.decode(stored.note) if stored is not None else None
    if frame is None or stored is None or then is None or then.frame != frame:
        return None
    scopes, is_another_day = run.rules.by_scope, then.on != run.context.on.isoformat()
    stored_rules = (*scopes["schema"], *scopes["record"], *scopes["registry"])
    again = [rule for rule in stored_rules if rule.dated and is_another_day]
    change = _change(run, registry, slot, stored, then)
    if change is None or any(rule.claims or rule.scope == "schema" for rule in again):
        return None
    known = _KnownFindings([row for rows in stored.rows.values() for row in rows], then.days_by_record())
    files: set[str] = set()
    if again:
        known, files = _run_again(run, registry, known, again)
    try:
        if any(change):
            known, touched_files = _after_change(run, registry, known, change)
            files |= touched_files
    except Forgotten:
        return None
    note = describe_state(registry, frame, run.context.on, known.days).encode()
    if note != stored.note:
        rows: dict[str, list[Row]] = {file: [] for file in files}
        rows |= _by_file(row for row in known.rows if row[3][0] in files)
        states = {**dict.fromkeys(change.records, ""), **registry.states(change.records)}
        update_findings(registry.frame.index, slot, stored, note, rows, states)
    return known.rows


def store_run(run: RuleRun, registry: Registry, found: RuleFindings) -> None:
    """Store the findings of a full run for `refresh_findings`."""
    frame = _frame(run, registry)
    if frame is None:
        return
    # What was computed for the rules makes room for what is stored.
    forget(registry)
    registry.forget_lookups()
    note = describe_state(registry, frame, run.context.on, found.days).encode()
    rows = _by_file(map(row_of, found.findings))
    store_findings(registry.frame.index, _slot(registry), note, rows, registry.state())


def _slot(registry: Registry) -> str:
    return f"finding: {'commit' if registry.tree.commit else 'tree'}"


def _frame(run: RuleRun, registry: Registry) -> str | None:
    """What all findings depend on besides records, other files and the day; None if that is unknown: with rules of
    plug-ins, and for the check of a write or a change."""
    context, config = run.context, registry.config
    alien = context.config is not config or context.schemas is not registry.schemas
    if alien or config.plugins or context.corrected or context.entered or registry.frame.index.in_memory:
        return None
    settings = digest_of_settings(registry)
    return question(registry.schemas.digest, settings, registry.tree.object_format, run.rules.codes)


def _change(run: RuleRun, registry: Registry, slot: str, stored: StoredFindings, then: CheckedState) -> _Change | None:
    """What changed since; None if that is unknown, or too much."""
    records = changed_records(registry, then)
    if records is None:
        states = load_states(registry.frame.index, slot, stored)
        if states is None:
            return None
        records = differing_states(states, registry.state())
    days = then.days_by_record()
    dated = {rid for rid, day in days.items() if run.context.last_touched(Record(rid, "", {}, "")) != day}
    if (len(records) + len(dated)) * SHARE > len(registry.by_file):
        return None
    return _Change(records, changed_files(then.others, other_files(registry)), dated)


def _run_again(
    run: RuleRun, registry: Registry, known: _KnownFindings, rules: Sequence[Rule]
) -> tuple[_KnownFindings, set[str]]:
    """The same findings, with those of these rules computed anew; the files of their old and new findings."""
    codes = {rule.code for rule in rules}
    anew = RuleRun(RuleSet(tuple(rules)), run.context).find(registry)
    now = [row_of(finding) for finding in anew.findings if finding.code in codes]
    then = [row for row in known.rows if row[0] in codes]
    kept = [row for row in known.rows if row[0] not in codes]
    return _KnownFindings([*kept, *now], {**known.days, **anew.days}), {row[3][0] for row in (*then, *now)}


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
    together = [row for row in known.rows if row[0] in rules]
    reached = find_affected(rules.values(), sides, changes(sides, rids), change.others)
    subjects = _with_advice(rules, together, sides, change.records.keys(), reached)
    anew = {file for side in sides for rid in rids for file in side.files_of(rid)}
    stale = {
        code: {file for side in sides for rid in some for file in side.files_of(rid)} for code, some in subjects.items()
    }
    run, days = run.record_days()
    fresh = [
        *map(row_of, run.of_files(registry, sorted(file for file in anew if file in registry.by_file))),
        *map(row_of, run.of_subjects(registry, subjects)),
    ]
    kept = [
        *(row for row in known.rows if row[0] not in rules and row[3][0] not in anew),
        *_drop_stale(together, stale),
    ]
    files = {*anew, *change.records, *(row[3][0] for row in fresh)}.union(*stale.values())
    files |= {row[3][0] for row in together if _is_of_the_whole(row)}
    days = {**{rid: day for rid, day in known.days.items() if rid in registry}, **days}
    return _KnownFindings([*kept, *fresh], days), files


def _with_advice(
    rules: Mapping[str, Rule],
    together: Sequence[Row],
    sides: Sides,
    files: Set[str],
    subjects: Mapping[str, Sequence[RecordId]],
) -> Mapping[str, Sequence[RecordId]]:
    """The touched subjects; those with findings whose advice may change or that name a changed file; and all subjects
    of a touched rule that found something in the registry as a whole."""
    registry, more = sides[1], {code: set(rids) for code, rids in subjects.items()}
    advising = {code for code, rule in rules.items() if rule.advises}
    for row in together:
        code, file = row[0], row[3][0]
        if _is_of_the_whole(row):
            if subjects[code]:
                kinds = rules[code].kinds or registry.schemas.kinds
                more[code].update(RecordId(kind, id) for kind in kinds for id in registry.ids(kind))
        elif (code in advising or any(other[0][0] in files for other in row[5])) and file in registry.by_file:
            more[code].add(registry.by_file[file])
    return {code: sorted(rids) for code, rids in more.items()}


def _drop_stale(together: Iterable[Row], stale: Mapping[str, Set[str]]) -> Iterator[Row]:
    """The findings of rules in records that are not checked again."""
    for row in together:
        again = stale[row[0]]
        if not again or (row[3][0] not in again and not _is_of_the_whole(row)):
            yield row


def _is_of_the_whole(row: Row) -> bool:
    """Whether the finding of a registry rule is about the registry as a whole: in no record, but in the settings,
    say."""
    file: str = row[3][0]
    return not file.endswith(RECORD_ENDS)


def _of_files(sides: Sides, files: Iterable[str]) -> set[RecordId]:
    return {side.by_file[file] for side in sides for file in files if file in side.by_file}


def _by_file(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[3][0]].append(row)
    return dict(found)
