"""Countersignatures: a party's SSH signature (namespace `smartreg-seal`) on the line of a seal. Who signed a line holds
it, so the seal and all that came before it cannot be remade without that showing.

A file has the line, then the armored signature on it (UTF-8, no line feed). It counts if the registry listed the key
for one party, in the sealed commit or before the commit that brought the file in. A key that the party lists no longer
may be in other hands, so then only a timestamp on a later seal, whose commit holds the file and still lists the key,
makes it count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, joined
from smartreg.core.values import Location, RecordId, short_id
from smartreg.domain.kinds import PARTY
from smartreg.features.proofs.trail.proofs import Countersignature, folder_of
from smartreg.features.proofs.trail.seals import Seal, SealLine, parse_seal_line
from smartreg.gitio import Commit, Repo
from smartreg.gitio.signatures import Signature
from smartreg.gitio.ssh_signatures import SEAL, check
from smartreg.registry import Registry
from smartreg.review.authors.key_requirements import find_weakness
from smartreg.review.authors.writers import Writers

BROKEN, SPLIT = "AUD923", "AUD924"
ENDING = ".sig"
_ARMOR = "-----BEGIN SSH SIGNATURE-----"


@dataclass(frozen=True, slots=True)
class SignedLine:
    """A line of a seal, its signature, and by which key."""

    seal_line: SealLine
    signature: Signature

    @property
    def key(self) -> str:
        return self.signature.keys[0]


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What the check of countersignatures goes by: the seals here, the registry of a commit with the day of that,
    which seals a timestamp covers, and the commit that brought each file in."""

    repo: Repo
    head: str
    seals: Mapping[str, Seal]
    registry_of: Callable[[str], tuple[Registry, date]]
    stamped: frozenset[str]
    added: Mapping[str, Commit]
    days: Mapping[str, date]


def text_of(line: str, armored: bytes) -> bytes:
    """The file of a countersignature."""
    return line.encode("utf-8") + b"\n" + armored


def read_signed_line(content: bytes) -> SignedLine | None:
    """A countersignature whose signature is good for its line; None if it is none. The line is the first one, as it
    is: what `head -n 1 | tr -d '\\n'` prints is what was signed."""
    first, _, armored = content.partition(b"\n")
    line = first.decode("utf-8", "replace")
    seal_line = parse_seal_line(line)
    if seal_line is None or seal_line.text != line or not armored.startswith(_ARMOR.encode("ascii")):
        return None
    signature = check(line.encode("utf-8"), armored, SEAL)
    return SignedLine(seal_line, signature) if signature.state == "good" else None


def parties_of(signed: SignedLine, registry: Registry, on: date) -> frozenset[RecordId]:
    """The parties for which a registry lists the key."""
    return Writers(registry, on).parties_of_key(signed.key)


def weakness_of(signed: SignedLine, registry: Registry, on: date) -> Text | None:
    return find_weakness(signed.signature, registry.config.keys, on)


def check_countersignatures(
    files: Mapping[str, Mapping[str, bytes]], witnesses: Witnesses
) -> Iterator[tuple[str, Countersignature | Finding]]:
    """Each countersignature of `files` (by the name of the seal, then the file's) that holds, or what is wrong with
    it, with the seal that its folder is of."""
    for seal, names in files.items():
        for name, content in sorted(names.items()):
            if name.endswith(ENDING):
                place = f"{folder_of(seal)}/{name}"
                yield from ((seal, result) for result in _check(seal, name, place, content, witnesses))


def _check(
    seal: str, name: str, place: str, content: bytes, witnesses: Witnesses
) -> Iterator[Countersignature | Finding]:
    signed = read_signed_line(content)
    if signed is None:
        yield broken(place, Message("its signature does not match its line"))
        return
    if signed.seal_line.name != seal:
        yield broken(place, Message("it signs {other}, not {seal}", other=signed.seal_line.name, seal=seal))
        return
    party = RecordId(PARTY, re.sub(r"(?:\.[0-9]+)?\.sig$", "", name))
    added = witnesses.added.get(place)
    why = _why_not_listed(signed, party, place, added, witnesses)
    if why is not None:
        yield broken(place, why)
        return
    contradiction = compare_signed(signed, (party,), witnesses, place)
    if contradiction is not None:
        yield contradiction
        return
    recorded = witnesses.days.get(added.oid) if added is not None else None
    yield Countersignature(party, signed.seal_line, signed.key, place, recorded)


def _why_not_listed(
    signed: SignedLine, party: RecordId, place: str, added: Commit | None, witnesses: Witnesses
) -> Text | None:
    seal = witnesses.seals.get(signed.seal_line.name)
    commits = [seal.sealed.commit] if seal is not None and witnesses.repo.tree_id(seal.sealed.commit) else []
    commits += [*added.parents[:1]] if added is not None else []
    states = [witnesses.registry_of(commit) for commit in commits]
    listing = [(registry, on) for registry, on in states if parties_of(signed, registry, on) == {party}]
    if not listing:
        return Message("{party} did not list the key {key}", party=party.id, key=signed.key)
    weakness = weakness_of(signed, *listing[0])
    if weakness is not None:
        return Message("it does not count: {weakness}", weakness=weakness)
    if parties_of(signed, *witnesses.registry_of(witnesses.head)) == {party}:
        return None
    if any(_covers(later, party, place, signed, witnesses) for later in witnesses.seals.values()):
        return None
    return Message(
        "{party} no longer lists the key {key}, and no timestamp shows that it signed before",
        party=party.id,
        key=signed.key,
    )


def _covers(later: Seal, party: RecordId, place: str, signed: SignedLine, witnesses: Witnesses) -> bool:
    """Whether a seal with a timestamp contains the file, at a time when the party listed the key."""
    commit = later.sealed.commit
    if later.name not in witnesses.stamped or witnesses.repo.entry(commit, place) is None:
        return False
    return parties_of(signed, *witnesses.registry_of(commit)) == {party}


def compare_signed(signed: SignedLine, parties: Sequence[RecordId], witnesses: Witnesses, place: str) -> Finding | None:
    """AUD924 if a party signed another line than that of the seal here: there are two histories, and what follows is
    for the parties to settle."""
    line = signed.seal_line
    here = witnesses.seals.get(line.name)
    if here is not None and (here.sealed.commit, here.digest) == (line.commit, line.digest):
        return None
    who = joined([party.id for party in parties]) if parties else Message("somebody")
    if here is None:
        message = Message("{who} holds {seal}, and it is not here", who=who, seal=line.name)
    else:
        message = Message(
            "{who} holds another {seal}: commit {other}, here {commit}; {split}",
            who=who,
            seal=line.name,
            other=short_id(line.commit),
            commit=short_id(here.sealed.commit),
            split=_where_they_part(witnesses.repo, line.commit, here.sealed.commit),
        )
    return Finding(
        SPLIT,
        "error",
        message,
        Location(place),
        Message("keep both, fetch that history from whoever holds it, and find out which one the parties agreed to"),
    )


def _where_they_part(repo: Repo, other: str, here: str) -> Text:
    if other == here:
        return Message("the same commit was sealed twice")
    if repo.tree_id(other) is None:
        return Message("that commit is not here")
    if repo.is_ancestor(other, here) or repo.is_ancestor(here, other):
        return Message("both are in one history, and one of the seals was made again")
    return Message("the two histories part after {commit}", commit=short_id(repo.merge_base(other, here)))


def broken(place: str, why: Text) -> Finding:
    """AUD923."""
    return Finding(
        BROKEN,
        "error",
        Message("the countersignature {place} does not count: {why}", place=place, why=why),
        Location(place),
        Message("it shows nobody's agreement: ask the party for its line, and compare that"),
    )
