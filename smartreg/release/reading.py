"""How a reader verifies what a registry published: signatures, numbers, the chain of manifests, the bytes of the files.
No byte reaches a parser of tables before its digest was compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias

from smartreg.core.files import read_regular
from smartreg.core.messages import Message
from smartreg.core.values import REGISTRY_ID
from smartreg.gitio.signatures import Signature
from smartreg.gitio.ssh_signatures import RELEASE as NAMESPACE
from smartreg.gitio.ssh_signatures import check
from smartreg.release.format import (
    LARGEST,
    LATEST_FILE,
    MANIFEST_FILE,
    SIGNATURE,
    WITHDRAWN_FILE,
    Latest,
    Manifest,
    RefusedRelease,
    Why,
    Withdrawal,
    digest_of,
    folder_of,
    moment_text,
    read_latest,
    read_manifest,
    read_withdrawal,
)

MOST_STEPS = 1000
"""The most releases that a reader goes back at once: a thief of the key cannot make it walk for ever."""
LARGEST_WALK = 1 << 28
"""The most bytes of their manifests."""
_REPEAT = Message("the publisher repeats smartreg publish -o DIR, and uploads the folder again")
_CLOCKS = timedelta(days=1)  # by which two of them may differ
NO_KEYS: Mapping[str, int] = {}
_ARMORED = re.compile(rb"-----BEGIN SSH SIGNATURE-----[A-Za-z0-9+/=\s]+-----END SSH SIGNATURE-----\n?")

Fetch: TypeAlias = Callable[[str, int], bytes]
"""Reads a file by its path below the address of a publisher (`<id>/latest.json`), at most so many bytes. OSError if it
is not there or cannot be read."""


class SignedManifest(NamedTuple):
    """A manifest whose signature is good; its bytes, the signature's, and the fingerprint of the key. Whether the key
    may sign is decided along the chain."""

    manifest: Manifest
    content: bytes
    signature: bytes
    signer: str


class Rotation(NamedTuple):
    """The release from which on other keys may sign: fingerprints that came, and that went."""

    serial: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class VerifiedRelease:
    """What the holder of a key published last. `chain`: the manifests that were walked, oldest first, the latest at the
    end, which alone has its text; the pinned one, or the one where trust began, is the first."""

    latest: Latest
    chain: tuple[SignedManifest, ...]
    rotations: tuple[Rotation, ...]

    @property
    def manifest(self) -> Manifest:
        return self.chain[-1].manifest

    def is_expired(self, now: datetime) -> bool:
        return now > self.latest.expires


def fetch_from(folder: Path) -> Fetch:
    """Read the files of a publisher from a folder; symbolic links and whatever else is no plain file are refused."""
    return lambda path, limit: read_regular(folder / path, limit)


def registry_in(folder: Path) -> str:
    """The id of the only registry that published into a folder. RefusedRelease if there is none, or several."""
    ids = sorted(path.name for path in folder.iterdir() if REGISTRY_ID.fullmatch(path.name) and path.is_dir())
    if len(ids) != 1:
        raise RefusedRelease(
            "registry",
            Message("{folder} holds the releases of {n} registries", folder=folder, n=len(ids)),
            Message("name one: {ids}", ids=", ".join(ids[:5]))
            if ids
            else Message("name the folder that smartreg publish -o wrote"),
        )
    return ids[0]


def read_release(
    fetch: Fetch,
    registry: str,
    trusted: Collection[str],
    *,
    pinned: Manifest | None = None,
    revoked: Mapping[str, int] = NO_KEYS,
    now: datetime | None = None,
    whole: bool = False,
    most: int = MOST_STEPS,
) -> VerifiedRelease:
    """The latest release of a registry, verified from what the reader trusts: the manifest that it `pinned` (whose keys
    sign what follows), else the fingerprints `trusted`, of keys that it has from the publisher. `revoked`: fingerprints
    of keys that somebody else may hold, with the last release that they sign; `now`: refuse what is expired; `whole`:
    walk to the first release, whatever is trusted; `most`: releases to go back otherwise.

    RefusedRelease says why it must not be taken. Tables are not looked at: see `check_files`.
    """
    content, _, signer = signed_by(fetch, f"{registry}/{LATEST_FILE}", LATEST_FILE)
    latest = read_latest(content)
    if latest.registry != registry:
        raise _other_registry(LATEST_FILE, latest.registry, registry)
    if now is not None and now > latest.expires:
        raise RefusedRelease(
            "expired",
            Message("the latest release expired on {expires}", expires=moment_text(latest.expires)),
            Message("ask the publisher to renew it: smartreg publish --renew"),
        )
    if now is not None and latest.issued > now + _CLOCKS:
        raise RefusedRelease(
            "unreadable",
            Message(
                "{file} was issued on {issued}, which is to come", file=LATEST_FILE, issued=moment_text(latest.issued)
            ),
            Message("compare the clock of this computer with that of the publisher"),
        )
    if pinned is not None and latest.serial < pinned.serial:
        raise RefusedRelease(
            "rollback",
            Message(
                "release {serial} is offered as the latest, but release {pinned} was seen before",
                serial=latest.serial,
                pinned=pinned.serial,
            ),
        )
    if signer in revoked:  # it says what is the latest today
        raise _revoked_key(LATEST_FILE, signer, revoked[signer])
    chain = _walk(fetch, latest, None if whole else most, _Trust(pinned, frozenset(trusted), revoked))
    last = chain[-1]
    if signer not in last.manifest.fingerprints | {last.signer}:
        raise _other_key(LATEST_FILE, signer)
    return VerifiedRelease(latest, chain, tuple(rotations_in([item.manifest for item in chain])))


def _walk(fetch: Fetch, latest: Latest, most: int | None, trust: _Trust) -> tuple[SignedManifest, ...]:
    """The manifests from the one that is trusted (from the first, if any number of steps may be taken) to the latest:
    each signed by a key that the one before lists."""
    newest_first: list[SignedManifest] = []
    serial, digest, walked = latest.serial, latest.manifest, 0
    while True:
        if most is not None and len(newest_first) > most:
            raise RefusedRelease(
                "too far",
                Message(
                    "release {serial} is more than {most} releases ahead of the last one that was verified",
                    serial=latest.serial,
                    most=most,
                ),
                Message("ask the publisher for its key and the digest of its latest manifest"),
            )
        if trust.pinned is not None and serial == trust.pinned.serial and digest != trust.pinned.digest:
            raise RefusedRelease(
                "fork",
                Message("release {serial} differs from the release {serial} that was seen before", serial=serial),
                Message("ask the publisher which one it published, and why there are two"),
            )
        item = read_signed_manifest(fetch, latest.registry, serial, digest)
        walked += len(item.content)
        if most is not None and walked > LARGEST_WALK:
            raise RefusedRelease(
                "too far",
                Message(
                    "the manifests before release {serial} have more than {most} bytes",
                    serial=latest.serial,
                    most=LARGEST_WALK,
                ),
            )
        newest_first.append(item if not newest_first else _without_text(item))
        if item.manifest.previous is None or (trust.begins_at(item) and most is not None):
            break
        serial, digest = serial - 1, item.manifest.previous
    chain = tuple(reversed(newest_first))
    _refuse_strangers(chain, trust)
    return chain


def _without_text(item: SignedManifest) -> SignedManifest:
    """The same without its texts, for a thousand of them fill the memory."""
    return item._replace(manifest=replace(item.manifest, document={}), content=b"")


class _Trust(NamedTuple):
    """What a reader has from the publisher itself: the manifest that it pinned, if any, else the fingerprints of keys;
    and those of keys that count no more."""

    pinned: Manifest | None
    keys: frozenset[str]
    revoked: Mapping[str, int]

    def begins_at(self, item: SignedManifest) -> bool:
        if self.pinned is not None:
            return item.manifest.digest == self.pinned.digest
        return item.signer in self.keys


def may_sign_next(manifest: Manifest, keys: Collection[str], revoked: Mapping[str, int]) -> frozenset[str]:
    """The fingerprints of the keys that may sign the release after this one: those that it lists; where all of them
    were stolen or lost, the `keys` that the publisher gives out elsewhere."""
    listed = manifest.fingerprints - {key for key, last in revoked.items() if manifest.serial >= last}
    return listed or frozenset(keys) - revoked.keys()


def _refuse_strangers(chain: Sequence[SignedManifest], trust: _Trust) -> None:
    """RefusedRelease unless trust leads to the last manifest: from the pinned one, or from one that a trusted key
    signed, each by a key that may follow the one before. What comes before is held by `previous` alone."""
    is_reached = False
    for before, item in zip((None, *chain), chain, strict=False):
        file = f"{folder_of(item.manifest.serial)}/{MANIFEST_FILE}"
        begins = trust.begins_at(item)
        if (is_reached or begins) and item.manifest.serial > trust.revoked.get(item.signer, item.manifest.serial):
            raise _revoked_key(file, item.signer, trust.revoked[item.signer])
        if (
            is_reached
            and before is not None
            and item.signer not in may_sign_next(before.manifest, trust.keys, trust.revoked)
        ):
            raise _other_key(file, item.signer)
        is_reached |= begins
    if not is_reached:
        raise _other_key(f"{folder_of(chain[-1].manifest.serial)}/{MANIFEST_FILE}", chain[-1].signer)


def rotations_in(manifests: Sequence[Manifest]) -> Iterator[Rotation]:
    """Where the keys change along a chain."""
    for before, after in pairwise(manifests):
        if before.fingerprints != after.fingerprints:
            came, went = after.fingerprints - before.fingerprints, before.fingerprints - after.fingerprints
            yield Rotation(after.serial, tuple(sorted(came)), tuple(sorted(went)))


def read_signed_manifest(fetch: Fetch, registry: str, serial: int, digest: str) -> SignedManifest:
    """The manifest of a release that has this digest and a good signature. RefusedRelease otherwise."""
    file = f"{folder_of(serial)}/{MANIFEST_FILE}"
    content, signature, signer = signed_by(fetch, f"{registry}/{file}", MANIFEST_FILE, digest=digest)
    manifest = read_manifest(content)
    if manifest.registry != registry:
        raise _other_registry(file, manifest.registry, registry)
    if manifest.serial != serial:
        stated = Message("{file} says that it is release {serial}", file=file, serial=manifest.serial)
        raise RefusedRelease("chain", stated)
    return SignedManifest(manifest, content, signature, signer)


def read_signed_withdrawal(fetch: Fetch, manifest: Manifest, keys: Collection[str]) -> Withdrawal:
    """The statement that the data of a release were withdrawn, signed by one of the keys (fingerprints).
    RefusedRelease otherwise."""
    file = f"{manifest.registry}/{folder_of(manifest.serial)}/{WITHDRAWN_FILE}"
    content, _, signer = signed_by(fetch, file, WITHDRAWN_FILE)
    withdrawal = read_withdrawal(content)
    if (withdrawal.registry, withdrawal.manifest) != (manifest.registry, manifest.digest):
        raise RefusedRelease("withdrawn", Message("{file} is about another release", file=file))
    if signer not in keys:
        raise _other_key(file, signer)
    return withdrawal


class FileFault(NamedTuple):
    """A file of a release that is not there, or holds other bytes."""

    path: str
    is_missing: bool


def check_files(fetch: Fetch, manifest: Manifest) -> Iterator[FileFault]:
    """The files that differ from what the manifest says of their length and digest."""
    for path in manifest.files:
        try:
            read_file(fetch, manifest, path)
        except RefusedRelease as fault:
            yield FileFault(path, is_missing=isinstance(fault.__cause__, OSError))


def read_file(fetch: Fetch, manifest: Manifest, path: str) -> bytes:
    """The bytes of a file, which are those of the manifest. RefusedRelease otherwise."""
    file = manifest.files[path]
    place = f"{folder_of(manifest.serial)}/{path}"
    try:
        content = fetch(f"{manifest.registry}/{place}", file.size + 1)
    except FileNotFoundError as fault:
        raise RefusedRelease("file", Message("{file} is missing", file=place), _REPEAT) from fault
    except OSError as fault:
        raise RefusedRelease("file", _not_fetched(place, fault)) from fault
    if len(content) != file.size or digest_of(content) != f"sha256:{file.sha256}":
        raise RefusedRelease(
            "file",
            Message("{file} is not the file that was published", file=place),
            _REPEAT,
        )
    return content


def signed_by(fetch: Fetch, path: str, form: str, *, digest: str | None = None) -> tuple[bytes, bytes, str]:
    """A text (of the form `latest.json` …), the signature that is good for it, and the fingerprint of its key. With
    `digest`, only a text that has it. RefusedRelease otherwise."""
    content = _fetch(fetch, path, LARGEST[form])
    if digest is not None and digest_of(content) != digest:
        raise RefusedRelease(
            "chain",
            Message("{file} is not the manifest that was announced: its digest differs", file=path),
            _REPEAT,
        )
    return content, *check_signature(content, _fetch(fetch, f"{path}{SIGNATURE}", LARGEST[SIGNATURE]), path)


def check_signature(content: bytes, signatures: bytes, file: str) -> tuple[bytes, str]:
    """The one of the armored signatures that is good for a content, and the fingerprint of its key. RefusedRelease if
    there is none."""
    for armored in _ARMORED.findall(signatures)[:2]:
        signature = check(content, armored, NAMESPACE)
        if signature.state == "good" and _is_of_a_person(signature):
            return armored, signature.keys[0]
    raise RefusedRelease("signature", Message("the signature of {file} does not match it", file=file), _REPEAT)


def _is_of_a_person(signature: Signature) -> bool:
    """Whether a security key was touched for it; a passkey signs what a web page shows, and counts for none."""
    asserted = signature.assertion
    return asserted is None or (asserted.touched and asserted.origin is None)


def _fetch(fetch: Fetch, path: str, limit: int) -> bytes:
    try:
        content = fetch(path, limit + 1)
    except FileNotFoundError:
        why: Why = "signature" if path.endswith(SIGNATURE) else "unreadable"
        hint = _REPEAT if why == "signature" else None
        raise RefusedRelease(why, Message("{file} is missing", file=path), hint) from None
    except OSError as fault:
        raise RefusedRelease("unreadable", _not_fetched(path, fault)) from None
    if len(content) > limit:
        raise RefusedRelease("unreadable", Message("{file} is larger than {limit} bytes", file=path, limit=limit))
    return content


def _not_fetched(path: str, fault: OSError) -> Message:
    return Message("{file} cannot be fetched: {why}", file=path, why=fault.strerror or fault)


def _other_registry(file: str, stated: str, expected: str) -> RefusedRelease:
    return RefusedRelease(
        "registry",
        Message("{file} is of the registry {stated}, not of {expected}", file=file, stated=stated, expected=expected),
    )


def _revoked_key(file: str, signer: str, last: int) -> RefusedRelease:
    return RefusedRelease(
        "signature",
        Message(
            "{file} is signed by the key {key}, which was revoked after release {last}",
            file=file,
            key=signer,
            last=last,
        ),
        Message("ask the publisher which release is its latest, and by which key it is signed"),
    )


def _other_key(file: str, signer: str) -> RefusedRelease:
    return RefusedRelease(
        "signature",
        Message("{file} is signed by the key {key}, which is not trusted here", file=file, key=signer),
        Message("ask the publisher for the fingerprint of its key, by telephone or in person"),
    )
