"""Timestamps of a third party on seals (RFC 3161), verified offline.

The first token of a seal is about its line (UTF-8, no line feed): SHA-256. Each further one renews the one before, and
is about the list of all earlier files, as `sha256sum` writes it (RFC 4998, §5: what was stamped is stamped again while
it can still be verified). A token holds if it was signed by a certificate that was valid at the moment that the token
states; a certificate that has ended says nothing about tokens from then on, so a token must be renewed before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, day
from smartreg.core.values import Location
from smartreg.features.proofs.trail.openssl import OpensslFailed, Token, blocks_in, read_token, verify_token
from smartreg.features.proofs.trail.proofs import SealProofs, Timestamp, folder_of
from smartreg.features.proofs.trail.seals import place

MISSING, BROKEN, ENDING = "AUD920", "AUD921", "AUD922"
RENEWAL_DAYS = 180
"""So long before the certificate of an authority ends, a finding asks for a renewal."""


def token_name(number: int) -> str:
    return f"timestamp-{number}.tst"


def certificates_name(number: int) -> str:
    return f"timestamp-{number}.pem"


def next_number(files: Mapping[str, bytes]) -> int:
    """The number of the next timestamp of a seal with these files."""
    number = 1
    while token_name(number) in files:
        number += 1
    return number


def digest_to_stamp(line: str, number: int, files: Mapping[str, bytes]) -> str:
    """The SHA-256 that the token of this number is about."""
    if number == 1:
        return hashlib.sha256(line.encode("utf-8")).hexdigest()
    earlier = [name for n in range(1, number) for name in (certificates_name(n), token_name(n))]
    listing = "".join(f"{hashlib.sha256(files.get(name, b'')).hexdigest()}  {name}\n" for name in earlier)
    return hashlib.sha256(listing.encode("utf-8")).hexdigest()


def check_timestamps(seal: str, line: str, files: Mapping[str, bytes], roots: bytes | None, on: date) -> SealProofs:
    """The timestamps of a seal with this line. `roots`: certificates (PEM) that whoever checks has from elsewhere;
    without them, those kept beside a token are believed. Checked in order, up to the first that does not hold."""
    stamps: list[Timestamp] = []
    findings: list[Finding] = []
    for number in range(1, next_number(files)):
        place = f"{folder_of(seal)}/{token_name(number)}"
        try:
            stamp = _check(line, number, files, roots, stamps[-1] if stamps else None)
        except _Broken as fault:
            findings.append(_broken(seal, number, fault.why, place))
            break
        stamps.append(stamp)
    else:
        findings += _check_names(seal, files)
        if stamps:
            findings += _ending(seal, stamps[-1], on)
    return SealProofs(tuple(stamps), (), tuple(findings))


def ends_soon(stamp: Timestamp, on: date) -> bool:
    return stamp.ends <= on + timedelta(days=RENEWAL_DAYS)


def missing_timestamp(seal: str, since: date) -> Finding:
    """AUD920."""
    return Finding(
        MISSING,
        "error",
        Message("{seal} has no timestamp; smartreg.toml asks for them from {since} on", seal=seal, since=day(since)),
        Location(place(seal)),
        Message("get one: smartreg audit timestamp {seal}", seal=seal),
    )


class _Broken(Exception):
    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


def _check(
    line: str, number: int, files: Mapping[str, bytes], roots: bytes | None, before: Timestamp | None
) -> Timestamp:
    token_bytes, kept = files[token_name(number)], files.get(certificates_name(number), b"")
    try:
        token = read_token(token_bytes, kept)
        anchors = roots if roots is not None else kept_anchors(token, kept)
        verify_token(token_bytes, digest_to_stamp(line, number, files), token.time, anchors, kept)
    except OpensslFailed as fault:
        raise _Broken(_why(fault.reason)) from None
    ends = token.ends.date()
    if before is not None and token.time < before.time:
        raise _Broken(Message("it is older than the one that it renews"))
    if before is not None and token.time.date() > before.ends:
        raise _Broken(Message("it renews one whose certificate had already ended, on {ended}", ended=day(before.ends)))
    return Timestamp(number, token.time, token.authority, token.fingerprint, ends, roots is not None)


def kept_anchors(token: Token, kept: bytes) -> bytes:
    """The certificates beside a token that may be believed in place of a root from elsewhere: those above the one of
    its signature; that one alone, where there is none above."""
    own = blocks_in(token.certificate)
    blocks = blocks_in(kept)
    above = [block for block in blocks if block not in own]
    return b"".join(above if any(b"CERTIFICATE" in block for block in above) else [*blocks, *own])


_REASONS = {
    "message imprint mismatch": Message("it is about something else than this seal"),
    "certificate has expired": Message("the certificate of the authority had already ended at that moment"),
    "certificate is not yet valid": Message("the certificate of the authority was not yet valid at that moment"),
    "certificate revoked": Message("the certificate of the authority was revoked"),
    "unable to get local issuer certificate": Message("its certificate does not lead to the one that is trusted"),
    "self-signed certificate": Message("its certificate does not lead to the one that is trusted"),
    "self-signed certificate in certificate chain": Message("its certificate does not lead to the one that is trusted"),
}


def _why(reason: str) -> Text:
    return _REASONS.get(reason) or Message("OpenSSL says: {reason}", reason=reason)


def _broken(seal: str, number: int, why: Text, where: str) -> Finding:
    return Finding(
        BROKEN,
        "error",
        Message("timestamp {number} of {seal} does not hold: {why}", number=number, seal=seal, why=why),
        Location(where),
        Message("it proves no date: compare the file with that of another clone; smartreg explain AUD921"),
    )


def _check_names(seal: str, files: Mapping[str, bytes]) -> Iterator[Finding]:
    """AUD921 for timestamps that come after a gap, and so belong to none."""
    for name in sorted(files):
        number = name.removeprefix("timestamp-").removesuffix(".tst")
        if name == f"timestamp-{number}.tst" and not (number.isdecimal() and 0 < int(number) < next_number(files)):
            why = Message("one before it is missing")
            yield Finding(
                BROKEN,
                "error",
                Message("{file} of {seal} does not hold: {why}", file=name, seal=seal, why=why),
                Location(f"{folder_of(seal)}/{name}"),
            )


def _ending(seal: str, stamp: Timestamp, on: date) -> Iterator[Finding]:
    if not ends_soon(stamp, on):
        return
    where = Location(f"{folder_of(seal)}/{token_name(stamp.number)}")
    hint = Message("renew it: smartreg audit timestamp {seal}", seal=seal)
    if stamp.ends < on:
        message = Message(
            "the certificate behind the timestamp of {seal} ended on {ended}, and nothing renewed it: from then on, a "
            "token made with a stolen key cannot be told from a true one",
            seal=seal,
            ended=day(stamp.ends),
        )
        hint = Message("make a new seal with a timestamp: it covers what is recorded today, not the time between")
        yield Finding(ENDING, "error", message, where, hint)
        return
    ends = Message("the timestamp of {seal} must be renewed before {ends}", seal=seal, ends=day(stamp.ends))
    yield Finding(ENDING, "warning", ends, where, hint)
