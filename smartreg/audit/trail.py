"""The audit: the history from a base on, commit by commit, oldest first, in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from smartreg.audit.clashes import settles_clash
from smartreg.audit.clocks import Clocks
from smartreg.audit.judging import Deed, judged
from smartreg.audit.making import MANUAL, asks_for_signature, badly_signed, made, unchanged
from smartreg.audit.standing import incomplete
from smartreg.audit.states import State, States
from smartreg.beside import beside
from smartreg.findings import SEVERITIES, Finding
from smartreg.frozen import dataclass, replace
from smartreg.gitio import OP, REGISTRY_PATHS, Commit, Repo
from smartreg.gitio.signatures import Signature, verify
from smartreg.history import REGULAR
from smartreg.trees import SETTINGS

AHEAD = 512  # commits whose texts are read at once
COST = 30  # judging a commit takes as long as judging so many records


@dataclass(frozen=True, slots=True)
class Trace:
    """What is found in one commit; whether records were changed by hand in it, whatever the settings think of that."""

    commit: Commit
    findings: tuple[Finding, ...]
    by_hand: bool = False


@dataclass(frozen=True)
class Audited:
    """What an audit looked at and found. `base`: the commit that it begins after, None for the root; `seal`: the seal
    that is at it. `commits`: how many there are from there to `head`, `touching`: how many of them changed the
    registry, `manual` and `signed`: how many of these by hand, and with a signature (verified only where one is asked
    for). `traces`: those with findings, newest first; `general`: what is found in the repository as a whole."""

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
        """How many errors, warnings and notes."""
        errors, warnings, infos = (sum(found.severity == word for found in self.findings) for word in SEVERITIES)
        return errors, warnings, infos


def audited(repo: Repo, head: str, base: str | None, sealed: Sequence[str] = ()) -> Audited:
    """Walk from `base` (the root, when None) to `head`, on two cores where that pays. `sealed`: the commits that are
    sealed. StateFault when objects are not here."""
    exclude = (base,) if base else ()
    parents = repo.parents(head, exclude)
    commits = {commit.oid: commit for commit in repo.history(REGISTRY_PATHS, start=head, exclude=exclude)}
    clocks = Clocks.of(repo.stamps(head))
    others = (*repo.mentioning(OP, head, exclude), *(oid for oid in parents if clocks.are_odd(oid)))
    idle = {oid: repo.commit_info(oid) for oid in others if oid not in commits}
    listed = [found for oid in reversed(parents) if (found := commits.get(oid) or idle.get(oid))]

    def walk(part: Sequence[Commit]) -> list[Trace]:
        traces = _Walk(repo, commits, parents, clocks, (base, sealed)).traces(part)
        return [trace for trace in traces if trace.findings or trace.by_hand]

    half = len(listed) // 2
    older, newer = beside(len(listed) * COST, lambda: walk(listed[:half]), lambda: walk(listed[half:]))
    traces = [*older, *newer]
    cut = repo.cut_at() & parents.keys()
    return Audited(
        head=head,
        base=base,
        seal=None,
        commits=len(parents),
        touching=len(commits),
        manual=sum(trace.by_hand for trace in traces),
        signed=sum(commit.signed for commit in commits.values()),
        traces=tuple(trace for trace in reversed(traces) if trace.findings),
        general=(incomplete(),) if cut else (),
    )


class _Walk:
    """The way through the commits, each after its parents."""

    def __init__(
        self,
        repo: Repo,
        commits: Mapping[str, Commit],
        parents: Mapping[str, Sequence[str]],
        clocks: Clocks,
        ends: tuple[str | None, Sequence[str]],
    ) -> None:
        base, self._sealed = ends
        self._fixed = (*self._sealed, *([base] if base else []))
        self._commits, self._clocks = commits, clocks
        self._repo = repo
        self._cut = repo.cut_at()
        self._states = States(repo, commits, parents)
        self._claims: dict[str, Deed] = {}  # those whose signature has to be good

    def traces(self, commits: Sequence[Commit]) -> list[Trace]:
        """What is found in each commit. Signatures are verified together, where they are asked for."""
        found: list[Trace] = []
        coming = iter(commits)
        while batch := list(islice(coming, AHEAD)):
            self._states.texts.ahead(_texts(batch))
            found += [self._of(commit) for commit in batch]
        signatures = verify(self._repo.git, list(self._claims))
        return [self._with_signature(trace, signatures.get(trace.commit.oid)) for trace in found]

    def _of(self, commit: Commit) -> Trace:
        if commit.oid in self._cut:  # where the history was cut, everything seems new
            self._states.after(replace(commit, parents=()))
            return Trace(commit, ())
        if commit.oid not in self._commits:  # it says what it did, and did nothing to the registry
            state = self._states.before(commit)
            known = state.registry if state is not None else None
            found = list(unchanged(commit, (), known)) if known is not None else []
            return Trace(commit, tuple(_graded(state, [*self._clocks.check(commit.oid, known), *found])))
        deed = Deed(commit, self._states.before(commit), self._states.after(commit))
        day, grading = self._clocks.days.get(commit.oid, commit.committed.date()), _grading(deed)
        if commit.signed and asks_for_signature(deed, day):
            self._claims[commit.oid] = deed
        found = [*self._clocks.check(commit.oid, grading.registry), *made(deed, self._states, day)]
        by_hand = any(finding.code == MANUAL for finding in found)
        did = judged(deed, day, self._states, self._undone, self._settles)
        return Trace(commit, (*_graded(grading, found), *did), by_hand)

    def _undone(self, oid: str, by: str) -> Commit | None:
        """The commit that `by` takes back: one of this history that was not sealed in between."""
        held = self._repo.is_ancestor
        if oid not in self._commits or any(held(oid, seal) and held(seal, by) for seal in self._sealed):
            return None
        return self._commits[oid]

    def _settles(self, deed: Deed) -> bool:
        return settles_clash(self._repo, deed, self._fixed)

    def _with_signature(self, trace: Trace, signature: Signature | None) -> Trace:
        fault = badly_signed(trace.commit, signature) if signature else None
        graded = _graded(_grading(self._claims[trace.commit.oid]), [fault]) if fault else ()
        return replace(trace, findings=(*graded, *trace.findings))


def _grading(deed: Deed) -> State:
    """The state by whose settings the making of a commit is graded: the one before it, where that can be used."""
    return deed.before if deed.before is not None and deed.before.checker is not None else deed.after


def _graded(state: State | None, found: Sequence[Finding]) -> Sequence[Finding]:
    return list(state.checker.graded(found)) if state is not None and state.checker is not None else found


def _texts(commits: Sequence[Commit]) -> Iterator[str]:
    """The blobs that judging these commits needs: records, schemas, settings; not annexes."""
    for commit in commits:
        for change in commit.changes:
            wanted = change.path.endswith((".yaml", ".yml", ".json", SETTINGS)) and change.mode_after in REGULAR
            if wanted and change.after is not None:
                yield change.after
