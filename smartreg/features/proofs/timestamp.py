"""`audit timestamp`: a third party's timestamp on a seal (RFC 3161), or the renewal of one; from its address, or by a
request and a reply that are carried as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from smartreg import __version__
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.messages import Message, verbatim
from smartreg.features.proofs.trail.openssl import (
    OpensslFailed,
    blocks_in,
    certificates_in,
    check_reply,
    make_request,
    read_token,
    require_openssl,
    token_in,
    verify_token,
)
from smartreg.features.proofs.trail.proofs import LARGEST, Timestamp, folder_of, read_proofs
from smartreg.features.proofs.trail.seals import Seal
from smartreg.features.proofs.trail.timestamps import (
    certificates_name,
    check_timestamps,
    digest_to_stamp,
    ends_soon,
    kept_anchors,
    next_number,
    token_name,
)
from smartreg.gitio import OP, VERSION, CommitMessage, Write, commit
from smartreg.workspace.workspace import Workspace

_PATIENCE = 30  # seconds for an authority to answer


@dataclass(frozen=True)
class PendingTimestamp:
    """The timestamp that a seal lacks: its number, and the digest that it has to be about. `latest`: the one that it
    would renew, and `is_due` whether it has to be renewed soon, or there is none."""

    seal: Seal
    number: int
    digest: str
    latest: Timestamp | None
    is_due: bool


@dataclass(frozen=True)
class Stamped:
    """A timestamp that was recorded, and by which commit."""

    seal: Seal
    timestamp: Timestamp
    commit: str


def pending_timestamp(workspace: Workspace, seal: Seal, on: date) -> PendingTimestamp:
    """The next timestamp of a seal. Refused if an earlier one does not hold: the chain would go on from it."""
    require_openssl()
    repo = workspace.git
    files = read_proofs(repo, repo.resolve("HEAD")).get(seal.name, {})
    checked = check_timestamps(seal.name, seal.line, files, None, on)
    number = next_number(files)
    if len(checked.timestamps) < number - 1:
        raise Refused(checked.findings[0].message, Message("smartreg audit verify shows everything"))
    latest = checked.timestamps[-1] if checked.timestamps else None
    due = latest is None or ends_soon(latest, on)
    return PendingTimestamp(seal, number, digest_to_stamp(seal.line, number, files), latest, due)


def request_timestamp(pending: PendingTimestamp) -> bytes:
    """The request (DER) to send to an authority; it holds a digest and a random number, and nothing of the registry."""
    return make_request(pending.digest)


def check_address(url: str) -> None:
    """Raises UsageFault for what is no web address: nothing else is opened."""
    if not url.startswith(("http://", "https://")):
        raise UsageFault(
            Message('"{url}" is not the address of a timestamp authority', url=url),
            Message("it begins with http:// or https://"),
        )


def ask_authority(url: str, request: bytes) -> bytes:
    """The reply of the authority at a web address. UsageFault for another kind of address, StateFault without an
    answer."""
    check_address(url)
    import http.client  # heavy, and most runs ask nobody
    import urllib.error
    import urllib.request

    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        question = urllib.request.Request(url, request, headers)
        with urllib.request.urlopen(question, timeout=_PATIENCE) as answer:
            reply: bytes = answer.read(LARGEST + 1)
    except (OSError, ValueError, http.client.HTTPException) as fault:
        reason = fault.reason if isinstance(fault, urllib.error.URLError) else fault
        raise StateFault(
            Message("the timestamp authority did not answer: {reason}", reason=str(reason)[:200]),
            Message("try again, or carry the request there: smartreg audit timestamp --request FILE"),
        ) from None
    return reply


def record_timestamp(
    workspace: Workspace, pending: PendingTimestamp, request: bytes, reply: bytes, authority: bytes
) -> Stamped:
    """Verify a reply, and commit its token with the certificates of the authority. `authority`: certificates above the
    one in the token, and revocation lists (PEM). Refused, with nothing written, if it does not hold."""
    if len(reply) > LARGEST:
        raise Refused(Message("the reply of the authority is too large"))
    try:
        token = token_in(reply)
        kept = b"".join(dict.fromkeys((*blocks_in(certificates_in(token)), *blocks_in(authority))))
        read = read_token(token, kept)
        anchors = kept_anchors(read, kept)
        check_reply(reply, request, anchors, kept)
        verify_token(token, pending.digest, read.time, anchors, kept)
    except OpensslFailed as fault:
        raise Refused(
            Message("the reply of the authority does not hold: {reason}", reason=fault.reason),
            Message("nothing was written; ask again, and give the certificates of the authority (--ca)"),
        ) from None
    repo, seal, number = workspace.git, pending.seal, pending.number
    stamp = Timestamp(number, read.time, read.authority, read.fingerprint, read.ends.date(), False)
    folder = folder_of(seal.name)
    writes = (
        Write(f"{folder}/{certificates_name(number)}", kept),
        Write(f"{folder}/{token_name(number)}", token),
    )
    message = CommitMessage(
        f"Timestamp {seal.name}" if number == 1 else f"Renew the timestamp of {seal.name}",
        f"{stamp.moment}, {stamp.authority}",
        ((OP, "timestamp"), (VERSION, __version__)),
    )
    made = commit(repo, writes, message, expected={write.path: None for write in writes})
    assert made is not None
    return Stamped(seal, stamp, made)


def no_address() -> UsageFault:
    """There is nobody to ask."""
    return UsageFault(
        Message("no timestamp authority is named"),
        verbatim('--url URL, --request FILE, or smartreg.toml: [audit] timestamp_url = "https://…"'),
    )
