"""Whether the authors of a branch's commits may change what they change, by the rights of the base. CHG812: a change to
another party's record; CHG813: an author known only by an address; CHG814: a change without the agreement of a bound
party; CHG815: an invalid signature; CHG816: rights changed without proof; CHG822: an agreement based on a deliberation;
CHG828: a signature by a security key or passkey that counts for nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.values import Data, RecordId
from smartreg.diff import same
from smartreg.domain.annexes import PLACES, candidates, documents
from smartreg.domain.binding import WRITERS
from smartreg.gitio import Repo
from smartreg.registry import MAPPING_SUFFIX, ROW_KEYS_SUFFIX, Registry, is_import_file
from smartreg.review.authors.agreements import Agreement, MergedChange, agreement
from smartreg.review.authors.commits import AuthoredCommit, authored_commits, merged_files
from smartreg.review.authors.findings import (
    INVALID_SIGNATURES,
    agreement_by_deliberation,
    changed_rights,
    foreign_change,
    invalid_signature,
    known_by_address,
    missing_agreement,
    succession_by_act,
    weak_signature,
)
from smartreg.review.authors.merged_contents import MergedContents
from smartreg.review.authors.writers import Writers
from smartreg.review.binding import find_changed_bonds


class Sides(NamedTuple):
    """The start and end of a change, and its target if later than the start (None: the same), all with the schemas of
    the start."""

    base: Registry
    after: Registry
    latest: Registry | None


def check_authors(
    repo: Repo, sides: Sides, span: tuple[str, str], framing: Callable[[str], bool], on: date
) -> list[Finding]:
    """The findings about the authors of the commits that the first of `span` reaches and the second does not.
    `framing`: the files that decide how records are checked; `on`: the reference date. Raises UsageFault if the base
    grants no rights at all."""
    Writers(sides.base, on).refuse_unusable()
    return list(_PermissionCheck(change_of(repo, sides, span, on), framing).findings())


def change_of(repo: Repo, sides: Sides, span: tuple[str, str], on: date) -> MergedChange:
    """The change made by the commits that the first of `span` reaches, but not the second."""
    tip, upstream = span
    writers = Writers(sides.base, on, sides.latest)
    commits = list(repo.history((), start=tip, exclude=(upstream,)))[::-1]
    contents = MergedContents(repo, sides.base.schemas)
    authored = authored_commits(contents, writers, commits, upstream, tip)
    after = sides.after
    if sides.latest is not None:
        after = sides.latest.with_writes(merged_files(contents, upstream, tip))
    return MergedChange(repo, writers, after, upstream, on, authored)


@dataclass(frozen=True)
class _PermissionCheck:
    change: MergedChange
    framing: Callable[[str], bool]

    @property
    def writers(self) -> Writers:
        return self.change.writers

    def findings(self) -> Iterator[Finding]:
        foreign: dict[tuple[str, frozenset[RecordId]], list[AuthoredCommit]] = {}
        hinted: dict[tuple[str, str], list[tuple[AuthoredCommit, str]]] = {}
        for authored in self.change.commits:
            if authored.author.weakness is not None:
                yield weak_signature(authored, authored.author.weakness)
            relevant = authored.records or any(map(self.framing, authored.others))
            if relevant and authored.author.signature.state in INVALID_SIGNATURES:
                yield invalid_signature(authored)
            for file, allowed, owners in self._files_with_parties(authored):
                if authored.author.proven & allowed:
                    continue
                if authored.author.hinted & allowed:
                    hinted.setdefault((authored.author.domain, authored.author.signature.state), []).append(
                        (authored, file)
                    )
                else:
                    foreign.setdefault((file, owners), []).append(authored)
            yield from self._changed_rights(authored)
        for (file, owners), commits in foreign.items():
            yield foreign_change(self.writers, file, owners, commits)
        yield from map(known_by_address, hinted.values())
        for agreed in self.agreements.values():
            if agreed.missing:
                yield missing_agreement(agreed, self.writers.keyed)
            yield from (agreement_by_deliberation(agreed, party) for party in agreed.decided)
            if agreed.by_act:
                yield succession_by_act(agreed)

    @cached_property
    def agreements(self) -> Mapping[RecordId, Agreement]:
        bonds = find_changed_bonds(self.writers.latest or self.writers.base, self.change.after, self.change.on)
        return {bond.rid: agreement(self.change, bond) for bond in bonds}

    @cached_property
    def _deliberations(self) -> frozenset[RecordId]:
        """The new deliberations on which an agreement is based: the keepers of the registry may record them."""
        decisions = (record for agreed in self.agreements.values() for record in agreed.decided.values())
        return frozenset(record.rid for record in decisions if record.rid not in self.writers.base)

    def _files_with_parties(
        self, authored: AuthoredCommit
    ) -> Iterator[tuple[str, frozenset[RecordId], frozenset[RecordId]]]:
        """Each file that a commit changes, with the parties whose writers may change it, and its owners."""
        for rid, (was, now) in authored.records.items():
            yield authored.files[rid], *self._parties(authored, rid, was, now)
        for file in authored.others:
            for owners in self._document_owners.get(file, ()):
                yield file, self.writers.answerable(owners), owners
        for file in filter(is_import_file, authored.others):
            for owners in self._mapping_owners(authored, file):
                yield file, self.writers.answerable(owners), owners
        keeping = frozenset.intersection(*(writers.answering | writers.keepers for writers in self._rights))
        if keeping:
            yield from ((file, keeping, keeping) for file in authored.others if self.framing(file))

    @cached_property
    def _document_owners(self) -> Mapping[str, set[frozenset[RecordId]]]:
        """The owners of the files that records name as annexes or documents, also of those that only would answer to
        the name: who may change the record may change what it names."""
        owners: dict[str, set[frozenset[RecordId]]] = {}
        for writers in self._rights:
            for kind in PLACES:
                for record in writers.base.of_kind(kind):
                    for document in documents(record):
                        for file in candidates(record, document.path):
                            owners.setdefault(file, set()).add(writers.owners(record.rid, record.data))
        return owners

    def _mapping_owners(self, authored: AuthoredCommit, file: str) -> set[frozenset[RecordId]]:
        """The owners of the mapping of an import, or of the one that the keys of its rows are for: at the base, and
        after the commit. Both must agree to who makes records for whom."""
        mapping = file.removesuffix(ROW_KEYS_SUFFIX).removesuffix(MAPPING_SUFFIX) + MAPPING_SUFFIX
        texts = [authored.mappings[mapping]] if mapping in authored.mappings else []
        if mapping in (files := self.writers.base.tree.files()) and not files[mapping].special:
            texts.append(self.writers.base.tree.read(mapping))
        return {self.writers.mapping_owners(text) for text in texts} or {self.writers.listing}

    @property
    def _rights(self) -> tuple[Writers, ...]:
        """The rights at the base, and those of upstream if it has moved on: only who has both may write."""
        return (self.writers, self.writers.current) if self.writers.current else (self.writers,)

    def _parties(
        self, authored: AuthoredCommit, rid: RecordId, was: Data | None, now: Data | None
    ) -> tuple[frozenset[RecordId], frozenset[RecordId]]:
        """The parties whose writers may make this change, and the owners of the record: the former are those of its
        owners, and of all parties that it binds and that agree. For a deliberation (and the rights that it replaces)
        and for a succession that is agreed, also the keepers of the registry."""
        owners = [_owners(writers, authored, rid, was, now) for writers in self._rights]
        each = [writers.answerable(some) for writers, some in zip(self._rights, owners, strict=True)]
        allowed, keepers = frozenset.intersection(*each), self.writers.answerable(())
        if rid in self._deliberations:
            allowed |= keepers
        agreed = self.agreements.get(rid)
        if agreed is None or agreed.missing or not agreed.bond.shares_record:
            return allowed, owners[-1]
        if not agreed.bond.rights:
            allowed |= self.writers.answerable(agreed.bond.parties) | (
                keepers if agreed.bond.succession else frozenset()
            )
        elif _only_rights(was or {}, now or {}):
            allowed |= keepers
        return allowed, owners[-1]

    def _changed_rights(self, authored: AuthoredCommit) -> Iterator[Finding]:
        """CHG816 if writers are changed by an author who is not proved to be one."""
        for rid, (was, now) in authored.records.items():
            if same((was or {}).get(WRITERS), (now or {}).get(WRITERS)):
                continue
            allowed, _owners = self._parties(authored, rid, was, now)
            if not authored.author.proven & allowed and authored.author.hinted & allowed:
                yield changed_rights(authored, rid)


def _owners(
    writers: Writers, authored: AuthoredCommit, rid: RecordId, was: Data | None, now: Data | None
) -> frozenset[RecordId]:
    """The owners of a record where the rights are from, or, if only the branch has it, in the commit; for its removal,
    those who may decide it. If upstream later got a record with the same id, the merge settles it."""
    registry, who = writers.base, writers.removers if now is None else writers.owners
    if rid in registry and rid not in authored.fresh:
        records = (record for file in registry.files_of(rid) if (record := registry.at(file)) is not None)
        return frozenset().union(*(who(rid, record.data) for record in records))
    return who(rid, now or was or {})


def _only_rights(was: Data, now: Data) -> bool:
    """Whether two states of a party differ only in its writers; a new one may contain anything."""
    rest = [{name: value for name, value in side.items() if name != WRITERS} for side in (was, now)]
    return not was or same(*rest)
