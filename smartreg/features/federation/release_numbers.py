"""The numbers of releases: each is claimed by a tag, `release/12`, before anything is published under it. The tag is
pushed; who comes second is refused, so no two releases have the same number.

A tag holds the signed manifest itself. So an empty folder (a pipeline that publishes anew each time) gets all manifests
again, and a publication that was killed after it claimed its number leaves no gap in the chain. `withdrawn/12` holds
the signed statement that the data of release 12 were withdrawn.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message, Text
from smartreg.core.ssh_keys import fingerprints_of
from smartreg.gitio import CommitMessage, GitFailed, Repo
from smartreg.gitio.tags import Tag, drop_tag, fetch_tags, make_tag, push_tag, tags
from smartreg.release.format import (
    Manifest,
    RefusedRelease,
    Withdrawal,
    digest_of,
    read_manifest,
    read_withdrawal,
)
from smartreg.release.reading import check_signature, may_sign_next
from smartreg.schema.settings import Release

RELEASES, WITHDRAWALS = "release", "withdrawn"
_NUMBER = re.compile(rf"(?:{RELEASES}|{WITHDRAWALS})/([1-9][0-9]{{0,14}})")
_SIGNATURE, _DIGEST = "Smartreg-Signature", "Smartreg-Digest"
_ARMOR = re.compile(rb"-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*")
_LINE = 70  # characters, as ssh-keygen writes them


class SignedText(NamedTuple):
    """A text of a release (ASCII, a line feed at its end) and the armored signature on it."""

    content: bytes
    signature: bytes


class ClaimedRelease(NamedTuple):
    """A release by its tag."""

    manifest: Manifest
    signed: SignedText


class ClaimedWithdrawal(NamedTuple):
    """A withdrawal by its tag."""

    withdrawal: Withdrawal
    signed: SignedText


@dataclass(frozen=True)
class Claims:
    """What was claimed under the id of a registry, by number; the remote where numbers are claimed (None: in this clone
    alone)."""

    remote: str | None
    releases: Mapping[int, ClaimedRelease]
    withdrawals: Mapping[int, ClaimedWithdrawal]

    @property
    def last(self) -> ClaimedRelease | None:
        return self.releases[max(self.releases)] if self.releases else None


def read_claims(repo: Repo, settings: Release) -> Claims:
    """All claims, as the remote has them; a claim of this clone whose push was interrupted is pushed first. StateFault
    where a tag holds no release, and where one is missing."""
    repo.refuse_shallow()
    remote = repo.remote()
    for name in fetch_tags(repo, remote, (RELEASES, WITHDRAWALS)) if remote is not None else ():
        if _NUMBER.fullmatch(name) and not push_tag(repo, remote or "", name):
            raise _lost(name)
    releases = {
        number: ClaimedRelease(*_claimed(tag, RELEASES, read_manifest)) for number, tag in _numbered(repo, RELEASES)
    }
    _refuse_broken(releases, settings)
    withdrawals = {
        number: ClaimedWithdrawal(*_claimed(tag, WITHDRAWALS, read_withdrawal))
        for number, tag in _numbered(repo, WITHDRAWALS)
    }
    return Claims(remote, releases, withdrawals)


def signers_of_next(manifest: Manifest, settings: Release) -> frozenset[str]:
    """The fingerprints of the keys that may sign the release after this one."""
    return may_sign_next(manifest, fingerprints_of(settings.keys), settings.revoked_after)


def _refuse_broken(releases: Mapping[int, ClaimedRelease], settings: Release) -> None:
    """StateFault unless the releases are a chain, whose last link is signed by a key that the one before lists: it
    holds all others."""
    if not releases:
        return
    for number in range(1, max(releases)):
        if number not in releases:
            missing = f"{RELEASES}/{number}"
            raise StateFault(
                Message("the tag {name} is missing", name=missing),
                Message("push it from a clone that has it: readers need every manifest"),
            )
        if releases[number + 1].manifest.previous != releases[number].manifest.digest:
            raise _not_ours(f"{RELEASES}/{number + 1}", Message("it does not follow the release before"))
    last = releases[max(releases)]
    name = f"{RELEASES}/{last.manifest.serial}"
    before = releases.get(last.manifest.serial - 1)
    may_sign = signers_of_next(before.manifest, settings) if before else last.manifest.fingerprints
    try:
        _, signer = check_signature(last.signed.content, last.signed.signature, name)
    except RefusedRelease as fault:
        raise _not_ours(name, fault.message) from None
    if signer not in may_sign:
        raise _not_ours(name, Message("it is signed by the key {key}", key=signer))


def _numbered(repo: Repo, folder: str) -> Iterator[tuple[int, Tag]]:
    for tag in tags(repo, folder):
        if (match := _NUMBER.fullmatch(tag.name)) and tag.name.startswith(f"{folder}/"):
            yield int(match[1]), tag


_Claimed = TypeVar("_Claimed", Manifest, Withdrawal)


def _claimed(tag: Tag, folder: str, read: Callable[[bytes], _Claimed]) -> tuple[_Claimed, SignedText]:
    """The text that a tag holds, read and as it is signed. StateFault if it is about another release."""
    signed = _signed_text(tag)
    try:
        claimed = read(signed.content)
    except RefusedRelease as fault:
        raise _not_ours(tag.name, fault.message) from None
    if tag.name != f"{folder}/{claimed.serial}":
        raise _not_ours(tag.name, Message("it is about another release"))
    return claimed, signed


def _signed_text(tag: Tag) -> SignedText:
    """The text in the message of a tag: all but its subject and trailers."""
    trailers = dict(tag.trailers)
    _, _, text = tag.message.partition("\n\n")
    content = f"{text}\n".encode("utf-8", "replace")
    if digest_of(content) != trailers.get(_DIGEST):
        raise _not_ours(tag.name, Message("it holds no text of a release"))
    blob = trailers.get(_SIGNATURE, "")
    lines = "\n".join(blob[start : start + _LINE] for start in range(0, len(blob), _LINE))
    armored = f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n"
    return SignedText(content, armored.encode("utf-8", "replace"))


def _not_ours(name: str, why: Text) -> StateFault:
    return StateFault(
        Message("the tag {name} is no release of this registry: {why}", name=name, why=why),
        Message("see who made it (git show {name}); if it is a mistake, delete it here and on the remote", name=name),
    )


def claim(repo: Repo, remote: str | None, name: str, commit: str, subject: str, signed: SignedText) -> None:
    """Claim a number (`release/12`) for a signed text. StateFault if somebody else has it, with nothing left here; also
    if the remote does not answer: then the claim stays here, and the next run goes on from it."""
    armored = _ARMOR.fullmatch(signed.signature)
    blob = base64.b64encode(base64.b64decode(armored[1])).decode() if armored else ""
    trailers = ((_DIGEST, digest_of(signed.content)), (_SIGNATURE, blob))
    make_tag(repo, name, commit, CommitMessage(subject, signed.content.decode("ascii"), trailers), sign=False)
    if remote is None:
        return
    try:
        is_ours = push_tag(repo, remote, name)
    except GitFailed as fault:
        raise StateFault(
            Message("the tag {name} could not be pushed: {said}", name=name, said=fault.said),
            Message("nothing was published; run the command again, which goes on from the tag"),
        ) from None
    if not is_ours:
        drop_tag(repo, name)
        raise _lost(name)


def _lost(name: str) -> StateFault:
    return StateFault(
        Message("{name} was claimed by somebody else meanwhile", name=name),
        Message("nothing was published; run the command again"),
    )
