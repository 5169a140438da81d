"""The one place that starts OpenSSL: requests for timestamps, and tokens (RFC 3161), read and verified.

The same program and the same calls as an auditor types (docs/audit.md). It reads no configuration, opens no connection,
and sees only the bytes that it is given.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message

_PROGRAM = "openssl"
_PATIENCE = 30  # seconds; a call takes a hundredth of one
_VERSION = re.compile(r"OpenSSL (?:1\.1\.1|[3-9]|[1-9][0-9])")  # LibreSSL knows neither -attime nor -partial_chain here
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=\s]+-----END \1-----")
_CERTIFICATES, _LISTS = (b"CERTIFICATE", b"X509 CERTIFICATE"), (b"X509 CRL",)


class OpensslFailed(Exception):
    """OpenSSL refused; `reason`: its own words for it, without invisible characters."""

    def __init__(self, said: str) -> None:
        lines = [line for line in said.splitlines() if line.strip() and not line.startswith("Using configuration")]
        last = lines[-1].rstrip(":") if lines else ""
        # ….c:190:Verify error:certificate has expired; ….c:508:
        parts = [part.strip() for part in last.split(":") if part.strip() and not part.strip().isdigit()]
        words = [part for part in parts if not part.endswith(".c")]
        self.reason = "".join(sign for sign in (words[-1] if words else "") if sign.isprintable())[:200]
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class Token:
    """A timestamp as its token says: when, by the certificate of which authority (`fingerprint`: its SHA-256), which
    ends when. `certificate`: that certificate, as PEM. Nothing is verified."""

    time: datetime
    authority: str
    fingerprint: str
    ends: datetime
    certificate: bytes


def require_openssl() -> None:
    """Raises StateFault if there is no OpenSSL that can verify timestamps."""
    hint = Message("install OpenSSL 1.1.1 or newer")
    if shutil.which(_PROGRAM) is None:
        raise StateFault(Message("timestamps cannot be checked: {program} is missing", program=_PROGRAM), hint)
    version = _run(("version",)).decode("utf-8", "replace").strip()
    if not _VERSION.match(version):
        raise StateFault(Message("timestamps cannot be checked by {version}", version=version), hint)


def make_request(digest: str) -> bytes:
    """A request for a timestamp on a SHA-256 digest, with a nonce, and asking for the certificate."""
    return _run(("ts", "-query", "-digest", digest, "-sha256", "-cert"))


def token_in(reply: bytes) -> bytes:
    """The token of a reply. Raises OpensslFailed if the authority granted none."""
    return _run(("ts", "-reply", "-in", "{reply}", "-token_out"), {"reply": reply})


def check_reply(reply: bytes, request: bytes, anchors: bytes, certificates: bytes) -> None:
    """Verify that a reply answers this request, with its nonce. Raises OpensslFailed."""
    files = {"reply": reply, "request": request, "anchors": anchors, "certificates": certificates}
    trust = ("-CAfile", "{anchors}", "-untrusted", "{certificates}", "-partial_chain")
    _run(("ts", "-verify", "-in", "{reply}", "-queryfile", "{request}", *trust), files)


def certificates_in(token: bytes) -> bytes:
    """The certificates that a token contains, as PEM."""
    out = _run(("pkcs7", "-inform", "DER", "-in", "{token}", "-print_certs"), {"token": token})
    return b"".join(blocks_in(out, _CERTIFICATES))


def read_token(token: bytes, certificates: bytes) -> Token:
    """Read a token; `certificates` (PEM) may contain the one of its signature, if it does not. Raises OpensslFailed."""
    files = {"token": token, **({"certificates": certificates} if certificates else {})}
    given = ("-certfile", "{certificates}") if certificates else ()
    unread = ("-noverify", "-no-CAfile", "-no-CApath")  # the hundred certificates that the system trusts
    signer = ("-in", "{token}", "-inform", "DER", *unread, *given, "-signer", "{signer}", "-out", os.devnull)
    certificate = _run(("cms", "-verify", *signer), files, result="signer")
    # The token alone: who passes a reply on may write anything into its unsigned status.
    told = _run(("ts", "-reply", "-in", "{token}", "-token_in", "-text"), files).decode("utf-8", "replace")
    times = re.findall(r"^Time stamp: (.+)$", told, re.MULTILINE)
    about = ("-noout", "-subject", "-enddate", "-fingerprint", "-sha256", "-nameopt", "RFC2253")
    shown = _run(("x509", "-in", "{certificate}", *about), {"certificate": certificate}).decode("utf-8", "replace")
    fields = dict(line.partition("=")[::2] for line in shown.splitlines())
    try:
        (time,) = map(_moment, times)
        ends = _moment(fields["notAfter"])
        subject, fingerprint = fields["subject"], fields["sha256 Fingerprint"]
    except (KeyError, ValueError):
        raise OpensslFailed("the time or the certificate of the token cannot be read") from None
    return Token(time, subject, fingerprint.replace(":", "").lower(), ends, certificate)


def verify_token(token: bytes, digest: str, at: datetime, anchors: bytes, certificates: bytes) -> None:
    """Verify that a token is about this digest, and that its chain of `certificates` (PEM) led to one of the `anchors`
    at the moment `at`; with the revocation lists among both, whatever day these are of. Raises OpensslFailed."""
    trusted = b"".join(blocks_in(anchors, _CERTIFICATES))
    lists = b"".join(dict.fromkeys((*blocks_in(anchors, _LISTS), *blocks_in(certificates, _LISTS))))
    files = {"token": token, "anchors": trusted, "listed": trusted + lists, "certificates": certificates or trusted}
    about = ("ts", "-verify", "-in", "{token}", "-token_in", "-digest", digest)
    chain = ("-untrusted", "{certificates}", "-partial_chain")
    _run((*about, "-CAfile", "{anchors}", *chain, "-attime", str(int(at.timestamp()))), files)
    if lists:
        _run((*about, "-CAfile", "{listed}", *chain, "-no_check_time", "-crl_check"), files)


def blocks_in(pem: bytes, kinds: Sequence[bytes] = (*_CERTIFICATES, *_LISTS)) -> list[bytes]:
    """The certificates and revocation lists of a PEM text, each once, in order; whatever surrounds them is left out."""
    found = (match for match in _BLOCK.finditer(pem) if match[1] in kinds)
    return list(dict.fromkeys(match[0].replace(b"\r\n", b"\n") + b"\n" for match in found))


def _moment(text: str) -> datetime:
    """`Dec  1 00:26:31.25 2026 GMT`, without the fraction; C names of months, whatever the locale."""
    match = re.fullmatch(r"([A-Z][a-z]{2}) +(\d+) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d{4}) GMT", text.strip())
    if match is None:
        raise ValueError(text)
    month = "JanFebMarAprMayJunJulAugSepOctNovDec".index(match[1]) // 3 + 1
    day, hour, minute, second, year = (int(match[index]) for index in range(2, 7))
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _run(arguments: Sequence[str], files: Mapping[str, bytes] | None = None, result: str | None = None) -> bytes:
    """The output of a call, or the file `result` that it writes. `{name}` in an argument is the file of that name."""
    from tempfile import TemporaryDirectory  # heavy, and most runs check no timestamp

    with TemporaryDirectory(prefix="smartreg-") as folder:
        for name, content in (files or {}).items():
            (Path(folder) / name).write_bytes(content)
        command = [
            os.path.join(folder, word[1:-1]) if word.startswith("{") and word.endswith("}") else word
            for word in arguments
        ]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENSSL_", "SSL_"))}
        environment |= {"LC_ALL": "C", "OPENSSL_CONF": os.devnull}
        try:
            done = subprocess.run(
                [_PROGRAM, *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            raise StateFault(
                Message("{program} cannot be run", program=_PROGRAM), Message("install OpenSSL 1.1.1 or newer")
            ) from None
        if done.returncode:
            raise OpensslFailed(done.stderr.decode("utf-8", "replace"))
        return (Path(folder) / result).read_bytes() if result else done.stdout
