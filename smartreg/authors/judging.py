"""Whether those who made the commits of a branch may change what they change, by the rights of the base.

CHG812 what belongs to others, CHG813 an author whom only the domain of an address names, CHG814 a transfer that one
side has not agreed to, CHG815 a signature that does not hold, CHG816 rights changed without proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from smartreg.authors.commits import Doing, doings
from smartreg.authors.transfers import Transfer, transfers
from smartreg.authors.wording import author_said, commits_said, names
from smartreg.authors.writers import WRITERS, Author, Writers, writers_of
from smartreg.diff import same
from smartreg.findings import Finding
from smartreg.frozen import dataclass
from smartreg.gitio import Repo
from smartreg.registry import Registry, record_at
from smartreg.values import Data, Location, RecordId, Words

FOREIGN, HINTED, TRANSFER, SIGNATURE, RIGHTS = "CHG812", "CHG813", "CHG814", "CHG815", "CHG816"


def judge_authors(
    repo: Repo, base: Registry, after: Registry, span: tuple[str, str], framing: Callable[[str], bool]
) -> list[Finding]:
    """What is wrong with who made the commits that the first of `span` reaches and the second does not. `base`: where
    the change starts, `after`: where it ends, both with the schemas of the base; `framing`: the files by which records
    are judged. UsageFault when the base grants no rights at all."""
    writers = Writers(base)
    writers.refuse_unusable()
    return list(_Judging(writers, after, doings(repo, writers, *span), framing).findings())


@dataclass(frozen=True)
class _Judging:
    writers: Writers
    after: Registry
    doings: Sequence[Doing]
    framing: Callable[[str], bool]

    def findings(self) -> Iterator[Finding]:
        foreign: dict[tuple[str, frozenset[RecordId]], list[Doing]] = {}
        hinted: dict[tuple[str, str], list[tuple[Doing, str]]] = {}
        for doing in self.doings:
            if (doing.records or any(map(self.framing, doing.others))) and doing.author.signature.state in _REFUSED:
                yield _signature(doing)
            for file, allowed, owners in self._asked(doing):
                if doing.author.proven & allowed:
                    continue
                if doing.author.hinted & allowed:
                    hinted.setdefault((doing.author.domain, doing.author.signature.state), []).append((doing, file))
                else:
                    foreign.setdefault((file, owners), []).append(doing)
            yield from self._rights(doing)
        yield from (self._foreign(file, owners, some) for (file, owners), some in foreign.items())
        yield from map(_hinted, hinted.values())
        yield from (_untransferred(transfer) for transfer in self.transfers.values() if transfer.missing)

    @cached_property
    def transfers(self) -> Mapping[RecordId, Transfer]:
        return transfers(self.writers, self.after, self.doings)

    def _asked(self, doing: Doing) -> Iterator[tuple[str, frozenset[RecordId], frozenset[RecordId]]]:
        """Each file that a commit changes: the parties whose writers may, and those it belongs to."""
        for rid, (was, now) in doing.records.items():
            owners = self._owners(doing, rid, was, now)
            transfer = self.transfers.get(rid)
            allowed = self.writers.answerable(owners)
            if transfer is not None and not transfer.missing:
                allowed |= self.writers.answerable(transfer.receiving)
            yield doing.files[rid], allowed, owners
        keeping = self.writers.answering | self.writers.keepers
        if keeping:
            yield from ((file, keeping, keeping) for file in doing.others if self.framing(file))

    def _owners(self, doing: Doing, rid: RecordId, was: Data | None, now: Data | None) -> frozenset[RecordId]:
        """Whom a record belongs to: at the base; one that only the branch has, as the commit has it. A record that came
        to the base under the same id later is settled by whoever merges them."""
        base = self.writers.base
        if rid in base and rid not in doing.fresh:
            found = (record for file in base.files_of(rid) if (record := base.at(file)) is not None)
            return frozenset().union(*(self.writers.owners(rid, record.data) for record in found))
        return self.writers.owners(rid, now or was or {})

    def _rights(self, doing: Doing) -> Iterator[Finding]:
        """CHG816 where writers are changed by somebody who does not prove to be one."""
        for rid, (was, now) in doing.records.items():
            if same(writers_of(was or {}), writers_of(now or {})):
                continue
            allowed = self.writers.answerable(self._owners(doing, rid, was, now))
            if not doing.author.proven & allowed and doing.author.hinted & allowed:
                yield _rights(doing, rid)

    def _foreign(self, file: str, owners: frozenset[RecordId], some: Sequence[Doing]) -> Finding:
        authors = dict.fromkeys(author_said(self.writers, doing.author) for doing in some)
        by = Words(" / ".join(said.en for said in authors), " / ".join(said.fr for said in authors))
        commits, whose = commits_said(doing.commit.oid for doing in some), names(owners)
        many = len({doing.commit.oid for doing in some}) > 1
        told = Words(
            f"this belongs to {whose.en}; {commits.en} by {by.en} may not change it",
            f"ceci appartient à {whose.fr} ; {commits.fr}, {by.fr}, ne peu{'vent' if many else 't'} pas le modifier",
        )
        rid = record_at(file, self.writers.base.schemas)
        if rid is not None and rid not in self.writers.base:
            told = Words(
                f"this is new and would belong to {whose.en}; {commits.en} by {by.en} may not add it",
                f"ceci est nouveau et appartiendrait à {whose.fr} ; {commits.fr}, {by.fr}, "
                f"ne peu{'vent' if many else 't'} pas l'ajouter",
            )
        return Finding(
            FOREIGN,
            "error",
            told,
            Location(file),
            self._remedy(owners),
        )

    def _remedy(self, owners: frozenset[RecordId]) -> Words:
        asked = self.writers.answerable(owners)
        if not asked:
            return Words(
                "nobody may write for it yet: add writers to its party on the branch that changes are merged into",
                "personne ne peut encore écrire pour lui : ajoutez writers à sa partie, sur la branche de destination",
            )
        who = names(asked)
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


def _signature(doing: Doing) -> Finding:
    why, commits = _REFUSED[doing.author.signature.state], commits_said([doing.commit.oid])
    return Finding(
        SIGNATURE,
        "error",
        Words(f"the signature of {commits.en} {why.en}", f"la signature de {commits.fr} {why.fr}"),
        Location(_first_file(doing)),
        Words("sign it again: git commit --amend -S", "signez-le de nouveau : git commit --amend -S"),
    )


def _first_file(doing: Doing) -> str:
    return min((*doing.files.values(), *doing.others))


def _hinted(some: Iterable[tuple[Doing, str]]) -> Finding:
    told = list(some)
    author, commits = told[0][0].author, commits_said(dict.fromkeys(doing.commit.oid for doing, _ in told))
    return Finding(
        HINTED,
        "warning",
        Words(
            f"only the domain {author.domain} in an address says who made {commits.en}, and anybody can write that",
            f"seul le domaine {author.domain} d'une adresse indique qui a fait {commits.fr}, et chacun peut l'écrire",
        ),
        Location(min(file for _, file in told)),
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


def _rights(doing: Doing, rid: RecordId) -> Finding:
    commits = commits_said([doing.commit.oid])
    return Finding(
        RIGHTS,
        "error",
        Words(
            f"{commits.en} changes who may write for {rid.id} without a signature that proves the right to",
            f"{commits.fr} change qui peut écrire pour {rid.id} sans signature qui prouve ce droit",
        ),
        Location(doing.files[rid], (WRITERS,)),
        _proof(doing.author),
    )


def _untransferred(transfer: Transfer) -> Finding:
    giving, receiving, missing = names(transfer.giving), names(transfer.receiving), names(transfer.missing)
    has, a = ("has", "n'a") if len(transfer.missing) <= 1 else ("have", "n'ont")
    commit, trailer = "git commit --allow-empty -S -m", f'--trailer "Smartreg-Record: {transfer.rid}"'
    return Finding(
        TRANSFER,
        "error",
        Words(
            f"{transfer.field} goes from {giving.en} to {receiving.en}, and {missing.en} {has} not agreed",
            f"{transfer.field} passe de {giving.fr} à {receiving.fr}, et {missing.fr} {a} pas donné d'accord",
        ),
        Location(transfer.file, transfer.path),
        Words(
            f'add a commit of {missing.en} to this branch, after the transfer: {commit} "We agree" {trailer}',
            f'ajoutez à cette branche, après le transfert, un commit de {missing.fr} : {commit} "Accord" {trailer}',
        ),
    )
