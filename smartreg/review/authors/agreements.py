"""Which of the parties bound by a change have agreed to it, and how messages name commits, authors and parties (of
an address, only the domain is shown).

A party agrees with a signed commit within the change: the one that makes it, or one that names the record in a
trailer `Smartreg-Record` without touching it (`smartreg agree`). It counts only if the record's binding content at
that commit equals the final one, and the party does not withdraw it: with a signed commit of the same kind (`smartreg
agree --withdraw`) that the agreement does not come after. A key that several bound parties list agrees for none of
them: nobody agrees with themselves. For a party without a key at the base, its own deliberation, with a digest of its
text, replaces the signature; for a succession of parties, also the act of the State, with its digest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from smartreg.core.findings import Finding
from smartreg.core.values import Data, Record, RecordId, Words, short_id
from smartreg.domain.acts import notice_end
from smartreg.domain.annexes import DIGEST
from smartreg.domain.binding import Bond, terms
from smartreg.gitio import AGREE, DELIBERATION, WITHDRAW, Repo
from smartreg.registry import Registry
from smartreg.review.authors.writers import Author, AuthoredCommit, Writers
from smartreg.review.binding import steps_text
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

OPEN_DAYS = 30  # how long a change may wait for its merge before a notice in it counts from later than its signature
_PLAIN = ("100644", "100755")


@dataclass(frozen=True)
class Agreement:
    """A change to what binds parties, and who agrees to it: by which commit, by which deliberation, or not yet.
    `withdrawn`: the commits by which parties withdrew an agreement; `shared`: the commits whose key several of the
    parties list; `by_act`: for whom the act of the State that decides a succession stands instead of a signature."""

    bond: Bond
    signed: Mapping[RecordId, str]
    decided: Mapping[RecordId, Record]
    missing: frozenset[RecordId]
    withdrawn: Mapping[RecordId, str]
    shared: Mapping[str, frozenset[RecordId]]
    by_act: frozenset[RecordId] = frozenset()


@dataclass(frozen=True)
class MergedChange:
    """A change that is merged into `upstream`: the rights before it (`writers`), the state after it in the same frame,
    what its commits do, and its reference date."""

    repo: Repo
    writers: Writers
    after: Registry
    upstream: str
    on: date
    commits: Sequence[AuthoredCommit]


def agreement(change: MergedChange, bond: Bond) -> Agreement:
    """Who agrees to one change to what binds parties."""
    speaking: list[AuthoredCommit] = []
    withdrawn: dict[RecordId, str] = {}
    signed: dict[RecordId, str] = {}
    shared: dict[str, frozenset[RecordId]] = {}
    for authored in change.commits:
        if not _speaks(change, bond, authored):
            continue
        gone = _withdrawals(change, bond, authored)
        withdrawn |= gone
        parties = authored.author.proven & bond.parties
        if len(parties) > 1:
            shared[authored.commit.oid] = parties
        elif not gone:
            speaking.append(authored)
            signed |= {party: authored.commit.oid for party in parties if party not in signed}
    if any(_declares(change, bond, authored) for authored in speaking):
        return Agreement(bond, signed, {}, frozenset(), withdrawn, shared)
    withdrawn = {party: oid for party, oid in withdrawn.items() if party not in signed}
    ids = [*sorted(bond.deliberations), *_deliberations_of(speaking)]
    decided = {
        party: found
        for party in sorted(bond.parties - signed.keys())
        if (bond.rights or party not in change.writers.keyed)
        and (found := _decision(change, bond, party, ids)) is not None
    }
    missing = bond.parties - signed.keys() - decided.keys()
    by_act = missing - change.writers.keyed if bond.act is not None and not bond.rights else frozenset()
    return Agreement(bond, signed, decided, missing - by_act, withdrawn, shared, by_act)


def _speaks(change: MergedChange, bond: Bond, authored: AuthoredCommit) -> bool:
    """Whether a commit is signed with a key that the base lists, and agrees to the record's final binding content. A
    merge never does: its message may quote what others wrote."""
    if not authored.author.proven or len(authored.commit.parents) > 1:
        return False
    kind, base, commit = bond.rid.kind, change.writers.base, authored.commit
    if bond.rid in authored.records:
        was, now = (terms(base, kind, data or {}) for data in authored.records[bond.rid])
        agreed = was != now == bond.terms
    elif str(bond.rid) in authored.named and commit.ops <= {AGREE}:
        agreed = terms(base, kind, _data_at(change.repo, commit.oid, bond.where.file)) == bond.terms
    else:
        return False
    # A commit of another repository that was merged in is about another registry, whatever it names.
    return agreed and change.repo.git.line("merge-base", change.upstream, commit.oid) is not None


def _withdrawals(change: MergedChange, bond: Bond, agreeing: AuthoredCommit) -> dict[RecordId, str]:
    """The commits by which the parties of an agreement withdrew it: those that it does not come after."""
    return {
        party: authored.commit.oid
        for authored in change.commits
        if authored.commit.ops == {WITHDRAW} and str(bond.rid) in authored.named
        for party in authored.author.proven & agreeing.author.proven & bond.parties
        if not change.repo.is_ancestor(authored.commit.oid, agreeing.commit.oid)
    }


def _data_at(repo: Repo, commit: str, file: str) -> Data:
    """The content of a record file in a commit; empty if it is absent or unreadable."""
    entry = repo.entry(commit, file)
    if entry is None or entry.mode not in _PLAIN:
        return {}
    (text,) = dict(repo.blobs([entry.blob], READ_LIMIT)).values()
    return read(text, file).data or {}


def _declares(change: MergedChange, bond: Bond, authored: AuthoredCommit) -> bool:
    """Whether a commit ends a convention alone, as the convention allows its author to, with the required notice."""
    allowed = bond.parties if bond.exit is None or bond.exit.by is None else bond.parties & {bond.exit.by}
    if bond.exit is None or not authored.author.proven & allowed:
        return False
    moments = (authored.commit.committed, change.repo.commit_info(change.upstream).committed)
    known = (moment.date() for moment in moments if moment is not None)
    given = max((*known, change.on - timedelta(days=OPEN_DAYS)))
    earliest = notice_end(given, bond.exit.notice)
    return earliest is not None and bond.exit.end >= earliest


def _deliberations_of(speaking: Iterable[AuthoredCommit]) -> Iterator[str]:
    for authored in speaking:
        yield from (value for key, value in authored.commit.trailers if key == DELIBERATION)


def _decision(change: MergedChange, bond: Bond, party: RecordId, ids: Iterable[str]) -> Record | None:
    """The first of these deliberations that is the party's own and whose text, or an annex of the record, has a
    digest."""
    base = change.writers.base
    for id in ids:
        rid = RecordId("deliberation", id.removeprefix("deliberation/"))
        found, before = change.after.get(rid), base.get(rid)
        bodies = {record.data.get("body") for record in (found, before) if record is not None}
        if found is not None and bodies == {party.id} and (bond.annexed or _has_digest(found)):
            return found
    return None


def _has_digest(deliberation: Record) -> bool:
    document = deliberation.data.get("document")
    return isinstance(document, Mapping) and bool(document.get(DIGEST))


MISSING, DECIDED, BY_ACT = "CHG814", "CHG822", "CHG827"

_MANY = 4


def describe_commits(oids: Iterable[str]) -> Words:
    """`commit 1234567`, or the first few of many."""
    every = [short_id(oid) for oid in oids]
    listed = ", ".join(every[:_MANY]) + (" …" if len(every) > _MANY else "")
    return (
        Words(f"commit {listed}", f"le commit {listed}")
        if len(every) == 1
        else Words(f"commits {listed}", f"les commits {listed}")
    )


def names(parties: Iterable[RecordId]) -> Words:
    """The ids of parties, or that there is none."""
    ids = sorted({party.id for party in parties})
    return Words(", ".join(ids), ", ".join(ids)) if ids else Words("nobody who is known", "personne de connu")


def describe_author(writers: Writers, author: Author) -> Words:
    """For which party the author of a commit acts, and how that is known."""
    for parties, en, fr in (
        (author.proven, "by its key", "par sa clé"),
        (author.hinted, "by its address", "par son adresse"),
    ):
        if parties:
            who = names(parties)
            return Words(f"a writer of {who.en} ({en})", f"au nom de {who.fr} ({fr})")
    if author.signature.keys:
        key = author.signature.keys[0]
        return Words(f"somebody whose key {key} nobody lists", f"de quelqu'un dont personne n'inscrit la clé {key}")
    domain = author.domain or "?"
    return Words(f"somebody of {domain}, unsigned", f"de quelqu'un de {domain}, sans signature")


def missing_agreement(agreement: Agreement, keyed: Collection[RecordId]) -> Finding:
    """CHG814: who has not agreed, and how each does so. `keyed`: the parties that can sign."""
    bond, who = agreement.bond, names(agreement.missing)
    has, a = ("has", "n'a") if len(agreement.missing) == 1 else ("have", "n'ont")
    steps = steps_text(bond)
    return Finding(
        MISSING,
        "error",
        Words(
            f"{bond.rid}: {steps.en}; {who.en} {has} not agreed",
            f"{bond.rid} : {steps.fr} ; {who.fr} {a} pas donné d'accord",
        ),
        bond.where,
        _how(agreement, keyed),
    )


def _how(agreement: Agreement, keyed: Collection[RecordId]) -> Words:
    """Who signs what with which command, on the current branch; what replaces a missing key."""
    can_sign, cannot = agreement.missing & frozenset(keyed), agreement.missing - frozenset(keyed)
    command = f"smartreg agree {agreement.bond.rid}"
    ways: list[Words] = []
    for party, oid in sorted(agreement.withdrawn.items()):
        commit = describe_commits([oid])
        ways.append(
            Words(
                f"{party.id} withdrew its agreement in {commit.en}", f"{party.id} a retiré son accord dans {commit.fr}"
            )
        )
    for oid, parties in agreement.shared.items():
        commit, who = describe_commits([oid]), names(parties)
        ways.append(
            Words(
                f"the key of {commit.en} is listed by {who.en}, and agrees for none of them",
                f"la clé du {commit.fr.removeprefix('le ')} est inscrite par {who.fr}, et ne vaut accord d'aucune",
            )
        )
    if can_sign:
        who = names(can_sign)
        ways.append(
            Words(
                f"{who.en}: sign this branch as it is: {command}",
                f"{who.fr} : signez cette branche en l'état : {command}",
            )
        )
    if cannot and agreement.bond.succession:
        who = names(cannot)
        ways.append(
            Words(
                f"{who.en} without a key: give the act of the State in successors (document, sha256)",
                f"{who.fr} sans clé : donnez l'acte de l'État dans successors (document, sha256)",
            )
        )
    elif cannot or agreement.bond.rights:
        who = names(cannot or can_sign)
        ways.append(
            Words(
                f"{who.en} without a key: record its deliberation with the digest of the text (smartreg"
                f" add-deliberation), then {command} --deliberation ID",
                f"{who.fr} sans clé : saisissez sa délibération avec l'empreinte du texte (smartreg"
                f" add-deliberation), puis {command} --deliberation ID",
            )
        )
    return Words("; ".join(way.en for way in ways), " ; ".join(way.fr for way in ways))


def decision(agreement: Agreement, party: RecordId) -> Words:
    """The deliberation on which a party's agreement is based."""
    number = _number(agreement, party)
    return Words(
        f"agreement of {party.id} rests on deliberation {number}, not on a signature",
        f"l'accord de {party.id} repose sur la délibération {number}, non sur une signature",
    )


def _number(agreement: Agreement, party: RecordId) -> str:
    return str(agreement.decided[party].data.get("number") or agreement.decided[party].rid.id)


def agreement_by_deliberation(agreement: Agreement, party: RecordId) -> Finding:
    """CHG822: an agreement based on a deliberation of the party."""
    number = _number(agreement, party)
    sentence = decision(agreement, party)
    if agreement.bond.rights:
        sentence = Words(
            f"keys of {party.id} replaced by deliberation {number}, not by a signature",
            f"clés de {party.id} remplacées par la délibération {number}, non par une signature",
        )
    return Finding(
        DECIDED,
        "warning",
        sentence,
        agreement.bond.where,
        Words(
            "compare the text of the deliberation with this change before you merge",
            "comparez le texte de la délibération à cette modification avant de la fusionner",
        ),
    )


def succession_by_act(agreement: Agreement) -> Finding:
    """CHG827: a succession of parties that rests on an act of the State."""
    bond, who = agreement.bond, names(agreement.by_act)
    return Finding(
        BY_ACT,
        "warning",
        Words(
            f"{bond.rid}: the succession rests on {bond.act}, not on a signature of {who.en}",
            f"{bond.rid} : la succession repose sur {bond.act}, non sur une signature de {who.fr}",
        ),
        bond.where,
        Words(
            "compare the act with this change before you merge: the successor gets the rights of the party",
            "comparez l'acte à cette modification avant de la fusionner : le successeur reçoit les droits de la partie",
        ),
    )
