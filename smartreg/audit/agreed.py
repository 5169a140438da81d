"""Whether the history holds the agreement of each party to what binds it: AUD911, AUD912.

The main line is followed, the first parents of HEAD. What a commit or merge there changes of a convention or of who may
write is agreed to by signed commits that came in with it or, where a branch was merged without a merge commit, by later
ones. Ownership is left to the gate: looking for it would read every text of the history again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from smartreg.authors import Agreement, Change, Writers, agreement, doings
from smartreg.binding import steps_text
from smartreg.errors import UsageFault
from smartreg.findings import Finding
from smartreg.frozen import dataclass
from smartreg.gitio import RECORD, REGISTRY_PATHS, Commit, FileChange, Repo
from smartreg.history import REGULAR
from smartreg.registry import Registry, record_at
from smartreg.rules._binding import bonds, has_writers, terms
from smartreg.rules._conventions import KIND as CONVENTION
from smartreg.trees import READ_LIMIT, MemoryTree
from smartreg.values import RecordId, Words, short_id
from smartreg.yamlio import read

MISSING, DECIDED = "AUD911", "AUD912"
_NEEDED = ("party", CONVENTION, "deliberation")
Opened = Callable[[MemoryTree], Registry]


def unagreed(repo: Repo, head: str, base: str | None, opened: Opened) -> Iterator[Finding]:
    """What is to say of the agreements between `base` (the root, when None) and `head`. `opened` makes the registry of
    some files. UsageFault when the settings and schemas of `head` cannot be used."""
    return _Line(repo, head, base, opened).findings()


@dataclass(frozen=True)
class _Line:
    """The main line, from its oldest commit on."""

    repo: Repo
    head: str
    base: str | None
    opened: Opened

    @cached_property
    def now(self) -> Registry:
        """A registry without records: the settings and schemas of the head."""
        return self.opened(self._tree(self.head, ()))

    def findings(self) -> Iterator[Finding]:
        for rid, steps in self._changing().items():
            start: str | None = None
            last: tuple[Commit, Agreement] | None = None
            for commit in steps:
                found = self._agreement(start or commit.parents[0], commit, rid)
                if found is not None and found.missing:
                    start, last = start or commit.parents[0], (commit, found)
                    continue
                start, last = None, None
                yield from _decided(commit, found) if found is not None else ()
            if last is not None:
                yield _missing(*last)

    def _changing(self) -> Mapping[RecordId, list[Commit]]:
        """The commits of the main line that change what binds, by record, the oldest first."""
        found = [commit for commit in map(self.repo.commit_info, self._touching()) if commit.parents]
        blobs = {blob for one in found for change in one.changes for blob in self._states(change) if blob}
        texts = dict(self.repo.blobs(sorted(blobs), READ_LIMIT))
        steps: dict[RecordId, list[Commit]] = {}
        for commit in found:
            for change in commit.changes:
                rid = record_at(change.path, self.now.schemas)
                said = [(read(texts[blob], change.path).data or {}) if blob else {} for blob in self._states(change)]
                if rid is not None and len({terms(self.now, rid.kind, data) for data in said}) > 1:
                    steps.setdefault(rid, []).append(commit)
        return steps

    def _touching(self) -> list[str]:
        """The commits of the main line that touch conventions and parties, the oldest first."""
        kinds = [kind for name, kind in self.now.schemas.kinds.items() if self._binds(name)]
        words = ["rev-list", "--first-parent", "--reverse", self.head, *([f"^{self.base}"] if self.base else []), "--"]
        out = self.repo.git.read(*words, *(kind.place for kind in kinds))
        return [oid for oid in out.decode("ascii").split() if oid not in self.repo.cut_at()]

    def _states(self, change: FileChange) -> tuple[str | None, ...]:
        """The blobs of a file before and after, where it is one of those; None for what is no plain file."""
        rid = record_at(change.path, self.now.schemas)
        if rid is None or not self._binds(rid.kind):
            return ()
        return (
            change.before if change.mode_before in REGULAR else None,
            change.after if change.mode_after in REGULAR else None,
        )

    def _binds(self, kind: str) -> bool:
        return kind == CONVENTION or has_writers(self.now, kind)

    def _agreement(self, start: str, commit: Commit, rid: RecordId) -> Agreement | None:
        """Who agrees to what a record binds to after `commit` and did not after `start`; None where that is the same,
        where nobody listed writers yet, or what was before cannot be used."""
        try:
            before = self.opened(self._tree(start, self._folders))
        except UsageFault:
            return None
        after = before.framing(self._tree(commit.oid, self._folders))
        writers, on = Writers(before), commit.committed.date()
        bond = next(bonds(before, after, (rid,), on), None)
        if bond is None or not writers.listing:
            return None
        came = self.repo.history((bond.where.file,), start=commit.oid, exclude=(start,))
        named = self.repo.mentioning(f"{RECORD}: {rid}", self.head, (start,))
        commits = {one.oid: one for one in (*came, *self.repo.listed(named))}
        done = doings(self.repo, writers, list(commits.values())[::-1], start)
        return agreement(Change(self.repo, writers, after, start, on, done), bond)

    def _tree(self, commit: str, folders: Sequence[str]) -> MemoryTree:
        """The settings and schemas of a commit, and its records in these folders."""
        files = self.repo.tree(commit, (*REGISTRY_PATHS[:2], *folders))
        plain = {path: entry.blob for path, entry in files.items() if entry.mode in REGULAR}
        texts = dict(self.repo.blobs(sorted(set(plain.values())), READ_LIMIT))
        return MemoryTree(
            {path: texts[blob] for path, blob in plain.items()}, self.repo.object_format(), self.repo.folders
        )

    @cached_property
    def _folders(self) -> tuple[str, ...]:
        """What agreements are judged by: parties, conventions and deliberations."""
        kinds = self.now.schemas.kinds.items()
        return tuple(kind.place for name, kind in kinds if self._binds(name) or name in _NEEDED)


def _missing(commit: Commit, found: Agreement) -> Finding:
    who, steps = ", ".join(party.id for party in sorted(found.missing)), steps_text(found.bond)
    short = short_id(commit.oid)
    return Finding(
        MISSING,
        "warning",
        Words(
            f"{short}: {found.bond.rid}: {steps.en}; the history holds no agreement of {who}",
            f"{short} : {found.bond.rid} : {steps.fr} ; l'historique ne contient pas l'accord de {who}",
        ),
        found.bond.where,
        Words(
            "a squash or rebase drops signed commits: keep the branch that was merged, and merge such changes by a "
            "merge commit",
            "un squash ou un rebase fait perdre les commits signés : gardez la branche fusionnée, et fusionnez ces "
            "modifications par un commit de fusion",
        ),
    )


def _decided(commit: Commit, found: Agreement) -> Iterator[Finding]:
    for party, deliberation in found.decided.items():
        number = str(deliberation.data.get("number") or deliberation.rid.id)
        short = short_id(commit.oid)
        yield Finding(
            DECIDED,
            "info",
            Words(
                f"{short}: {found.bond.rid}: agreement of {party.id} rests on deliberation {number}, not on a "
                "signature",
                f"{short} : {found.bond.rid} : l'accord de {party.id} repose sur la délibération {number}, non sur une "
                "signature",
            ),
            found.bond.where,
        )
