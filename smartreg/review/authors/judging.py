"""Whether the authors of a branch's commits may change what they change, by the rights of the base. CHG812: a change to
another party's record; CHG813: an author known only by an address; CHG814: a change without the agreement of a bound
party; CHG815: an invalid signature; CHG816: rights changed without proof; CHG822: an agreement based on a deliberation;
CHG828: a signature by a security key or passkey that counts for nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.values import Data, Location, RecordId, Words
from smartreg.diff import same
from smartreg.domain.binding import WRITERS
from smartreg.gitio import Repo
from smartreg.registry import MAPPING_SUFFIX, ROW_KEYS_SUFFIX, Registry, is_import_file, record_at
from smartreg.review.authors.agreements import (
    Agreement,
    MergedChange,
    agreement,
    agreement_by_deliberation,
    describe_author,
    describe_commits,
    missing_agreement,
    names,
    succession_by_act,
)
from smartreg.review.authors.writers import Author, AuthoredCommit, Writers, authored_commits, writers_of
from smartreg.review.binding import find_changed_bonds

FOREIGN, HINTED, SIGNATURE, RIGHTS, WEAK = "CHG812", "CHG813", "CHG815", "CHG816", "CHG828"


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
    return list(_Judging(change_of(repo, sides, span, on), framing).findings())


def change_of(repo: Repo, sides: Sides, span: tuple[str, str], on: date) -> MergedChange:
    """What the commits that the first of `span` reaches, but not the second, do."""
    tip, upstream = span
    writers = Writers(sides.base, on, sides.latest)
    commits = list(repo.history((), start=tip, exclude=(upstream,)))[::-1]
    return MergedChange(repo, writers, sides.after, upstream, on, authored_commits(repo, writers, commits, upstream))


@dataclass(frozen=True)
class _Judging:
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
                yield _weak_signature(authored, authored.author.weakness)
            if (
                authored.records or any(map(self.framing, authored.others))
            ) and authored.author.signature.state in _REFUSED:
                yield _signature(authored)
            for file, allowed, owners in self._files_with_parties(authored):
                if authored.author.proven & allowed:
                    continue
                if authored.author.hinted & allowed:
                    hinted.setdefault((authored.author.domain, authored.author.signature.state), []).append(
                        (authored, file)
                    )
                else:
                    foreign.setdefault((file, owners), []).append(authored)
            yield from self._rights(authored)
        yield from (self._foreign(file, owners, some) for (file, owners), some in foreign.items())
        yield from map(_hint_only_finding, hinted.values())
        for found in self.agreements.values():
            if found.missing:
                yield missing_agreement(found, self.writers.keyed)
            yield from (agreement_by_deliberation(found, party) for party in found.decided)
            if found.by_act:
                yield succession_by_act(found)

    @cached_property
    def agreements(self) -> Mapping[RecordId, Agreement]:
        bonds = find_changed_bonds(self.writers.base, self.change.after, self.change.on)
        return {bond.rid: agreement(self.change, bond) for bond in bonds}

    @cached_property
    def _deliberations(self) -> frozenset[RecordId]:
        """The new deliberations on which an agreement is based: the keepers of the registry may record them."""
        decisions = (one for found in self.agreements.values() for one in found.decided.values())
        return frozenset(one.rid for one in decisions if one.rid not in self.writers.base)

    def _files_with_parties(
        self, authored: AuthoredCommit
    ) -> Iterator[tuple[str, frozenset[RecordId], frozenset[RecordId]]]:
        """Each file that a commit changes, with the parties whose writers may change it, and its owners."""
        for rid, (was, now) in authored.records.items():
            owners = self._owners(authored, rid, was, now)
            yield authored.files[rid], self._allowed_parties(rid, owners, was, now), owners
        for file in filter(is_import_file, authored.others):
            for owners in self._mapping_owners(authored, file):
                yield file, self.writers.answerable(owners), owners
        keeping = self.writers.answering | self.writers.keepers
        if keeping:
            yield from ((file, keeping, keeping) for file in authored.others if self.framing(file))

    def _mapping_owners(self, authored: AuthoredCommit, file: str) -> set[frozenset[RecordId]]:
        """The owners of the mapping of an import, or of the one that the keys of its rows are for: at the base, and
        after the commit. Both must agree to who makes records for whom."""
        mapping = file.removesuffix(ROW_KEYS_SUFFIX).removesuffix(MAPPING_SUFFIX) + MAPPING_SUFFIX
        texts = [authored.mappings[mapping]] if mapping in authored.mappings else []
        if mapping in (files := self.writers.base.tree.files()) and not files[mapping].special:
            texts.append(self.writers.base.tree.read(mapping))
        return {self.writers.mapping_owners(text) for text in texts} or {self.writers.listing}

    def _allowed_parties(
        self, rid: RecordId, owners: frozenset[RecordId], was: Data | None, now: Data | None
    ) -> frozenset[RecordId]:
        """The parties whose writers may make this change: those of its owners, and of all parties that it binds and
        that agree. For a deliberation (and the rights that it replaces) and for a succession that is agreed, also the
        keepers of the registry."""
        allowed, found = self.writers.answerable(owners), self.agreements.get(rid)
        if rid in self._deliberations:
            allowed |= self.writers.answerable(())
        if found is not None and not found.missing and not found.bond.rights:
            allowed |= self.writers.answerable(found.bond.parties)
            if found.bond.succession:
                allowed |= self.writers.answerable(())
        if found is not None and found.bond.rights and not found.missing and _only_rights(was or {}, now or {}):
            allowed |= self.writers.answerable(())
        return allowed

    def _owners(
        self, authored: AuthoredCommit, rid: RecordId, was: Data | None, now: Data | None
    ) -> frozenset[RecordId]:
        """The owners of a record: at the base, or, if only the branch has it, in the commit. If the base later got a
        record with the same id, the merge settles it."""
        base = self.writers.base
        if rid in base and rid not in authored.fresh:
            found = (record for file in base.files_of(rid) if (record := base.at(file)) is not None)
            return frozenset().union(*(self.writers.owners(rid, record.data) for record in found))
        return self.writers.owners(rid, now or was or {})

    def _rights(self, authored: AuthoredCommit) -> Iterator[Finding]:
        """CHG816 if writers are changed by an author who is not proved to be one."""
        for rid, (was, now) in authored.records.items():
            if same(writers_of(was or {}), writers_of(now or {})):
                continue
            allowed = self._allowed_parties(rid, self._owners(authored, rid, was, now), was, now)
            if not authored.author.proven & allowed and authored.author.hinted & allowed:
                yield _rights(authored, rid)

    def _foreign(self, file: str, owners: frozenset[RecordId], some: Sequence[AuthoredCommit]) -> Finding:
        authors = dict.fromkeys(describe_author(self.writers, authored.author) for authored in some)
        by = Words(" / ".join(said.en for said in authors), " / ".join(said.fr for said in authors))
        commits, whose = describe_commits(authored.commit.oid for authored in some), names(owners)
        many = len({authored.commit.oid for authored in some}) > 1
        sentence = Words(
            f"this belongs to {whose.en}; {commits.en} by {by.en} may not change it",
            f"ceci appartient à {whose.fr} ; {commits.fr}, {by.fr}, ne peu{'vent' if many else 't'} pas le modifier",
        )
        rid = record_at(file, self.writers.base.schemas)
        if rid is not None and rid not in self.writers.base:
            sentence = Words(
                f"this is new and would belong to {whose.en}; {commits.en} by {by.en} may not add it",
                f"ceci est nouveau et appartiendrait à {whose.fr} ; {commits.fr}, {by.fr}, "
                f"ne peu{'vent' if many else 't'} pas l'ajouter",
            )
        return Finding(
            FOREIGN,
            "error",
            sentence,
            Location(file),
            self._remedy(owners),
        )

    def _remedy(self, owners: frozenset[RecordId]) -> Words:
        answerable = self.writers.answerable(owners)
        if not answerable:
            return Words(
                "nobody may write for it yet: add writers to its party on the branch that changes are merged into",
                "personne ne peut encore écrire pour lui : ajoutez writers à sa partie, sur la branche de destination",
            )
        who = names(answerable)
        return Words(
            f"let {who.en} make this change in a commit of theirs, signed with a key that the base lists for them",
            f"faites faire cette modification par {who.fr}, dans un commit signé d'une clé inscrite dans la base",
        )


_REFUSED: Mapping[str, Words] = {
    "bad": Words(
        "does not hold: the commit is not what was signed, or it is of a kind that is not known",
        "est fausse : le commit n'est pas celui qui a été signé, ou le format est inconnu",
    ),
    "revoked": Words("is by a key that was revoked", "vient d'une clé révoquée"),
}


def _only_rights(was: Data, now: Data) -> bool:
    """Whether two states of a party differ only in its writers; a new one may contain anything."""
    rest = [{name: value for name, value in side.items() if name != WRITERS} for side in (was, now)]
    return not was or same(*rest)


def _signature(authored: AuthoredCommit) -> Finding:
    why, commits = _REFUSED[authored.author.signature.state], describe_commits([authored.commit.oid])
    return Finding(
        SIGNATURE,
        "error",
        Words(f"the signature of {commits.en} {why.en}", f"la signature de {commits.fr} {why.fr}"),
        Location(_first_file(authored)),
        Words("sign it again: git commit --amend -S", "signez-le de nouveau : git commit --amend -S"),
    )


def _weak_signature(authored: AuthoredCommit, weakness: Words) -> Finding:
    commits = describe_commits([authored.commit.oid])
    return Finding(
        WEAK,
        "error",
        Words(
            f"the signature of {commits.en} counts for nobody: {weakness.en}",
            f"la signature de {commits.fr} ne vaut pour personne : {weakness.fr}",
        ),
        Location(_first_file(authored)),
        Words(
            "sign it again as [keys] in smartreg.toml of the base requires: git commit --amend -S",
            "signez-le de nouveau, comme [keys] de smartreg.toml de la base l'exige : git commit --amend -S",
        ),
    )


def _first_file(authored: AuthoredCommit) -> str:
    return min((*authored.files.values(), *authored.others), default="")


def _hint_only_finding(some: Iterable[tuple[AuthoredCommit, str]]) -> Finding:
    cases = list(some)
    author, commits = cases[0][0].author, describe_commits(dict.fromkeys(authored.commit.oid for authored, _ in cases))
    return Finding(
        HINTED,
        "warning",
        Words(
            f"only the domain {author.domain} in an address says who made {commits.en}, and anybody can write that",
            f"seul le domaine {author.domain} d'une adresse indique qui a fait {commits.fr}, et chacun peut l'écrire",
        ),
        Location(min(file for _, file in cases)),
        _proof(author),
    )


def _proof(author: Author) -> Words:
    if author.signature.state == "unknown key":
        return Words(
            "its OpenPGP key is not in the keyring here: import the public key and validate again",
            "sa clé OpenPGP n'est pas dans le trousseau : importez la clé publique, puis recommencez",
        )
    if author.signature.keys:
        key = author.signature.keys[0]
        return Words(
            f"it is signed with {key}, which the base lists for nobody concerned",
            f"il est signé avec {key}, que la base n'inscrit pour aucune partie concernée",
        )
    return Words(
        "sign commits (git commit -S) with a key that the base lists under writers.keys",
        "signez les commits (git commit -S) d'une clé que la base inscrit sous writers.keys",
    )


def _rights(authored: AuthoredCommit, rid: RecordId) -> Finding:
    commits = describe_commits([authored.commit.oid])
    return Finding(
        RIGHTS,
        "error",
        Words(
            f"{commits.en} changes who may write for {rid.id} without a signature that proves the right to",
            f"{commits.fr} change qui peut écrire pour {rid.id} sans signature qui prouve ce droit",
        ),
        Location(authored.files[rid], (WRITERS,)),
        _proof(authored.author),
    )
