"""The findings about authors and agreements. Of an address, only the domain is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from smartreg.core.findings import Finding
from smartreg.core.values import Location, RecordId, Words, short_id
from smartreg.domain.binding import WRITERS
from smartreg.registry import record_at
from smartreg.review.authors.agreements import Agreement
from smartreg.review.authors.commits import AuthoredCommit
from smartreg.review.authors.writers import Author, Writers
from smartreg.review.binding import steps_text

FOREIGN, HINTED, MISSING, SIGNATURE, RIGHTS = "CHG812", "CHG813", "CHG814", "CHG815", "CHG816"
DECIDED, BY_ACT, WEAK = "CHG822", "CHG827", "CHG828"
_MANY = 4


def describe_commits(oids: Iterable[str]) -> Words:
    """`commit 1234567`, or the first few of many."""
    every = list(oids)
    ids = _list_commits(every)
    return (
        Words(f"commit {ids}", f"le commit {ids}") if len(every) == 1 else Words(f"commits {ids}", f"les commits {ids}")
    )


def _list_commits(oids: Sequence[str]) -> str:
    return ", ".join(short_id(oid) for oid in oids[:_MANY]) + (" …" if len(oids) > _MANY else "")


def names(parties: Iterable[RecordId]) -> Words:
    """The ids of parties, or that there is none."""
    ids = sorted({party.id for party in parties})
    return Words(", ".join(ids), ", ".join(ids)) if ids else Words("nobody who is known", "personne de connu")


def describe_author(writers: Writers, author: Author) -> Words:
    """For which party the author of a commit acts, and how that is known."""
    if author.proven:
        who = names(author.proven)
        return Words(f"a writer of {who.en} (by its key)", f"au nom de {who.fr} (par sa clé)")
    if author.hinted:
        who = names(author.hinted)
        return Words(f"a writer of {who.en} (by its address)", f"au nom de {who.fr} (par son adresse)")
    if author.signature.keys:
        key = author.signature.keys[0]
        return Words(f"somebody whose key {key} nobody lists", f"de quelqu'un dont personne n'inscrit la clé {key}")
    domain = author.domain or "?"
    return Words(f"somebody of {domain}, unsigned", f"de quelqu'un de {domain}, sans signature")


def missing_agreement(agreement: Agreement, keyed: Collection[RecordId]) -> Finding:
    """CHG814: who has not agreed, and how each does so. `keyed`: the parties that can sign."""
    bond, who = agreement.bond, names(agreement.missing)
    steps = steps_text(bond)
    if len(agreement.missing) == 1:
        message = Words(
            f"{bond.rid}: {steps.en}; {who.en} has not agreed",
            f"{bond.rid} : {steps.fr} ; {who.fr} n'a pas donné d'accord",
        )
    else:
        message = Words(
            f"{bond.rid}: {steps.en}; {who.en} have not agreed",
            f"{bond.rid} : {steps.fr} ; {who.fr} n'ont pas donné d'accord",
        )
    return Finding(
        MISSING,
        "error",
        message,
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
        id, who = short_id(oid), names(parties)
        ways.append(
            Words(
                f"the key of commit {id} is listed by {who.en}, and agrees for none of them",
                f"la clé du commit {id} est inscrite par {who.fr}, et ne vaut accord d'aucune",
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


def foreign_change(
    writers: Writers, file: str, owners: frozenset[RecordId], commits: Sequence[AuthoredCommit]
) -> Finding:
    """CHG812."""
    authors = dict.fromkeys(describe_author(writers, authored.author) for authored in commits)
    by = Words(" / ".join(author.en for author in authors), " / ".join(author.fr for author in authors))
    ids, whose = _list_commits([authored.commit.oid for authored in commits]), names(owners)
    rid, one = record_at(file, writers.base.schemas), len({authored.commit.oid for authored in commits}) == 1
    if rid is not None and rid not in writers.base:
        sentence = (
            Words(
                f"this is new and would belong to {whose.en}; commit {ids} by {by.en} may not add it",
                f"ceci est nouveau et appartiendrait à {whose.fr} ; le commit {ids}, {by.fr}, ne peut pas l'ajouter",
            )
            if one
            else Words(
                f"this is new and would belong to {whose.en}; commits {ids} by {by.en} may not add it",
                f"ceci est nouveau et appartiendrait à {whose.fr} ; les commits {ids}, {by.fr}, ne peuvent pas "
                "l'ajouter",
            )
        )
    else:
        sentence = (
            Words(
                f"this belongs to {whose.en}; commit {ids} by {by.en} may not change it",
                f"ceci appartient à {whose.fr} ; le commit {ids}, {by.fr}, ne peut pas le modifier",
            )
            if one
            else Words(
                f"this belongs to {whose.en}; commits {ids} by {by.en} may not change it",
                f"ceci appartient à {whose.fr} ; les commits {ids}, {by.fr}, ne peuvent pas le modifier",
            )
        )
    answerable = writers.answerable(owners)
    who = names(answerable)
    remedy = (
        Words(
            f"let {who.en} make this change in a commit of theirs, signed with a key that the base lists for them",
            f"faites faire cette modification par {who.fr}, dans un commit signé d'une clé inscrite dans la base",
        )
        if answerable
        else Words(
            "nobody may write for it yet: add writers to its party on the branch that changes are merged into",
            "personne ne peut encore écrire pour lui : ajoutez writers à sa partie, sur la branche de destination",
        )
    )
    return Finding(FOREIGN, "error", sentence, Location(file), remedy)


INVALID_SIGNATURES: Mapping[str, Words] = {
    "bad": Words(
        "the signature of commit {commit} does not hold: the commit is not what was signed, or it is of a kind that is "
        "not known",
        "la signature du commit {commit} est fausse : le commit n'est pas celui qui a été signé, ou le format est "
        "inconnu",
    ),
    "revoked": Words(
        "the signature of commit {commit} is by a key that was revoked",
        "la signature du commit {commit} vient d'une clé révoquée",
    ),
}


def invalid_signature(authored: AuthoredCommit) -> Finding:
    """CHG815."""
    commit = short_id(authored.commit.oid)
    message = INVALID_SIGNATURES[authored.author.signature.state].fill(commit=commit)
    again = Words("sign it again: git commit --amend -S", "signez-le de nouveau : git commit --amend -S")
    return Finding(SIGNATURE, "error", message, _first_file(authored), again)


def weak_signature(authored: AuthoredCommit, weakness: Words) -> Finding:
    """CHG828."""
    commit = short_id(authored.commit.oid)
    message = Words(
        f"the signature of commit {commit} counts for nobody: {weakness.en}",
        f"la signature du commit {commit} ne vaut pour personne : {weakness.fr}",
    )
    again = Words(
        "sign it again as [keys] in smartreg.toml of the base requires: git commit --amend -S",
        "signez-le de nouveau, comme [keys] de smartreg.toml de la base l'exige : git commit --amend -S",
    )
    return Finding(WEAK, "error", message, _first_file(authored), again)


def _first_file(authored: AuthoredCommit) -> Location:
    return Location(min((*authored.files.values(), *authored.others), default=""))


def known_by_address(cases: Sequence[tuple[AuthoredCommit, str]]) -> Finding:
    """CHG813, for commits of one author and the files that they change."""
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


def changed_rights(authored: AuthoredCommit, rid: RecordId) -> Finding:
    """CHG816."""
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
