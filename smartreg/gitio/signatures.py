"""Who signed which commits, as Git verifies it; no program that some configuration names is run for it. And signed
commits that change nothing, made with the user's own key and settings.

An SSH signature holds its public key: Git checks the signature against it and prints the fingerprint, which is all that
is needed here. For an OpenPGP signature the public key must be in the user's keyring.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from smartreg.core.errors import StateFault
from smartreg.core.interrupts import late_interrupt
from smartreg.core.values import Words
from smartreg.gitio.lock import hold_lock
from smartreg.gitio.message import CommitMessage
from smartreg.gitio.refusals import preflight
from smartreg.gitio.repo import Repo
from smartreg.gitio.runner import Git, GitFailed, text

State: TypeAlias = Literal["good", "bad", "expired", "revoked", "unknown key", "none"]

_STATES: Mapping[str, State] = {  # by the letter that Git gives; U: the key is good, no file of ours trusts it
    "G": "good",
    "U": "good",
    "B": "bad",
    "X": "expired",
    "Y": "expired",
    "R": "revoked",
    "E": "unknown key",
}
_SSH = "ssh-keygen"
_PROGRAMS = (
    *("-c", "gpg.program=gpg", "-c", "gpg.openpgp.program=gpg", "-c", "gpg.x509.program=gpg"),
    *("-c", f"gpg.ssh.program={_SSH}", "-c", f"gpg.ssh.allowedSignersFile={os.devnull}"),
    *("-c", f"gpg.ssh.revocationFile={os.devnull}", "-c", "gpg.minTrustLevel=undefined"),
)
_FORMAT = "--format=%H%x00%G?%x00%GF%x00%GP%x00"


@dataclass(frozen=True, slots=True)
class Signature:
    """What the signature of a commit is worth, and the fingerprints of its key (and of the main key it belongs to)."""

    state: State
    keys: tuple[str, ...] = ()


def verify(git: Git, oids: Sequence[str]) -> Mapping[str, Signature]:
    """The signature of each of these commits. StateFault when the program that checks SSH signatures is missing."""
    if not oids:
        return {}
    if shutil.which(_SSH) is None:
        raise StateFault(
            Words(f"signatures cannot be checked: {_SSH} is missing", f"signatures non vérifiables : {_SSH} manque"),
            Words("install OpenSSH, 8.2 or newer", "installez OpenSSH, 8.2 ou plus récent"),
        )
    found: dict[str, Signature] = {}
    for start in range(0, len(oids), 500):  # a command line has an end
        out = git.read(*_PROGRAMS, "log", "--no-walk=unsorted", _FORMAT, *oids[start : start + 500], "--")
        words = text(out).split("\0")
        for oid, letter, key, main in zip(words[::4], words[1::4], words[2::4], words[3::4], strict=False):
            keys = tuple(dict.fromkeys(word for word in (key, main) if word))
            found[oid.strip()] = Signature(_STATES.get(letter, "none"), keys)
    return found


def sign_empty(repo: Repo, message: CommitMessage) -> str:
    """Make a signed commit that changes no file, and return its id; what is staged stays so. StateFault, with nothing
    made, when Git is in no state to commit, or a hook or the signature fails."""
    preflight(repo)
    place = repo.common_dir / "smartreg"
    with hold_lock(repo.common_dir), late_interrupt():
        words, said = place / f"agree.{os.getpid()}", place / f"agree-said.{os.getpid()}"
        try:
            words.write_bytes(message.text().encode("utf-8", "replace"))
            options = ("--quiet", "--allow-empty", "--only", "--gpg-sign", "--cleanup=whitespace", "--no-status")
            repo.git.write(("commit", *options, f"--file={words}"), said, hooks=True)
            made = repo.head()
        except GitFailed as fault:
            raise _not_signed_fault(fault.said) from None
        finally:
            for file in (words, said):
                with suppress(OSError):
                    file.unlink()
    assert made is not None
    return made


def _not_signed_fault(said: str) -> StateFault:
    return StateFault(
        Words(
            f"Git did not make the signed commit; nothing was changed. It said:\n{said}",
            f"Git n'a pas fait le commit signé ; rien n'a été modifié. Il a dit :\n{said}",
        ),
        Words(
            "choose a key first: git config gpg.format ssh; git config user.signingKey ~/.ssh/id_ed25519.pub",
            "choisissez d'abord une clé : git config gpg.format ssh ; git config user.signingKey ~/.ssh/id_ed25519.pub",
        ),
    )
