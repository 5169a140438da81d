"""What one commit did to the registry: the errors that it introduced, and the findings of the change rules. AUD910:
commits dated before a parent, or in the future. The findings of earlier audits are stored in the index by commit and
day. A trace is stored only if it depends on nothing but the commit and its ancestors: not on other commits (seals,
undone commits, id clashes), keys, or plug-in rules. The day is the latest among the commit and its ancestors, by which
signatures are required.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from smartreg.core.findings import Finding, finding_of, in_order, row_of
from smartreg.core.values import Location, RecordId, Words, short_id
from smartreg.diff import top_level_changes
from smartreg.gitio import Commit, Stamp, commit_days, now
from smartreg.history import CORRECT
from smartreg.history.audit.states import State, States, in_frame, same_frame
from smartreg.index import Index, load_answers, question, store_answers
from smartreg.registry import Registry, record_at
from smartreg.review.baseline import frame_changes
from smartreg.rules import Corrected
from smartreg.schema.settings import Audit
from smartreg.validation.check import Checker, by_identity

ADD = "add"
UNJUDGED = "AUD906"
REVIEW = Words("review it: from here on, records are checked by it", "à relire : dès ici, le contrôle en dépend")


@dataclass(frozen=True)
class Deed:
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
    known = [state.registry.schemas for state in states if state is not None and state.registry is not None]
    different = {schemas.digest: schemas for schemas in known}.values()
    found = (record_at(path, schemas) for path in paths for schemas in different)
    return tuple(sorted({rid for rid in found if rid is not None}))


def check_commit(
    deed: Deed,
    day: date,
    states: States,
    undone: Callable[[str, str], Commit | None],
    settles: Callable[[Deed], bool],
) -> list[Finding]:
    """The errors that are new in the commit, and the findings of the change rules; for a merge, those that none of the
    merged sides has. `day`: that of the commit. `undone` returns the commit that another one may revert as if it had
    never existed; `settles` says whether the commit renames a record whose id another branch took."""
    after, before = deed.after, deed.before
    if after.lent:  # nothing in it said what is right
        return _frame(deed)
    if after.registry is None:
        broken = before is not None and before.registry is None and not any(map(in_frame, deed.files))
        reported = broken and states.tells_before(deed.commit)
        return [] if reported or after.fault is None else [_cannot_be_judged(deed, after)]
    found = _new(deed, before, day)
    for parent in deed.commit.parents[1:] if found else ():
        found = _also(found, _new(deed, states.of(parent), day))
    if any(finding.code.startswith("CHG") for finding in found) and (_takes_back(deed, undone) or settles(deed)):
        found = [finding for finding in found if not finding.code.startswith("CHG")]
    return [*found, *_frame(deed)]


def _new(deed: Deed, before: State | None, day: date) -> list[Finding]:
    """The new findings since one state that the commit started from."""
    after, checker = deed.after.registry, deed.after.checker
    assert after is not None
    assert checker is not None
    checker = checker.with_context(replace(checker.context, on=day))
    if before is None or before.registry is None:
        return [finding for finding in checker.check(after).findings if finding.severity == "error"]
    own = deed.before is not None and before.tree is deed.before.tree
    paths = {change.path for change in deed.commit.changes} if own else _changed_files(before, deed.after)
    rids = records_among(paths, (before, deed.after))
    files = frozenset(path for path in paths if not in_frame(path)) - after.by_file.keys()
    files -= before.registry.by_file.keys()
    alike = after
    if any(map(in_frame, paths)) and same_frame(before.registry, after):
        alike = before.registry.with_changes(deed.after.tree, paths)
    checker = _with_corrections(checker, deed, before.registry, after, rids)
    found = checker.compare(before.registry, alike, rids, files).introduced
    errors = [finding for finding in found if finding.severity == "error"]
    said = checker.compare(before.registry, after, rids).of_change().findings
    return in_order([*errors, *(finding for finding in said if finding.severity != "info")])


def _changed_files(before: State, after: State) -> set[str]:
    """The files that differ between two states."""
    old, new = before.tree.files(), after.tree.files()
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def _with_corrections(
    checker: Checker, deed: Deed, before: Registry, after: Registry, rids: Collection[RecordId]
) -> Checker:
    """The checker as it was when the commit was written: it knows what was corrected and entered, and that everything
    it checks was touched on that day."""
    day = checker.context.on
    context = replace(
        checker.context,
        corrected=_find_corrected(deed, before, after, rids),
        entered=frozenset(rid for rid in rids if deed.commit.did(ADD, str(rid))),
        last_touched=lambda _record: day,
    )
    return checker.with_context(context)


def _find_corrected(deed: Deed, before: Registry, after: Registry, rids: Collection[RecordId]) -> Corrected:
    said = (rid for rid in rids if deed.commit.did(CORRECT, str(rid)))
    pairs = ((rid, before.get(rid), after.get(rid)) for rid in said)
    return {
        (rid, name): deed.commit.reason_of(CORRECT, str(rid))
        for rid, was, now in pairs
        if was is not None and now is not None
        for name in top_level_changes(was.data, now.data)
    }


def _also(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    there = by_identity(others)
    return [finding for key, finding in by_identity(findings).items() if key in there]


def _takes_back(deed: Deed, undone: Callable[[str, str], Commit | None]) -> bool:
    """Whether the commit is the exact reverse of one that it claims to undo."""
    named = {operation.undoes for operation in deed.commit.operations if operation.undoes}
    others = [other for oid in named if (other := undone(oid, deed.commit.oid)) is not None]
    back = {(change.path, change.after, change.before) for change in deed.commit.changes}
    return any(back == {(change.path, change.before, change.after) for change in other.changes} for other in others)


def _frame(deed: Deed) -> list[Finding]:
    """CHG811 for the commit's changes to schemas, settings and boundaries; nothing where a registry begins."""
    if deed.before is None:
        return []
    states = [state.registry for state in (deed.before, deed.after) if state.registry is not None]
    outlines = [registry.config.territory.boundaries for registry in states]
    if not any(in_frame(path) or path in outlines for path in deed.files):
        return []
    found = frame_changes(deed.before.tree, deed.after.tree, outlines, REVIEW)
    return in_order(found, deed.after.checker.selection.grade) if deed.after.checker else found


def _cannot_be_judged(deed: Deed, after: State) -> Finding:
    assert after.fault is not None
    why, short = after.fault.message, short_id(deed.commit.oid)
    frame = [path for path in deed.files if in_frame(path)]
    return Finding(
        UNJUDGED,
        "error",
        Words(
            f"the registry of {short} cannot be checked: {why.en}", f"registre de {short} non contrôlable : {why.fr}"
        ),
        Location(frame[0] if frame else deed.commit.changes[0].path),
        Words(
            "nothing is said of this commit and those after it until schemas and settings can be used again",
            "rien n'est dit de ce commit ni des suivants avant que schémas et réglages soient de nouveau utilisables",
        ),
    )


MISDATED = "AUD910"


@dataclass(frozen=True)
class Clocks:
    """The committer dates of a whole history, the day of each commit, the time of the audit, and for each commit the
    latest date among its ancestors that is not after that time, with the ancestor."""

    stamps: Mapping[str, Stamp]
    days: Mapping[str, date]
    now: datetime
    earlier: Mapping[str, tuple[datetime, str]]

    @staticmethod
    def of(stamps: Mapping[str, Stamp]) -> Clocks:
        moment = now()
        earlier: dict[str, tuple[datetime, str]] = {}
        latest: dict[str, tuple[datetime, str]] = {}  # with the commit itself
        for oid in reversed(list(stamps)):
            parents, committed = stamps[oid]
            if known := [latest[parent] for parent in parents if parent in latest]:
                earlier[oid] = latest[oid] = max(known)
            if committed is not None and committed <= moment:
                latest[oid] = max(latest.get(oid, (committed, oid)), (committed, oid))
        return Clocks(stamps, commit_days(stamps, moment), moment, earlier)

    def day_of(self, commit: Commit) -> date:
        """The day by which a commit is judged: if neither it nor an ancestor has a date that counts, its own however
        odd, else that of the audit."""
        return self.days.get(commit.oid) or (commit.committed or self.now).date()

    def are_odd(self, oid: str) -> bool:
        """Whether the commit is dated in the future or before an ancestor, by however little."""
        return self._fault(oid, timedelta(0)) is not None

    def check(self, oid: str, registry: Registry | None) -> Iterator[Finding]:
        """AUD910 for a commit whose date deviates more than the settings of `registry` allow."""
        settings = registry.config.audit if registry is not None else Audit()
        fault = self._fault(oid, timedelta(minutes=settings.clock_tolerance))
        if fault is not None and self.stamps[oid].committed is not None:  # else AUD916
            yield Finding(MISDATED, "warning", fault, Location(""), self._hint(oid))

    def _fault(self, oid: str, tolerance: timedelta) -> Words | None:
        """What is wrong with the date of the commit. Every ancestor counts, so that no date in the future, and no other
        one set back, hides one. An ancestor dated in the future is only reported itself, unless nothing else tells when
        the commit was made."""
        own = self.stamps[oid].committed
        if own is None:
            return Words("its date cannot be read", "sa date est illisible")
        if own - self.now > tolerance:
            return Words(f"dated {own:%Y-%m-%d %H:%M}, after now", f"daté du {own:%Y-%m-%d %H:%M}, dans le futur")
        parents = self.stamps[oid].parents
        dated = [(when, one) for one in parents if one in self.stamps and (when := self.stamps[one].committed)]
        before, which = self.earlier.get(oid) or max(dated, default=(own, oid))
        if before - own <= tolerance:
            return None
        en, fr = ("its parent", "son parent") if which in parents else ("its ancestor", "son ancêtre")
        return Words(
            f"dated {own:%Y-%m-%d %H:%M}, before {en} {short_id(which)} of {before:%Y-%m-%d %H:%M}",
            f"daté du {own:%Y-%m-%d %H:%M}, avant {fr} {short_id(which)} du {before:%Y-%m-%d %H:%M}",
        )

    def _hint(self, oid: str) -> Words:
        look = Words("correct the clock of the machine", "réglez l'horloge de la machine")
        day = self.days.get(oid)
        if day is None:
            return look
        return Words(
            f"{look.en}; --at counts this commit from {day} on",
            f"{look.fr} ; --at compte ce commit à partir du {day}",
        )


class CommitFindings(NamedTuple):
    """The findings of one commit, whether records were changed by hand in it, and whether it is signed. `lasting`:
    every audit of a history with this commit finds the same."""

    findings: tuple[Finding, ...]
    by_hand: bool
    signed: bool
    lasting: bool = True


@dataclass(frozen=True)
class StoredTraces:
    """The stored findings of the commits that an audit lists, each by its day; `touching`: those that changed the
    registry; `lent`: identifies the schemas with which the oldest ones are read."""

    index: Index
    days: Mapping[str, date]
    touching: Collection[str]
    lent: str = ""

    def load(self, listed: Collection[str]) -> dict[str, CommitFindings]:
        """The stored findings, by commit id."""
        names = {oid: self._name(oid) for oid in listed}
        values = load_answers(self.index, names.values())
        found = {}
        for oid, name in names.items():
            if name in values:
                rows, by_hand, signed = values[name]
                found[oid] = CommitFindings(tuple(map(finding_of, rows)), by_hand, signed)
        return found

    def store(self, found: Mapping[str, CommitFindings]) -> None:
        """Store lasting findings, by commit id."""
        lasting = ((oid, one) for oid, one in found.items() if one.lasting)
        values = {self._name(oid): ([*map(row_of, one.findings)], one.by_hand, one.signed) for oid, one in lasting}
        store_answers(self.index, values)

    def _name(self, oid: str) -> str:
        return question("trace", oid, self.days.get(oid, date.min).isoformat(), oid in self.touching, self.lent)


def is_sure(states: Iterable[State | None]) -> bool:
    """Whether these states are the same for every audit: usable, non-empty registries, for which it does not matter
    where the audit begins, checked by smartreg's own rules alone."""
    return all(
        state is not None and state.registry is not None and state.tree.files() and not state.registry.config.plugins
        for state in states
    )
