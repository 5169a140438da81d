"""The audit: the history from a base on, commit by commit, oldest first, in one pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from smartreg.core.findings import SEVERITIES, Finding, in_order
from smartreg.core.parallel import run_in_parallel
from smartreg.core.progress import report_progress
from smartreg.features.proofs.trail.clashes import settles_clash
from smartreg.features.proofs.trail.clocks import Clocks
from smartreg.features.proofs.trail.commit_step import CommitStep, check_commit
from smartreg.features.proofs.trail.completeness import incomplete
from smartreg.features.proofs.trail.merges import check_merge
from smartreg.features.proofs.trail.provenance import (
    MANUAL,
    asks_for_signature,
    badly_signed,
    check_headers,
    check_making,
    check_unchanged,
)
from smartreg.features.proofs.trail.states import State, States, head_frame_for_unframed, is_sure
from smartreg.features.proofs.trail.traces import CommitFindings, StoredTraces
from smartreg.gitio import OP, Commit, Repo
from smartreg.gitio.signatures import Signature, verify
from smartreg.history import REGULAR, History
from smartreg.registry import Frame
from smartreg.review.authors.key_requirements import find_weakness
from smartreg.review.lost import MergedSide, find_lost
from smartreg.trees import SETTINGS

AHEAD = 512  # commits whose texts are read at once
COST = 30  # checking a commit takes as long as checking this many records


@dataclass(frozen=True, slots=True)
class Trace:
    """The findings of one commit, which comes without its changes; `day`: that of the commit (see `commit_days`)."""

    commit: Commit
    findings: tuple[Finding, ...]
    day: date | None


@dataclass(frozen=True)
class Audited:
    """The extent and the findings of an audit. `base`: the commit that it begins after, None for the root; `seal`: the
    seal at that commit. `commits`: the number from there to `head`, `touching`: how many of them changed the registry,
    `manual` and `signed`: how many of these were made by hand, and with a signature (verified only if required).
    `traces`: those with findings, newest first; `general`: the findings about the repository as a whole."""

    head: str
    base: str | None
    seal: str | None
    commits: int
    touching: int
    manual: int
    signed: int
    traces: tuple[Trace, ...]
    general: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.general, *(finding for trace in self.traces for finding in trace.findings))

    @property
    def counts(self) -> tuple[int, int, int]:
        """The number of errors, warnings and notes."""
        errors, warnings, infos = (sum(finding.severity == word for finding in self.findings) for word in SEVERITIES)
        return errors, warnings, infos


def audit_history(past: History, head: str, base: str | None, sealed: Sequence[str] = ()) -> Audited:
    """Walk from `base` (None: the root) to `head`, on two cores if that pays. `sealed`: the sealed commits. The
    findings of earlier audits are in the index. Raises StateFault if objects are missing."""
    repo, exclude = past.repo, (base,) if base else ()
    parents = repo.parents(head, exclude)
    touching = dict.fromkeys(repo.commit_ids(start=head, exclude=exclude))
    clocks = Clocks.of(repo.stamps(head))
    odd = {oid for oid in parents if clocks.fault_of(oid) is not None}
    merges = {oid for oid, merged in parents.items() if len(merged) > 1}
    idle = odd.union(repo.search_messages((OP,), head, exclude), merges) - touching.keys()
    listed = [oid for oid in reversed(parents) if oid in touching or oid in idle]
    head_frame = head_frame_for_unframed(repo, next(reversed(touching), None), head)
    stored = StoredTraces(past.index, clocks, touching, head_frame.digest if head_frame else "")
    findings = stored.load(listed)
    missing = past.with_changes(head, [oid for oid in listed if oid not in findings])

    def walk(part: Sequence[Commit]) -> dict[str, CommitFindings]:
        return _Walk(repo, touching, parents, clocks, (base, sealed), head_frame).check(part)

    half = len(missing) // 2
    older, newer = run_in_parallel(len(missing) * COST, lambda: walk(missing[:half]), lambda: walk(missing[half:]))
    stored.store(older | newer)
    findings |= older | newer
    commits = past.commits(head, [oid for oid, walked in findings.items() if walked.findings])
    return Audited(
        head=head,
        base=base,
        seal=None,
        commits=len(parents),
        touching=len(touching),
        manual=sum(walked.by_hand for walked in findings.values()),
        signed=sum(findings[oid].signed for oid in touching),
        traces=tuple(
            Trace(commits[oid].commit, tuple(in_order(findings[oid].findings)), clocks.days.get(oid))
            for oid in listed[::-1]
            if findings[oid].findings
        ),
        general=(incomplete(),) if repo.cut_at() & parents.keys() else (),
    )


class _Walk:
    """The walk through commits, each after its parents. `touching`: those that changed the registry."""

    def __init__(
        self,
        repo: Repo,
        touching: Collection[str],
        parents: Mapping[str, Sequence[str]],
        clocks: Clocks,
        ends: tuple[str | None, Sequence[str]],
        head_frame: Frame | None,
    ) -> None:
        base, self._sealed = ends
        self._fixed = (*self._sealed, *([base] if base else []))
        self._touching, self._clocks = touching, clocks
        self._repo = repo
        self._cut = repo.cut_at()
        self._states = States(repo, touching, parents, head_frame)
        self._claims: dict[str, CommitStep] = {}  # those whose signature must be valid
        self._beyond: set[str] = set()  # those that needed commits other than their ancestors

    def check(self, commits: Sequence[Commit]) -> dict[str, CommitFindings]:
        """The findings of each commit. Signatures are verified together, if required."""
        findings: dict[str, CommitFindings] = {}
        coming = iter(commits)
        while batch := list(islice(coming, AHEAD)):
            self._states.texts.prefetch(_texts(batch))
            findings |= {commit.oid: self._of(commit) for commit in batch}
            report_progress("commits", len(findings), len(commits))
        signatures = verify(self._repo.git, list(self._claims))
        return findings | {
            oid: self._with_signature(step, findings[oid], signature)
            for oid, step in self._claims.items()
            if (signature := signatures.get(oid)) is not None
        }

    def _of(self, commit: Commit) -> CommitFindings:
        if commit.oid in self._cut:  # where the history was cut off, everything seems new
            self._states.after(commit._replace(parents=()))
            return CommitFindings((), False, commit.signed, lasting=False)
        if commit.oid not in self._touching:  # it says what it did, but did nothing to the registry
            state = self._states.before(commit)
            registry = state.registry if state is not None else None
            findings = list(check_unchanged(commit, (), registry)) if registry is not None else []
            findings = [
                *self._clocks.check(commit.oid, registry),
                *check_headers(commit),
                *findings,
                *self._find_lost(commit, state),
                *self._check_merge(commit, state),
            ]
            lasts = is_sure((state, *map(self._states.of, commit.parents[1:])))
            lasts = lasts and not self._clocks.will_differ(commit.oid)
            return CommitFindings(tuple(_grade(state, findings)), False, commit.signed, lasts)
        step = CommitStep(commit, self._states.before(commit), self._states.after(commit))
        day, grading = self._clocks.day_of(commit), _grading_state(step)
        if commit.signed and asks_for_signature(step, day):
            self._claims[commit.oid] = step
        findings = [
            *self._clocks.check(commit.oid, grading.registry),
            *check_headers(commit),
            *check_making(step, self._states, day),
            *self._find_lost(commit, step.after),
            *self._check_merge(commit, step.before),
        ]
        by_hand = any(finding.code == MANUAL for finding in findings)
        did = check_commit(step, day, self._states, self._undone, self._settles)
        return CommitFindings((*_grade(grading, findings), *did), by_hand, commit.signed, self._lasts(step))

    def _find_lost(self, commit: Commit, after: State | None) -> Iterator[Finding]:
        """AUD915 for a merge."""
        if len(commit.parents) < 2 or after is None or after.registry is None:
            return
        states = [(oid, self._states.of(oid)) for oid in commit.parents]
        sides = [
            MergedSide(oid, state.registry) for oid, state in states if state is not None and state.registry is not None
        ]
        if len(sides) > 1:
            yield from find_lost(self._repo, sides, [after.registry])

    def _check_merge(self, commit: Commit, before: State | None) -> Iterator[Finding]:
        """AUD926 for a merge."""
        if len(commit.parents) > 1 and before is not None and before.registry is not None:
            yield from check_merge(self._repo, commit, before.registry, self._clocks.day_of(commit))

    def _lasts(self, step: CommitStep) -> bool:
        """Whether every audit finds the same in this commit, which was just checked."""
        oid, merged = step.commit.oid, step.commit.parents[1:]
        if oid in self._claims or oid in self._beyond or self._clocks.will_differ(oid):
            return False
        before = (step.before,) if step.commit.parents else ()
        return is_sure((*before, step.after, *map(self._states.of, merged)))

    def _undone(self, oid: str, by: str) -> Commit | None:
        """The commit that `by` reverts: one of this history that was not sealed in between."""
        self._beyond.add(by)
        held = self._repo.is_ancestor
        if oid not in self._touching or any(held(oid, seal) and held(seal, by) for seal in self._sealed):
            return None
        return next(self._repo.commits((oid,)))

    def _settles(self, step: CommitStep) -> bool:
        self._beyond.add(step.commit.oid)
        return settles_clash(self._repo, step, self._fixed)

    def _with_signature(self, step: CommitStep, found: CommitFindings, signature: Signature) -> CommitFindings:
        settings, day = _grading_state(step), self._clocks.day_of(step.commit)
        weakness = find_weakness(signature, settings.registry.config.keys, day) if settings.registry else None
        fault = badly_signed(step.commit, signature, weakness)
        graded = _grade(_grading_state(step), [fault]) if fault else ()
        return found._replace(findings=(*graded, *found.findings))


def _grading_state(step: CommitStep) -> State:
    """The state whose settings grade how a commit was made: the one before it, if usable."""
    return step.before if step.before is not None and step.before.checker is not None else step.after


def _grade(state: State | None, found: Sequence[Finding]) -> Sequence[Finding]:
    checker = state.checker if state is not None else None
    return in_order(found, checker.selection.grade) if checker is not None else found


def _texts(commits: Sequence[Commit]) -> Iterator[str]:
    """The blobs needed to check these commits: records, schemas, settings; not annexes."""
    for commit in commits:
        for change in commit.changes:
            is_read = change.path.endswith((".yaml", ".yml", ".json", SETTINGS)) and change.mode_after in REGULAR
            if is_read and change.after is not None:
                yield change.after
