"""SSH public keys as OpenSSH writes them in a line: `ssh-ed25519 AAAA… comment`."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

_PUBLIC_KEY = r"((?:sk-)?(?:ssh|ecdsa)-[A-Za-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?:[ \t].*)?"


def fingerprint_of(public_key: str) -> str | None:
    """`SHA256:…` of a public key, as `ssh-keygen -l` shows it; None if it is none."""
    parts = re.fullmatch(_PUBLIC_KEY, public_key.strip())
    try:
        blob = base64.b64decode(parts[2], validate=True) if parts else b""
    except ValueError:
        return None
    kind = parts[1].encode() if parts else b""
    if not kind or not blob.startswith(len(kind).to_bytes(4) + kind):
        return None
    return f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


def fingerprints_of(public_keys: Iterable[str]) -> frozenset[str]:
    """The fingerprints of those that are public keys."""
    return frozenset(fingerprint for key in public_keys if (fingerprint := fingerprint_of(key)))


def without_comment(public_key: str) -> str:
    """The type and the base64 of a public key."""
    return " ".join(public_key.split()[:2])
