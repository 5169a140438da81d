"""Whether the history contains the agreement of each party to what binds it: AUD911, AUD912. The audit follows the main
branch, the first parents of HEAD. What a commit or merge there changes in a convention, in a record's owner or in who
may write needs signed commits that came with it or, if a branch was merged without a merge commit, later ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from hashlib import sha256
from typing import NamedTuple

from smartreg.core.clock import now
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message
from smartreg.core.values import RecordId, short_id
from smartreg.domain.binding import Bond, bonds, is_owned, may_bind, terms
from smartreg.domain.kinds import CONVENTION, PARTY
from smartreg.gitio import RECORD, REGISTRY_PATHS, WITHDRAW, Commit, Repo
from smartreg.history import REGULAR, History
from smartreg.index import load_answer, question, store_answer
from smartreg.registry import Locator, Registry
from smartreg.review.authors import (
    Agreement,
    AuthoredCommit,
    MergedChange,
    MergedContents,
    Writers,
    agreement,
    authored_commits,
    decision,
)
from smartreg.review.binding import steps_text
from smartreg.trees import READ_LIMIT, MemoryTree
from smartreg.yamlio import read

MISSING, DECIDED = "AUD911", "AUD912"
_NEEDED = (PARTY, CONVENTION, "deliberation")
Opened = Callable[[MemoryTree], Registry]


def _digest(terms: str) -> str:
    return sha256(terms.encode("utf-8", "surrogatepass")).hexdigest()[:32]


NOTHING = _digest("{}")  # no file there, or nothing binding in it


def find_missing_agreements(past: History, head: str, base: str | None, opened: Opened) -> Iterator[Finding]:
    """The findings about agreements between `base` (None: the root) and `head`. `opened` makes the registry of some
    files. Raises UsageFault if the settings and schemas of `head` cannot be used."""
    return _Line(past, head, base, opened).findings()


class _SignedCommits(NamedTuple):
    """Signed commits, except merges: those that change a file, by its path; those whose trailers name a record, by
    `kind/id`, and those that withdraw an agreement to it."""

    changing: Mapping[str, list[str]]
    naming: Mapping[str, list[str]]
    withdrawing: Mapping[str, list[str]]


@dataclass(frozen=True)
class _Line:
    """The main branch, from its oldest commit on."""

    past: History
    head: str
    base: str | None
    opened: Opened

    @property
    def repo(self) -> Repo:
        return self.past.repo

    @cached_property
    def now(self) -> Registry:
        """A registry without records: the settings and schemas of the head."""
        return self.opened(self._files(self.head, REGISTRY_PATHS[:2]))

    @cached_property
    def _locator(self) -> Locator:
        return Locator(self.now.schemas)

    def findings(self) -> Iterator[Finding]:
        for rid, steps in self._commits_changing.items():
            start: str | None = None
            last: tuple[Commit, Agreement] | None = None
            for commit in steps:
                agreed = self._agreement(start or commit.parents[0], commit, rid)
                if agreed is not None and agreed.missing:
                    start, last = start or commit.parents[0], (commit, agreed)
                    continue
                start, last = None, None
                yield from _report_decided(commit, agreed) if agreed is not None else ()
            if last is not None:
                yield _missing_agreement(*last)

    @cached_property
    def _commits_changing(self) -> Mapping[RecordId, list[Commit]]:
        """The commits of the main branch that change what binds, by record, oldest first. Adding or removing an owned
        record does not transfer it."""
        line = self._main_line()
        sides: dict[tuple[RecordId, str], list[str | None]] = {}  # a record whose file moved has two versions
        for version in reversed(self.past.versions(self.head)):
            rid = self._locator.rid_of(version.path) if version.commit in line else None
            if rid is not None and rid.kind in self._binding:
                before, after = sides.get((rid, version.commit), (None, None))
                sides[rid, version.commit] = [version.before or before, version.after or after]
        sides = {key: both for key, both in sides.items() if all(both) or not is_owned(self.now, key[0].kind)}
        bound = self._bound({f"{rid.kind} {blob}" for (rid, _), both in sides.items() for blob in both if blob})
        steps: dict[RecordId, list[str]] = {}
        for (rid, oid), both in sides.items():
            if len({bound[f"{rid.kind} {blob}"] if blob else NOTHING for blob in both}) > 1:
                steps.setdefault(rid, []).append(oid)
        facts = self.past.commits(self.head, {oid for oids in steps.values() for oid in oids})
        return {rid: [facts[oid].commit for oid in oids] for rid, oids in steps.items()}

    def _main_line(self) -> frozenset[str]:
        """The first parents of the head up to the base, without root commits."""
        parents, oids, oid = self.past.line(self.head).parents, [], self.head
        beyond = self.past.line(self.base).parents if self.base else {}
        while oid not in beyond and parents.get(oid):
            oids.append(oid)
            oid = parents[oid][0]
        return frozenset(oids) - self.repo.cut_at()

    def _bound(self, wanted: Collection[str]) -> Mapping[str, str]:
        """A digest of what binds, by kind and blob (`support 3f1c…`), stored in the index."""
        name = question("what binds", self.now.schemas.digest, self.now.config.digest)
        digests: dict[str, str] = load_answer(self.past.index, name) or {}
        missing: dict[str, list[str]] = {}
        for kind, _, blob in (key.partition(" ") for key in wanted if key not in digests):
            missing.setdefault(blob, []).append(kind)
        for blob, text in self.repo.blobs(sorted(missing), READ_LIMIT):
            data = read(text, blob).data or {}
            digests |= {f"{kind} {blob}": _digest(terms(self.now, kind, data)) for kind in missing[blob]}
        if missing:
            store_answer(self.past.index, name, digests)
        return digests

    @cached_property
    def _binding(self) -> frozenset[str]:
        """The kinds with possibly binding content."""
        return frozenset(name for name, kind in self.now.schemas.kinds.items() if may_bind(self.now, kind))

    def _agreement(self, start: str, commit: Commit, rid: RecordId) -> Agreement | None:
        """Who agrees to the binding content of a record after `commit` that differs from that after `start`; None if it
        is the same, if nobody listed writers yet, or if the earlier state cannot be used."""
        sides = self._sides(start, commit.oid)
        if sides is None:
            return None
        before, after = sides
        on = (commit.committed or now()).date()
        writers = self._writers(before, on)
        bond = next(bonds(before, after, (rid,), on), None)
        if bond is None or not writers.listing:
            return None
        authored = self._authored_by_id(start)
        speaking = self._find_consents(start, commit.oid, bond)
        missing = self.repo.read_commits([oid for oid in speaking if oid not in authored])
        contents = MergedContents(self.repo, writers.base.schemas)
        for one in authored_commits(contents, writers, list(map(self._shorten, missing)), start):
            authored[one.commit.oid] = one
        done = [authored[oid] for oid in speaking]
        return agreement(MergedChange(self.repo, writers, after, start, on, done), bond)

    def _find_consents(self, start: str, end: str, bond: Bond) -> list[str]:
        """The commits that may agree to a change between `start` and `end`, oldest first: signed ones that change the
        record's file, and, up to the head, those that name it; and those that withdraw an agreement before `end`."""
        came, until_now = self._between(start, end), self._between(start, self.head)
        signed, name = self._signed, str(bond.rid)
        within = (*signed.changing.get(bond.where.file, ()), *signed.withdrawing.get(name, ()))
        oids = {oid for oid in within if oid in came}
        oids.update(oid for oid in signed.naming.get(name, ()) if oid in until_now)
        return sorted(oids, key=self.past.line(self.head).places.__getitem__, reverse=True)

    @cached_property
    def _signed(self) -> _SignedCommits:
        signed_by = _SignedCommits(defaultdict(list), defaultdict(list), defaultdict(list))
        facts = self.past.commits(self.head).items()
        signed = {
            oid: version.commit for oid, version in facts if version.commit.signed and len(version.commit.parents) < 2
        }
        for oid, commit in signed.items():
            for key, value in commit.trailers:
                if key == RECORD:
                    (signed_by.withdrawing if commit.ops == {WITHDRAW} else signed_by.naming)[value].append(oid)
        for version in self.past.versions(self.head) if signed else ():
            if version.commit in signed:
                signed_by.changing[version.path].append(version.commit)
        return signed_by

    def _shorten(self, commit: Commit) -> Commit:
        """The commit with only the records whose binding content the main branch changes: an import adds thousands of
        others."""
        kept = (change for change in commit.changes if self._locator.rid_of(change.path) in self._commits_changing)
        return commit._replace(changes=tuple(kept))

    @cached_property
    def _between(self) -> Callable[[str, str], Collection[str]]:
        """The commits that the second of two reaches, but not the first."""
        return cache(lambda start, end: self.repo.parents(end, (start,)).keys())

    @cached_property
    def _writers(self) -> Callable[[Registry, date], Writers]:
        return cache(Writers)

    @cached_property
    def _authored_by_id(self) -> Callable[[str], dict[str, AuthoredCommit]]:
        """The commits with their authors, by id, read on demand; by the rights and schemas of a first commit."""
        return cache(lambda _start: {})

    @cached_property
    def _sides(self) -> Callable[[str, str], tuple[Registry, Registry] | None]:
        """The registries of two commits in the frame of the first, made once; None if its settings and schemas cannot
        be used."""

        @cache
        def before(start: str) -> Registry | None:
            try:
                return self.opened(self._tree(start))
            except UsageFault:
                return None

        @cache
        def sides(start: str, end: str) -> tuple[Registry, Registry] | None:
            first = before(start)
            return None if first is None else (first, first.with_tree(self._tree(end)))

        return sides

    def _tree(self, commit: str) -> MemoryTree:
        """The relevant files of a commit: settings, schemas, the records on which agreements depend (parties,
        conventions, deliberations), and those whose binding content the main branch changes."""
        kinds = self.now.schemas.kinds
        places = sorted({kinds[name].place for name in (*self._binding, *_NEEDED) if name in kinds})
        return self._files(commit, (*REGISTRY_PATHS[:2], *places), self._needs)

    def _files(
        self, commit: str, paths: Sequence[str], needs: Callable[[str], bool] = lambda _path: True
    ) -> MemoryTree:
        files = self.repo.tree(commit, paths)
        plain = {path: entry.blob for path, entry in files.items() if entry.mode in REGULAR and needs(path)}
        texts = dict(self.repo.blobs(sorted(set(plain.values())), READ_LIMIT))
        return MemoryTree(
            {path: texts[blob] for path, blob in plain.items()}, self.repo.object_format(), self.repo.folders
        )

    def _needs(self, path: str) -> bool:
        rid = self._locator.rid_of(path)
        return rid is None or rid.kind in _NEEDED or not is_owned(self.now, rid.kind) or rid in self._commits_changing


def _missing_agreement(commit: Commit, found: Agreement) -> Finding:
    who, steps = ", ".join(party.id for party in sorted(found.missing)), steps_text(found.bond)
    short = short_id(commit.oid)
    return Finding(
        MISSING,
        "error",
        Message(
            "{short}: {bond}: {steps}; the history holds no agreement of {who}",
            short=short,
            bond=found.bond.rid,
            steps=steps,
            who=who,
        ),
        found.bond.where,
        Message(
            "a squash or rebase drops signed commits: keep the branch that was merged, and merge such changes by a "
            "merge commit"
        ),
    )


def _report_decided(commit: Commit, found: Agreement) -> Iterator[Finding]:
    short = short_id(commit.oid)
    for wording in (decision(found, party) for party in found.decided):
        sentence = Message("{short}: {bond}: {wording}", short=short, bond=found.bond.rid, wording=wording)
        yield Finding(DECIDED, "info", sentence, found.bond.where)
