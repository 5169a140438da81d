"""A FIDO authenticator in software: keys, and SSH signatures of commits with any flags, origin and client data.

Keys and signatures are OpenSSL's; the structures follow OpenSSH's PROTOCOL.sshsig and PROTOCOL.u2f."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PRESENT, VERIFIED = 0x01, 0x04


def ssh_string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@dataclass(frozen=True)
class SecurityKey:
    """A key of an authenticator. `file`: its private half, `public`: what SSH calls the key."""

    file: Path
    public: bytes
    application: str

    @property
    def fingerprint(self) -> str:
        digest = base64.b64encode(hashlib.sha256(self.public).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"

    def authenticate(self, digest: bytes, flags: int) -> tuple[bytes, bytes]:
        """The signature of an assertion over a digest, and its flags and counter."""
        asserted = bytes([flags]) + (7).to_bytes(4, "big")
        signed = hashlib.sha256(self.application.encode()).digest() + asserted + digest
        if b"ed25519" in self.public[:40]:
            return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.file, data=signed), asserted
        return ssh_of_der(openssl("dgst", "-sha256", "-sign", self.file, data=signed)), asserted

    def sign(self, message: bytes, flags: int = PRESENT) -> bytes:
        """The signature that `ssh-keygen -Y sign` makes of a message with a security key."""
        value, asserted = self.authenticate(hashlib.sha256(to_sign(message)).digest(), flags)
        form = self.public[4 : 4 + int.from_bytes(self.public[:4], "big")]
        return armored(self.public, ssh_string(form) + ssh_string(value) + asserted)

    def sign_on_page(
        self, message: bytes, origin: str, flags: int = PRESENT | VERIFIED, more: Mapping[str, Any] | None = None
    ) -> bytes:
        """The signature that a page of `origin` gets of a message; `more`: what its client data holds besides."""
        challenge = base64.urlsafe_b64encode(to_sign(message)).decode().rstrip("=")
        client_data = json.dumps(
            {"type": "webauthn.get", "challenge": challenge, "origin": origin} | dict(more or {}), separators=(",", ":")
        ).encode()
        value, asserted = self.authenticate(hashlib.sha256(client_data).digest(), flags)
        return armored(self.public, webauthn_signature(value, asserted, origin, client_data))


def new_security_key(folder: Path, name: str, application: str = "ssh:") -> SecurityKey:
    """A key on the curve P-256, or, if its name says so, an Ed25519 key."""
    file = folder / f"{name}.pem"
    if "ed25519" in name:
        openssl("genpkey", "-algorithm", "ed25519", "-out", file)
        point = openssl("pkey", "-in", file, "-pubout", "-outform", "DER")[-32:]
        fields = [b"sk-ssh-ed25519@openssh.com", point]
    else:
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file)
        fields = ecdsa_fields(openssl("pkey", "-in", file, "-pubout", "-outform", "DER"))
    return SecurityKey(file, b"".join(map(ssh_string, [*fields, application.encode()])), application)


def ecdsa_fields(spki: bytes) -> list[bytes]:
    """The fields of an SSH key but its application, from a public key on P-256 in DER (RFC 5280)."""
    return [b"sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", spki[-65:]]


def openssl(*words: str | Path, data: bytes = b"") -> bytes:
    if "pkeyutl" in words:  # it takes files alone
        message = Path(words[-1]).with_suffix(".message")
        message.write_bytes(data)
        words = (*words, "-in", message)
    return subprocess.run(["openssl", *words], input=data, check=True, capture_output=True).stdout


def ssh_of_der(der: bytes) -> bytes:
    """An ECDSA signature as SSH writes it, from DER: a sequence of two short integers."""
    first = der[4 : 4 + der[3]]
    second = der[6 + der[3] :]
    return ssh_string(first) + ssh_string(second)


def webauthn_signature(value: bytes, asserted: bytes, origin: str, client_data: bytes) -> bytes:
    form = b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
    parts = [ssh_string(form), ssh_string(value), asserted, ssh_string(origin.encode()), ssh_string(client_data)]
    return b"".join([*parts, ssh_string(b"")])


def to_sign(message: bytes) -> bytes:
    """What an SSH signature of a message signs, in Git's namespace."""
    parts = (b"git", b"", b"sha512", hashlib.sha512(message).digest())
    return b"SSHSIG" + b"".join(map(ssh_string, parts))


def armored(public: bytes, signature: bytes) -> bytes:
    parts = b"".join(map(ssh_string, (public, b"git", b"", b"sha512", signature)))
    text = base64.encodebytes(b"SSHSIG\0\0\0\1" + parts)
    return b"-----BEGIN SSH SIGNATURE-----\n" + text + b"-----END SSH SIGNATURE-----"


def sign_head(root: Path, sign: Callable[[bytes], bytes]) -> str:
    """Put a signature on the commit that HEAD names; the id of the signed commit, which HEAD names then."""

    def git(*words: str, data: bytes = b"") -> bytes:
        return subprocess.run(["git", *words], cwd=root, input=data, check=True, capture_output=True).stdout

    commit = git("cat-file", "commit", "HEAD")
    headers, _, message = commit.partition(b"\n\n")
    signature = sign(commit).replace(b"\n", b"\n ")
    signed = headers + b"\ngpgsig " + signature + b"\n\n" + message
    oid = git("hash-object", "-t", "commit", "-w", "--stdin", data=signed).decode().strip()
    git("update-ref", "HEAD", oid)
    return oid
