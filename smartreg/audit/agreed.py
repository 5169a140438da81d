"""Whether the history holds the agreement of each party to what binds it: AUD911, AUD912.

The main line is followed, the first parents of HEAD. What a commit or merge there changes of a convention, of whose a
record is or of who may write is agreed to by signed commits that came in with it or, where a branch was merged without
a merge commit, by later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property

from smartreg.authors import Agreement, Change, Writers, agreement, doings
from smartreg.binding import steps_text
from smartreg.errors import UsageFault
from smartreg.findings import Finding
from smartreg.frozen import dataclass
from smartreg.gitio import RECORD, REGISTRY_PATHS, Commit, Repo
from smartreg.history import REGULAR
from smartreg.registry import FOLDER, Registry, record_at
from smartreg.rules._binding import PARTY, bonds, is_owned, may_bind, terms
from smartreg.rules._conventions import KIND as CONVENTION
from smartreg.trees import READ_LIMIT, MemoryTree
from smartreg.values import RecordId, Words, short_id
from smartreg.yamlio import read

MISSING, DECIDED = "AUD911", "AUD912"
NOTHING = "{}"  # what binds where no file is, as `terms` writes it
_NEEDED = (PARTY, CONVENTION, "deliberation")
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
        return self.opened(self._files(self.head, REGISTRY_PATHS[:2]))

    def findings(self) -> Iterator[Finding]:
        for rid, steps in self._changing.items():
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

    @cached_property
    def _changing(self) -> Mapping[RecordId, list[Commit]]:
        """The commits of the main line that change what binds, by record, the oldest first."""
        found = [commit for commit in self.repo.commits(self._touching()) if commit.parents]
        kinds: dict[str, set[str]] = {}
        for rid, sides in (one for commit in found for one in self._changed(commit)):
            for blob in filter(None, sides):
                kinds.setdefault(blob, set()).add(rid.kind)
        bound: dict[tuple[str, str | None], str] = {}
        for blob, text in self.repo.blobs(sorted(kinds), READ_LIMIT):
            data = read(text, blob).data or {}
            bound |= {(kind, blob): terms(self.now, kind, data) for kind in kinds[blob]}
        steps: dict[RecordId, list[Commit]] = {}
        for commit in found:
            for rid, sides in self._changed(commit):
                before, after = (bound.get((rid.kind, blob), NOTHING) for blob in sides)
                if before != after:
                    steps.setdefault(rid, []).append(commit)
        return steps

    def _touching(self) -> list[str]:
        """The commits of the main line that touch records that may bind, the oldest first."""
        words = ["rev-list", "--first-parent", "--reverse", self.head, *([f"^{self.base}"] if self.base else []), "--"]
        out = self.repo.git.read(*words, *(f"{FOLDER}/{folder}" for folder in self._binding.values()))
        return [oid for oid in out.decode("ascii").split() if oid not in self.repo.cut_at()]

    def _changed(self, commit: Commit) -> Iterator[tuple[RecordId, tuple[str | None, str | None]]]:
        """The records that may bind and that a commit changes, with their blobs before and after; None for what is no
        plain file. What is owned changes no hands when it comes or goes."""
        for change in commit.changes:
            rid = record_at(change.path, self.now.schemas)
            if rid is None or rid.kind not in self._binding:
                continue
            before = change.before if change.mode_before in REGULAR else None
            after = change.after if change.mode_after in REGULAR else None
            if (before and after) or not is_owned(self.now, rid.kind):
                yield rid, (before, after)

    @cached_property
    def _binding(self) -> Mapping[str, str]:
        """The folders of the kinds of which something may bind, by kind."""
        return {name: kind.folder for name, kind in self.now.schemas.kinds.items() if may_bind(self.now, kind)}

    def _agreement(self, start: str, commit: Commit, rid: RecordId) -> Agreement | None:
        """Who agrees to what a record binds to after `commit` and did not after `start`; None where that is the same,
        where nobody listed writers yet, or what was before cannot be used."""
        sides = self._sides(start, commit.oid)
        if sides is None:
            return None
        before, after = sides
        writers, on = Writers(before), commit.committed.date()
        bond = next(bonds(before, after, (rid,), on), None)
        if bond is None or not writers.listing:
            return None
        came = self.repo.history((bond.where.file,), start=commit.oid, exclude=(start,))
        named = self.repo.mentioning(f"{RECORD}: {rid}", self.head, (start,))
        commits = {one.oid: one for one in (*came, *self.repo.listed(named))}
        done = doings(self.repo, writers, list(commits.values())[::-1], start)
        return agreement(Change(self.repo, writers, after, start, on, done), bond)

    @cached_property
    def _sides(self) -> Callable[[str, str], tuple[Registry, Registry] | None]:
        """The registries of two commits in the frame of the first, made once; None where its settings and schemas
        cannot be used."""

        @cache
        def before(start: str) -> Registry | None:
            try:
                return self.opened(self._tree(start))
            except UsageFault:
                return None

        @cache
        def sides(start: str, end: str) -> tuple[Registry, Registry] | None:
            first = before(start)
            return None if first is None else (first, first.framing(self._tree(end)))

        return sides

    def _tree(self, commit: str) -> MemoryTree:
        """Of a commit: settings, schemas, the records that agreements are judged by (parties, conventions,
        deliberations), and those of which the main line changes what binds."""
        folders = {name: kind.folder for name, kind in self.now.schemas.kinds.items()}
        wanted = [f"{FOLDER}/{folders[kind]}" for kind in (*self._binding, *_NEEDED) if kind in folders]
        return self._files(commit, (*REGISTRY_PATHS[:2], *dict.fromkeys(wanted)), self._needs)

    def _files(
        self, commit: str, paths: Sequence[str], needs: Callable[[str], bool] = lambda _path: True
    ) -> MemoryTree:
        files = self.repo.tree(commit, paths)
        plain = {path: entry.blob for path, entry in files.items() if entry.mode in REGULAR and needs(path)}
        texts = dict(self.repo.blobs(sorted(set(plain.values())), READ_LIMIT))
        return MemoryTree({path: texts[blob] for path, blob in plain.items()}, self.repo.object_format())

    def _needs(self, path: str) -> bool:
        rid = record_at(path, self.now.schemas)
        return rid is None or rid.kind in _NEEDED or not is_owned(self.now, rid.kind) or rid in self._changing


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
