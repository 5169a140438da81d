"""The findings about authors and agreements. Of an address, only the domain is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, joined, verbatim
from smartreg.core.values import Location, RecordId, short_id
from smartreg.domain.binding import WRITERS
from smartreg.registry import record_at
from smartreg.review.authors.agreements import Agreement
from smartreg.review.authors.commits import AuthoredCommit
from smartreg.review.authors.writers import Author, Writers
from smartreg.review.binding import steps_text

FOREIGN, HINTED, MISSING, SIGNATURE, RIGHTS = "CHG812", "CHG813", "CHG814", "CHG815", "CHG816"
DECIDED, BY_ACT, WEAK = "CHG822", "CHG827", "CHG828"
_MANY = 4


def describe_commits(oids: Iterable[str]) -> Text:
    """`commit 1234567`, or the first few of many."""
    every = list(oids)
    ids = _list_commits(every)
    return Message("commit {ids}", ids=ids) if len(every) == 1 else Message("commits {ids}", ids=ids)


def _list_commits(oids: Sequence[str]) -> str:
    return ", ".join(short_id(oid) for oid in oids[:_MANY]) + (" …" if len(oids) > _MANY else "")


def names(parties: Iterable[RecordId]) -> Text:
    """The ids of parties, or that there is none."""
    ids = sorted({party.id for party in parties})
    return verbatim(", ".join(ids)) if ids else Message("an unknown author")


def describe_author(writers: Writers, author: Author) -> Text:
    """For which party the author of a commit acts, and how that is known."""
    if author.proven:
        who = names(author.proven)
        return Message("a writer of {who} (by its key)", who=who)
    if author.hinted:
        who = names(author.hinted)
        return Message("a writer of {who} (by its address)", who=who)
    if author.signature.keys:
        key = author.signature.keys[0]
        return Message("a signer whose key {key} no party lists", key=key)
    domain = author.domain or "?"
    return Message("an unsigned author of {domain}", domain=domain)


def missing_agreement(agreement: Agreement, keyed: Collection[RecordId]) -> Finding:
    """CHG814: who has not agreed, and how each does so. `keyed`: the parties that can sign."""
    bond, who = agreement.bond, names(agreement.missing)
    steps = steps_text(bond)
    if len(agreement.missing) == 1:
        message = Message("{who} has not agreed to {bond}: {steps}", bond=bond.rid, steps=steps, who=who)
    else:
        message = Message("{who} have not agreed to {bond}: {steps}", bond=bond.rid, steps=steps, who=who)
    return Finding(
        MISSING,
        "error",
        message,
        bond.where,
        _how(agreement, keyed),
    )


def _how(agreement: Agreement, keyed: Collection[RecordId]) -> Text:
    """Who signs what with which command, on the current branch; what replaces a missing key."""
    can_sign, cannot = agreement.missing & frozenset(keyed), agreement.missing - frozenset(keyed)
    command = f"smartreg agree {agreement.bond.rid}"
    ways: list[Text] = []
    for party, oid in sorted(agreement.withdrawn.items()):
        commit = describe_commits([oid])
        ways.append(Message("{party} withdrew its agreement in {commit}", party=party.id, commit=commit))
    for oid, parties in agreement.shared.items():
        id, who = short_id(oid), names(parties)
        ways.append(
            Message("{who} share the key of commit {id}: it is not an agreement of any of them", id=id, who=who)
        )
    if can_sign:
        who = names(can_sign)
        ways.append(Message("{who}: sign this branch as it is: {command}", who=who, command=command))
    by_act = cannot - agreement.bond.partners if agreement.bond.succession else frozenset()
    if by_act:
        who = names(by_act)
        ways.append(Message("{who} without a key: give the act of the State in successors (document, sha256)", who=who))
        cannot -= by_act
    if cannot or (agreement.bond.rights and not by_act):
        who = names(cannot or can_sign)
        ways.append(
            Message(
                "{who} without a key: record its deliberation with the digest of the text (smartreg "
                "add-deliberation), then {command} --deliberation ID",
                who=who,
                command=command,
            )
        )
    return joined(ways, Message("; "))


def decision(agreement: Agreement, party: RecordId) -> Text:
    """The deliberation on which a party's agreement is based."""
    number = _number(agreement, party)
    return Message(
        "agreement of {party} rests on deliberation {number}, not on a signature", party=party.id, number=number
    )


def _number(agreement: Agreement, party: RecordId) -> str:
    return str(agreement.decided[party].data.get("number") or agreement.decided[party].rid.id)


def agreement_by_deliberation(agreement: Agreement, party: RecordId) -> Finding:
    """CHG822: an agreement based on a deliberation of the party."""
    number = _number(agreement, party)
    sentence = decision(agreement, party)
    if agreement.bond.rights:
        sentence = Message(
            "keys of {party} replaced by deliberation {number}, not by a signature", party=party.id, number=number
        )
    return Finding(
        DECIDED,
        "warning",
        sentence,
        agreement.bond.where,
        Message("compare the text of the deliberation with this change before you merge"),
    )


def succession_by_act(agreement: Agreement) -> Finding:
    """CHG827: a succession of parties that rests on an act of the State."""
    bond, who = agreement.bond, names(agreement.by_act)
    return Finding(
        BY_ACT,
        "warning",
        Message(
            "{bond}: the succession rests on {act}, not on a signature of {who}", bond=bond.rid, act=bond.act, who=who
        ),
        bond.where,
        Message("compare the act with this change before you merge: the successor gets the rights of the party"),
    )


def foreign_change(
    writers: Writers, file: str, owners: frozenset[RecordId], commits: Sequence[AuthoredCommit]
) -> Finding:
    """CHG812."""
    authors = dict.fromkeys(describe_author(writers, authored.author) for authored in commits)
    by = joined(authors, " / ")
    ids, whose = _list_commits([authored.commit.oid for authored in commits]), names(owners)
    rid, is_single = record_at(file, writers.base.schemas), len({authored.commit.oid for authored in commits}) == 1
    if rid is not None and rid not in writers.base:
        sentence = (
            Message(
                "this is new and would belong to {whose}; commit {ids} by {by} may not add it",
                whose=whose,
                ids=ids,
                by=by,
            )
            if is_single
            else Message(
                "this is new and would belong to {whose}; commits {ids} by {by} may not add it",
                whose=whose,
                ids=ids,
                by=by,
            )
        )
    else:
        sentence = (
            Message("this belongs to {whose}; commit {ids} by {by} may not change it", whose=whose, ids=ids, by=by)
            if is_single
            else Message(
                "this belongs to {whose}; commits {ids} by {by} may not change it", whose=whose, ids=ids, by=by
            )
        )
    answerable = writers.answerable(owners)
    who = names(answerable)
    remedy = (
        Message(
            "let {who} make this change in a commit of theirs, signed with a key that the base lists for them", who=who
        )
        if answerable
        else Message("it has no writers yet: add writers to its party on the target branch")
    )
    return Finding(FOREIGN, "error", sentence, Location(file), remedy)


INVALID_SIGNATURES: Mapping[str, Message] = {
    "bad": Message(
        "the signature of commit {commit} does not hold: the commit is not what was signed, or it is of a kind that "
        "is not known"
    ),
    "revoked": Message("the signature of commit {commit} is by a key that was revoked"),
}


def invalid_signature(authored: AuthoredCommit) -> Finding:
    """CHG815."""
    commit = short_id(authored.commit.oid)
    message = INVALID_SIGNATURES[authored.author.signature.state].fill(commit=commit)
    again = Message("sign it again: git commit --amend -S")
    return Finding(SIGNATURE, "error", message, _first_file(authored), again)


def weak_signature(authored: AuthoredCommit, weakness: Text) -> Finding:
    """CHG828."""
    commit = short_id(authored.commit.oid)
    message = Message("the signature of commit {commit} does not count: {weakness}", commit=commit, weakness=weakness)
    again = Message("sign it again as [keys] in smartreg.toml of the base requires: git commit --amend -S")
    return Finding(WEAK, "error", message, _first_file(authored), again)


def _first_file(authored: AuthoredCommit) -> Location:
    return Location(min((*authored.files.values(), *authored.others), default=""))


def known_by_address(cases: Sequence[tuple[AuthoredCommit, str]]) -> Finding:
    """CHG813, for commits of one author and the files that they change."""
    author, commits = cases[0][0].author, describe_commits(dict.fromkeys(authored.commit.oid for authored, _ in cases))
    return Finding(
        HINTED,
        "warning",
        Message(
            "only the domain {domain} in an address says who made {commits}, and anybody can write that",
            domain=author.domain,
            commits=commits,
        ),
        Location(min(file for _, file in cases)),
        _proof(author),
    )


def _proof(author: Author) -> Text:
    if author.signature.state == "unknown key":
        return Message("its OpenPGP key is not in the keyring here: import the public key and validate again")
    if author.signature.keys:
        key = author.signature.keys[0]
        return Message("it is signed with {key}, which belongs to no party concerned in the base", key=key)
    return Message("sign commits (git commit -S) with a key that the base lists under writers.keys")


def changed_rights(authored: AuthoredCommit, rid: RecordId) -> Finding:
    """CHG816."""
    commits = describe_commits([authored.commit.oid])
    return Finding(
        RIGHTS,
        "error",
        Message(
            "{commits} changes who may write for {rid} without a signature that proves the right to",
            commits=commits,
            rid=rid.id,
        ),
        Location(authored.files[rid], (WRITERS,)),
        _proof(authored.author),
    )
