"""Which of the parties bound by a change have agreed to it.

A party agrees with a signed commit within the change: the one that makes it, or one that names the record in a
trailer `Smartreg-Record` without touching it (`smartreg agree`). It counts only if the record's binding content at
that commit equals the final one, and the party does not withdraw it: with a signed commit of the same kind (`smartreg
agree --withdraw`) that the agreement does not come after. A key that several bound parties list agrees for none of
them: nobody agrees with themselves. For a party without a key at the base, its own deliberation, with a digest of its
text, replaces the signature; for a succession of parties, also the act of the State, with its digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from smartreg.core.values import Data, Record, RecordId
from smartreg.domain.annexes import DIGEST
from smartreg.domain.binding import Bond, terms
from smartreg.domain.renewal import earliest_termination
from smartreg.gitio import AGREE, DELIBERATION, WITHDRAW, Repo
from smartreg.registry import Registry
from smartreg.review.authors.commits import AuthoredCommit
from smartreg.review.authors.writers import Writers
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
    trailers = [trailer for authored in speaking for trailer in authored.commit.trailers]
    ids = [*sorted(bond.deliberations), *(value for key, value in trailers if key == DELIBERATION)]
    decided = {
        party: deliberation
        for party in sorted(bond.parties - signed.keys())
        if (bond.rights or party not in change.writers.keyed)
        and (deliberation := _decision(change, bond, party, ids)) is not None
    }
    missing = bond.parties - signed.keys() - decided.keys()
    by_act = missing - change.writers.keyed - bond.partners if bond.act is not None and not bond.rights else frozenset()
    return Agreement(bond, signed, decided, missing - by_act, withdrawn, shared, by_act)


def _speaks(change: MergedChange, bond: Bond, authored: AuthoredCommit) -> bool:
    """Whether a commit is signed with a key that the base lists, and agrees to the record's final binding content. A
    merge never does: its message may quote what others wrote; nor does a commit for what it only carries."""
    if not authored.author.proven or len(authored.commit.parents) > 1 or authored.is_result:
        return False
    kind, base, commit = bond.rid.kind, change.writers.base, authored.commit
    makes = not bond.files.keys().isdisjoint(authored.others)
    if bond.rid in authored.records:
        was, now = (terms(base, kind, data or {}) for data in authored.records[bond.rid])
        agreed = (makes or was != now) and now == bond.terms
    elif makes or (str(bond.rid) in authored.named and commit.ops <= {AGREE}):
        agreed = terms(base, kind, _data_at(change.repo, commit.oid, bond.where.file)) == bond.terms
    else:
        return False
    agreed = agreed and all(_digest_at(change.repo, commit.oid, file) == now for file, now in bond.files.items())
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


def _digest_at(repo: Repo, commit: str, file: str) -> str | None:
    """The SHA-256 of a plain file in a commit."""
    entry = repo.entry(commit, file)
    if entry is None or entry.mode not in _PLAIN:
        return None
    return next(sha256(content).hexdigest() for _, content in repo.blobs([entry.blob]))


def _declares(change: MergedChange, bond: Bond, authored: AuthoredCommit) -> bool:
    """Whether a commit ends a convention alone, as the convention allows its author to, with the required notice."""
    allowed = bond.parties if bond.exit is None or bond.exit.by is None else bond.parties & {bond.exit.by}
    if bond.exit is None or not authored.author.proven & allowed:
        return False
    moments = (authored.commit.committed, change.repo.commit_info(change.upstream).committed)
    days = (moment.date() for moment in moments if moment is not None)
    given = max((*days, change.on - timedelta(days=OPEN_DAYS)))
    earliest = earliest_termination(given, bond.exit.notice)
    return earliest is not None and bond.exit.end >= earliest


def _decision(change: MergedChange, bond: Bond, party: RecordId, ids: Iterable[str]) -> Record | None:
    """The first of these deliberations that is the party's own and whose text, or an annex of the record, has a
    digest."""
    base = change.writers.base
    for id in ids:
        rid = RecordId("deliberation", id.removeprefix("deliberation/"))
        after, before = change.after.get(rid), base.get(rid)
        if after is None or {record.data.get("body") for record in (after, before) if record} != {party.id}:
            continue
        document = after.data.get("document")
        if bond.annexed or (isinstance(document, Mapping) and document.get(DIGEST)):
            return after
    return None
