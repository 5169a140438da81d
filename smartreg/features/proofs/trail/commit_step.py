"""The effect of one commit on the registry: the errors that it introduced, and the findings of the change rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from smartreg.core.findings import Finding, in_order
from smartreg.core.messages import Message
from smartreg.core.values import Location, RecordId, short_id
from smartreg.diff import top_level_changes
from smartreg.features.proofs.trail.states import State, States, in_frame, same_frame
from smartreg.gitio import Commit
from smartreg.history import CORRECT
from smartreg.registry import Registry, record_at
from smartreg.review.frame import frame_changes, id_changed
from smartreg.rules import Corrected
from smartreg.validation.check import Checker, by_identity

ADD = "add"
UNJUDGED = "AUD906"
REVIEW = Message("review it: from here on, records are checked by it")


@dataclass(frozen=True)
class CommitStep:
    """A commit with the states before and after it."""

    commit: Commit
    before: State | None
    after: State

    @cached_property
    def records(self) -> tuple[RecordId, ...]:
        """The records whose files it changed."""
        return records_among((change.path for change in self.commit.changes), (self.before, self.after))

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The other files that it changed."""
        paths = [change.path for change in self.commit.changes]
        return tuple(path for path in paths if not records_among((path,), (self.before, self.after)))


def records_among(paths: Iterable[str], states: Collection[State | None]) -> tuple[RecordId, ...]:
    """The records in these files, by the schemas of any of the states."""
    all_schemas = [state.registry.schemas for state in states if state is not None and state.registry is not None]
    different = {schemas.digest: schemas for schemas in all_schemas}.values()
    rids = (record_at(path, schemas) for path in paths for schemas in different)
    return tuple(sorted({rid for rid in rids if rid is not None}))


def check_commit(
    step: CommitStep,
    day: date,
    states: States,
    undone: Callable[[str, str], Commit | None],
    settles: Callable[[CommitStep], bool],
) -> list[Finding]:
    """The errors that are new in the commit, and the findings of the change rules; for a merge, those that none of the
    merged sides has. `day`: that of the commit. `undone` returns the commit that another one may revert as if it had
    never existed; `settles` says whether the commit renames a record whose id another branch took."""
    after, before = step.after, step.before
    if after.unframed:  # nothing in it said what is right
        return _frame(step)
    if after.registry is None:
        broken = before is not None and before.registry is None and not any(map(in_frame, step.files))
        reported = broken and states.audits_before(step.commit)
        return [] if reported or after.fault is None else [_cannot_be_judged(step, after)]
    findings = _new(step, before, day)
    for parent in step.commit.parents[1:] if findings else ():
        findings = _also(findings, _new(step, states.of(parent), day))
    if any(finding.code.startswith("CHG") for finding in findings) and (_takes_back(step, undone) or settles(step)):
        findings = [finding for finding in findings if not finding.code.startswith("CHG")]
    return [*findings, *_frame(step)]


def _new(step: CommitStep, before: State | None, day: date) -> list[Finding]:
    """The new findings since one state that the commit started from."""
    after, checker = step.after.registry, step.after.checker
    assert after is not None
    assert checker is not None
    checker = checker.with_context(replace(checker.context, on=day))
    if before is None or before.registry is None:
        return [finding for finding in checker.check(after).findings if finding.severity == "error"]
    own = step.before is not None and before.tree is step.before.tree
    paths = {change.path for change in step.commit.changes} if own else _changed_files(before, step.after)
    rids = records_among(paths, (before, step.after))
    files = frozenset(path for path in paths if not in_frame(path)) - after.by_file.keys()
    files -= before.registry.by_file.keys()
    alike = after
    if any(map(in_frame, paths)) and same_frame(before.registry, after):
        alike = before.registry.with_changes(step.after.tree, paths)
    checker = _with_corrections(checker, step, before.registry, after, rids)
    introduced = checker.compare(before.registry, alike, rids, files).introduced
    errors = [finding for finding in introduced if finding.severity == "error"]
    of_change = checker.compare(before.registry, after, rids).of_change().findings
    return in_order([*errors, *(finding for finding in of_change if finding.severity != "info")])


def _changed_files(before: State, after: State) -> set[str]:
    """The files that differ between two states."""
    old, new = before.tree.files(), after.tree.files()
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def _with_corrections(
    checker: Checker, step: CommitStep, before: Registry, after: Registry, rids: Collection[RecordId]
) -> Checker:
    """The checker as it was when the commit was written: it knows what was corrected and entered, and that everything
    it checks was touched on that day."""
    day = checker.context.on
    context = replace(
        checker.context,
        corrected=_find_corrected(step, before, after, rids),
        entered=frozenset(rid for rid in rids if step.commit.did(ADD, str(rid))),
        last_touched=lambda _record: day,
    )
    return checker.with_context(context)


def _find_corrected(step: CommitStep, before: Registry, after: Registry, rids: Collection[RecordId]) -> Corrected:
    corrected = (rid for rid in rids if step.commit.did(CORRECT, str(rid)))
    pairs = ((rid, before.get(rid), after.get(rid)) for rid in corrected)
    return {
        (rid, name): step.commit.reason_of(CORRECT, str(rid))
        for rid, was, now in pairs
        if was is not None and now is not None
        for name in top_level_changes(was.data, now.data)
    }


def _also(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    there = by_identity(others)
    return [finding for key, finding in by_identity(findings).items() if key in there]


def _takes_back(step: CommitStep, undone: Callable[[str, str], Commit | None]) -> bool:
    """Whether the commit is the exact reverse of one that it claims to undo."""
    undone_ids = {operation.undoes for operation in step.commit.operations if operation.undoes}
    others = [other for oid in undone_ids if (other := undone(oid, step.commit.oid)) is not None]
    back = {(change.path, change.after, change.before) for change in step.commit.changes}
    return any(back == {(change.path, change.before, change.after) for change in other.changes} for other in others)


def _frame(step: CommitStep) -> list[Finding]:
    """CHG811 for the commit's changes to schemas, settings and boundaries, CHG831 for another id; nothing where a
    registry begins."""
    if step.before is None:
        return []
    states = [state.registry for state in (step.before, step.after) if state.registry is not None]
    outlines = [registry.config.territory.boundaries for registry in states]
    if not any(in_frame(path) or path in outlines for path in step.files):
        return []
    findings = frame_changes(step.before.tree, step.after.tree, outlines, REVIEW)
    if step.before.registry is not None and step.after.registry is not None:
        findings += id_changed(step.before.registry.config, step.after.registry.config)
    return in_order(findings, step.after.checker.selection.grade) if step.after.checker else findings


def _cannot_be_judged(step: CommitStep, after: State) -> Finding:
    assert after.fault is not None
    why, short = after.fault.message, short_id(step.commit.oid)
    frame = [path for path in step.files if in_frame(path)]
    return Finding(
        UNJUDGED,
        "error",
        Message("the registry of {short} cannot be checked: {why}", short=short, why=why),
        Location(frame[0] if frame else step.commit.changes[0].path),
        Message("this commit and those after it are not checked until schemas and settings are usable again"),
    )
