"""Assertions of FIDO authenticators in SSH signatures: whether somebody touched the key, and on which site.

OpenSSH verifies the signature of a security key or passkey, and Git reports it as good, but neither judges the
authenticator's flags or the origin. Formats: OpenSSH's PROTOCOL.sshsig and PROTOCOL.u2f; W3C Web Authentication,
§5.8.1 (client data) and §6.1 (flags).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from smartreg.core.strict import read_json

_WEBAUTHN = b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
_FIDO_KEYS = {  # the fields of a public key between its type and its application
    b"sk-ssh-ed25519@openssh.com": 1,
    b"sk-ecdsa-sha2-nistp256@openssh.com": 2,
}
_USER_PRESENT, _USER_VERIFIED = 0x01, 0x04
_HEADERS = {40: b"gpgsig", 64: b"gpgsig-sha256"}  # the one that Git verifies, by the digits of an object id
_ARMOR = re.compile(rb"-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*")


@dataclass(frozen=True, slots=True)
class Assertion:
    """The assertion of a FIDO authenticator beside a signature. `application`: the relying party of the key (`ssh:…`,
    or a domain); `touched`: the flag UP; `verified`: the flag UV (PIN or biometrics); `origin`: of the page that asked
    for the signature, None without a browser; `cross_origin`: that page was embedded in one of another site."""

    application: str
    touched: bool
    verified: bool
    origin: str | None = None
    cross_origin: bool = False


def signature_in(commit: bytes, oid: str) -> bytes:
    """The signature of a commit object, empty if it has none."""
    return _read_header(commit, _HEADERS[len(oid)])


def read_assertion(signature: bytes, fingerprint: str) -> Assertion | None:
    """The assertion in an SSH signature, which Git or OpenSSH found good for the key with this fingerprint; None if the
    key is in no authenticator. Raises ValueError if it cannot be read, or is not what was verified."""
    armored = _ARMOR.fullmatch(signature)
    blob = base64.b64decode(armored[1]) if armored else b""
    if not blob.startswith(b"SSHSIG\0\0\0\1"):
        raise ValueError("not one SSH signature")
    public_key, rest = _take(blob[10:])
    digest = base64.b64encode(hashlib.sha256(public_key).digest()).decode("ascii")
    if fingerprint != f"SHA256:{digest.rstrip('=')}":
        raise ValueError("not the signature that was verified")
    key_type, key_fields = _take(public_key)
    if key_type not in _FIDO_KEYS:
        return None
    for _ in range(_FIDO_KEYS[key_type] + 1):
        application, key_fields = _take(key_fields)
    for _namespace_reserved_and_hash in range(3):
        _, rest = _take(rest)
    inner, _ = _take(rest)
    form, rest = _take(inner)
    _, rest = _take(rest)
    if len(rest) < 5:
        raise ValueError("a signature that is cut off")
    flags, rest = rest[0], rest[5:]  # between them, a counter of four bytes
    touched, verified = bool(flags & _USER_PRESENT), bool(flags & _USER_VERIFIED)
    if form != _WEBAUTHN:
        return Assertion(application.decode(), touched, verified)
    origin, rest = _take(rest)
    client_data = read_json(_take(rest)[0])
    if not isinstance(client_data, Mapping) or client_data.get("origin") != origin.decode():
        raise ValueError("client data of another origin")
    embedded = client_data.get("crossOrigin", False) is not False or "topOrigin" in client_data
    return Assertion(application.decode(), touched, verified, origin.decode(), embedded)


def _read_header(commit: bytes, name: bytes) -> bytes:
    """The value of a header of a commit object, with its continuation lines; of all headers of this name, as Git joins
    them."""
    lines: list[bytes] = []
    inside = False
    for line in commit.partition(b"\n\n")[0].split(b"\n"):
        inside = line.startswith(name + b" ") or (inside and line.startswith(b" "))
        if inside:
            lines.append(line.partition(b" ")[2])
    return b"\n".join(lines)


def _take(data: bytes) -> tuple[bytes, bytes]:
    """The first string of an SSH structure (four bytes of length, then the bytes), and the rest."""
    end = 4 + int.from_bytes(data[:4], "big")
    if len(data) < end:
        raise ValueError("a signature that is cut off")
    return data[4:end], data[end:]
