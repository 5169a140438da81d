"""Names of commits, their authors, parties and agreements in messages. Of an address, only the domain is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from smartreg.core.findings import Finding
from smartreg.core.values import RecordId, Words, short_id
from smartreg.review.authors.agreements import Agreement
from smartreg.review.authors.writers import Author, Writers
from smartreg.review.binding import steps_text

MISSING, DECIDED = "CHG814", "CHG822"

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
    if can_sign:
        who = names(can_sign)
        ways.append(
            Words(
                f"{who.en}: sign this branch as it is: {command}",
                f"{who.fr} : signez cette branche en l'état : {command}",
            )
        )
    if cannot or agreement.bond.rights:
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
