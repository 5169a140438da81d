"""How commits, their authors and parties are called. Nobody's address is shown: only its domain is."""

from __future__ import annotations

from collections.abc import Iterable

from smartreg.authors.writers import Author, Writers
from smartreg.values import RecordId, Words, short_id

_MANY = 4


def commits_said(oids: Iterable[str]) -> Words:
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


def author_said(writers: Writers, author: Author) -> Words:
    """For whom the author of a commit speaks, and how that is known."""
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
