"""Who signed which commits, as verified by Git, without running any program named in a configuration. Also signed
commits that change nothing, made with the user's own key and settings.

An SSH signature contains its public key: Git checks the signature against it and prints the fingerprint. It does not
judge what a security key or passkey asserts beside it (see `assertions`). For an OpenPGP signature the public key must
be in the user's keyring.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from smartreg.core.errors import StateFault
from smartreg.core.interrupts import late_interrupt
from smartreg.core.messages import Message
from smartreg.gitio.assertions import Assertion, read_assertion, signature_in
from smartreg.gitio.faults import translate_os_errors
from smartreg.gitio.message import CommitMessage
from smartreg.gitio.objects import read_blobs
from smartreg.gitio.refusals import preflight
from smartreg.gitio.repo import Repo
from smartreg.gitio.runner import Git, GitFailed, text
from smartreg.gitio.turns import hold_lock

SignatureState: TypeAlias = Literal["good", "bad", "expired", "revoked", "unknown key", "none"]

_STATES: Mapping[str, SignatureState] = {  # by the letter that Git gives; U: the key is good, no file of ours trusts it
    "G": "good",
    "U": "good",
    "B": "bad",
    "X": "expired",
    "Y": "expired",
    "R": "revoked",
    "E": "unknown key",
}
SSH_KEYGEN = "ssh-keygen"
CHOOSE_A_KEY = Message(
    "choose a key first: git config gpg.format ssh; git config user.signingKey ~/.ssh/id_ed25519.pub"
)
_PROGRAMS = (
    *("-c", "gpg.program=gpg", "-c", "gpg.openpgp.program=gpg", "-c", "gpg.x509.program=gpg"),
    *("-c", f"gpg.ssh.program={SSH_KEYGEN}", "-c", f"gpg.ssh.allowedSignersFile={os.devnull}"),
    *("-c", f"gpg.ssh.revocationFile={os.devnull}", "-c", "gpg.minTrustLevel=undefined"),
)
_FORMAT = "--format=%H%x00%G?%x00%GF%x00%GP%x00"


@dataclass(frozen=True, slots=True)
class Signature:
    """The validity of a commit's signature, the fingerprints of its key (and of the primary key), and what the security
    key or passkey asserts that made it (None: another key)."""

    state: SignatureState
    keys: tuple[str, ...] = ()
    assertion: Assertion | None = None


def require_ssh() -> None:
    """Raises StateFault if the program that makes and checks SSH signatures is missing."""
    if shutil.which(SSH_KEYGEN) is None:
        raise StateFault(
            Message("signatures cannot be checked: {ssh} is missing", ssh=SSH_KEYGEN),
            Message("install OpenSSH, 8.4 or newer"),
        )


def verify(git: Git, oids: Sequence[str]) -> Mapping[str, Signature]:
    """The signature of each of these commits. Raises StateFault if the program that checks SSH signatures is
    missing."""
    if not oids:
        return {}
    require_ssh()
    signatures: dict[str, Signature] = {}
    for start in range(0, len(oids), 500):  # command lines have a maximum length
        out = git.read(*_PROGRAMS, "log", "--no-walk=unsorted", _FORMAT, *oids[start : start + 500], "--")
        words = text(out).split("\0")
        for oid, letter, key, main in zip(words[::4], words[1::4], words[2::4], words[3::4], strict=False):
            keys = tuple(dict.fromkeys(word for word in (key, main) if word))
            signatures[oid.strip()] = Signature(_STATES.get(letter, "none"), keys)
    by_ssh = [
        oid
        for oid, signature in signatures.items()
        if signature.state == "good" and signature.keys[0].startswith("SHA256:")
    ]
    asserting = {oid: _with_assertion(signatures[oid], oid, commit) for oid, commit in read_blobs(git, by_ssh)}
    return signatures | asserting


def _with_assertion(signature: Signature, oid: str, commit: bytes) -> Signature:
    try:
        return replace(signature, assertion=read_assertion(signature_in(commit, oid), signature.keys[0]))
    except ValueError:
        return replace(signature, state="bad")


def sign_empty(repo: Repo, message: CommitMessage) -> str:
    """Make a signed commit that changes no file, and return its id; staged changes stay staged. Raises StateFault, with
    nothing made, if Git cannot commit now, or a hook or the signature fails."""
    preflight(repo)
    place = repo.common_dir / "smartreg"
    with translate_os_errors(), hold_lock(repo.common_dir), late_interrupt():
        words, output = place / f"agree.{os.getpid()}", place / f"agree-said.{os.getpid()}"
        try:
            write_new_file(words, message)
            output.unlink(missing_ok=True)
            options = ("--quiet", "--allow-empty", "--only", "--gpg-sign", "--cleanup=whitespace", "--no-status")
            repo.git.write(("commit", *options, f"--file={words}"), output, hooks=True)
            made = repo.head()
        except GitFailed as fault:
            raise _not_signed_fault(fault.said) from None
        finally:
            for file in (words, output):
                with suppress(OSError):
                    file.unlink()
    assert made is not None
    return made


def write_new_file(place: Path, message: CommitMessage) -> None:
    """Write the message into a new file: not through a link that somebody left under this name."""
    place.unlink(missing_ok=True)
    with open(place, "xb") as file:
        file.write(message.text().encode("utf-8", "replace"))


def _not_signed_fault(said: str) -> StateFault:
    return StateFault(
        Message("Git did not make the signed commit; nothing was changed. It said:\n{said}", said=said),
        CHOOSE_A_KEY,
    )
