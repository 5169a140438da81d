"""SSH signatures on texts (`ssh-keygen -Y`, OpenSSH's PROTOCOL.sshsig), made with the key that the user's Git signs
with. Such a signature contains its public key; whose key that is, the registry or the reader says.

A namespace names what is signed, so that no signature on anything else passes for one on a seal or a release.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message
from smartreg.core.ssh_keys import fingerprint_of, without_comment
from smartreg.gitio.assertions import read_assertion
from smartreg.gitio.repo import Repo
from smartreg.gitio.runner import words_of
from smartreg.gitio.signatures import CHOOSE_A_KEY, SSH_KEYGEN, Signature, require_ssh

SEAL, RELEASE = "smartreg-seal", "smartreg-release"
_GOOD = re.compile(r'^Good "[^"]+" signature with \S+ key (SHA256:[A-Za-z0-9+/]{43})$')
_LITERAL_KEY = ("key::", "ssh-", "ecdsa-", "sk-")


def signing_key(repo: Repo) -> str:
    """The public key that the user's Git signs with. StateFault if Git signs with no SSH key, or its public key cannot
    be read."""
    key = _configured_key(repo)
    if key.startswith(_LITERAL_KEY):
        public = key.removeprefix("key::")
    else:
        file = Path(os.path.expanduser(key))
        place = file if file.suffix == ".pub" else file.with_name(f"{file.name}.pub")
        try:
            public = place.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise StateFault(Message("the public key {file} cannot be read", file=place), CHOOSE_A_KEY) from None
    if fingerprint_of(public) is None:
        raise StateFault(Message("{key} is not an SSH public key", key=key), CHOOSE_A_KEY)
    return without_comment(public)


def _configured_key(repo: Repo) -> str:
    key = repo.git.line("config", "--get", "user.signingKey")
    if repo.git.line("config", "--get", "gpg.format") != "ssh" or key is None:
        raise StateFault(Message("Git is not set up to sign with an SSH key"), CHOOSE_A_KEY)
    return key


def sign(repo: Repo, content: bytes, namespace: str) -> bytes:
    """The armored signature of a content. Raises StateFault if Git signs with no SSH key, or the key refuses."""
    require_ssh()
    key = _configured_key(repo)
    from tempfile import TemporaryDirectory  # heavy, and most runs sign nothing

    with TemporaryDirectory(prefix="smartreg-") as folder:
        file, agent = os.path.expanduser(key), tuple[str, ...]()
        if key.startswith(_LITERAL_KEY):  # as Git reads it: the public key itself, the private one is in the agent
            file, agent = os.path.join(folder, "key.pub"), ("-U",)
            Path(file).write_text(key.removeprefix("key::") + "\n", "utf-8")
        text = Path(folder) / "text"
        text.write_bytes(content)
        command = ("-Y", "sign", "-n", namespace, "-f", file, *agent, str(text))
        code, said = _run(command)
        signature = text.with_name("text.sig")
        if code or not signature.exists():
            raise StateFault(Message("the key did not sign. ssh-keygen said:\n{said}", said=said), CHOOSE_A_KEY)
        return signature.read_bytes()


def check(content: bytes, armored: bytes, namespace: str) -> Signature:
    """Whether a signature is good for a content, and by which key; never whose that is. Raises StateFault if the
    program that checks it is missing."""
    require_ssh()
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="smartreg-") as folder:
        file = Path(folder) / "text.sig"
        file.write_bytes(armored)
        command = ("-Y", "check-novalidate", "-n", namespace, "-s", str(file))
        code, said = _run(command, content)
    good = None if code else _GOOD.match(said)
    if good is None:
        return Signature("bad")
    try:
        return Signature("good", (good[1],), read_assertion(armored, good[1]))
    except ValueError:
        return Signature("bad")


def _run(arguments: Sequence[str], given: bytes = b"") -> tuple[int, str]:
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run([SSH_KEYGEN, *arguments], input=given, env=environment, capture_output=True, check=False)
    return done.returncode, words_of(done.stdout if not done.returncode else done.stderr)
