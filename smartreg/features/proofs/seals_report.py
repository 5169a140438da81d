"""Seals of the history, for people and as JSON, version 1: what each seals and whether it holds, what that proves and
what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, plural
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import RecordId, short_id
from smartreg.features.proofs.audit_report import VERSION, block, finding_json
from smartreg.features.proofs.trail import Seal, Sealed, SealLine
from smartreg.features.proofs.trail.countersignatures import BROKEN as COUNTERSIGNATURE
from smartreg.features.proofs.trail.proofs import SealProofs, Timestamp
from smartreg.features.proofs.trail.seals import CheckedSeal
from smartreg.features.proofs.trail.timestamps import BROKEN, ENDING, MISSING
from smartreg.review.notes import ALTERED
from smartreg.wording.summing import count

NONE = Message(
    "There is no seal here: nothing was checked. git fetch --tags brings those of the remote; smartreg audit seal "
    "makes the first."
)
HELD = Message(
    "Each sealed commit is part of the present history, each holds what its seal says, and the chain is whole."
)
UNHELD = Message("The present history is not the one that was sealed.")
ALONE = Message(
    "Git alone cannot prove that history and seals were not remade together. Compare with a seal kept by another "
    "party: smartreg audit verify 'seal/… commit:… sha256:…'. Signatures are not verified here: git verify-tag."
)
PROVED = Message("Your seal matches: up to {0}, this is the sealed history.")
UNPROVEN = Message("Timestamps or countersignatures do not hold, or are missing: they prove nothing here.")
ROOTLESS = Message(
    "The timestamps were checked by certificates that are kept here, and that whoever remakes everything can make too: "
    "give those of the authority itself, from elsewhere (--ca FILE)."
)
OF_PROOFS = frozenset({MISSING, BROKEN, ENDING, COUNTERSIGNATURE, ALTERED})
"""The findings about what others gave for a seal; others show that the history is not the one that was sealed."""
NO_PROOFS = SealProofs()


def render_seals(
    seals: Sequence[CheckedSeal],
    seal_line: SealLine | None,
    faults: Sequence[Finding],
    proofs: Mapping[str, SealProofs] | None = None,
    *,
    lang: Language,
) -> Iterator[Line]:
    """One line per seal, what others gave for it (`proofs`, by its name) and its findings below; at the end what all
    of it proves."""
    by_seal = {examined.name: (proofs or {}).get(examined.name, NO_PROOFS) for examined in seals}
    for finding in faults:
        yield from block(finding, "", lang)
    for examined in seals:
        yield _row(examined, lang)
        yield from _given(by_seal[examined.name], lang)
        for finding in (*examined.findings, *by_seal[examined.name].findings):
            yield from block(finding, "  ", lang)
    if not seals and seal_line is None:
        yield line(NONE.in_(lang))
        return
    yield ()
    stamps = [stamp for given in by_seal.values() for stamp in given.timestamps]
    if any(not stamp.rooted for stamp in stamps):
        yield line(Span(ROOTLESS.in_(lang), "dim"))
    of_proofs = [finding for given in by_seal.values() for finding in given.findings]
    errors = [finding for finding in (*faults, *of_proofs) if finding.severity == "error"]
    if any(finding.code in OF_PROOFS for finding in errors):
        yield line(Span(UNPROVEN.in_(lang), "error"))
    if any(examined.findings for examined in seals) or any(finding.code not in OF_PROOFS for finding in errors):
        yield line(Span(UNHELD.in_(lang), "error"))
    else:
        yield line(Span(HELD.in_(lang), "added"))
        if seal_line is not None:
            yield line(Span(PROVED.in_(lang).format(short_id(seal_line.commit)), "added"))
            return
    yield line(Span(ALONE.in_(lang), "dim"))


def render_dossier(name: str, findings: Sequence[Finding], with_digest: bool, *, lang: Language) -> Iterator[Line]:
    """What a dossier holds that the registry does not, and what follows."""
    yield ()
    for finding in findings:
        yield from block(finding, "", lang)
    if any(finding.severity == "error" for finding in findings):
        outcome = Message(
            "The dossier {name} is not what this registry says: what is named above proves nothing.", name=name
        )
        yield line(Span(outcome.in_(lang), "error"))
    else:
        if with_digest:
            outcome = Message(
                "The dossier {name} says what this registry says, up to its last seal, and nothing in it was changed "
                "since it was made.",
                name=name,
            )
        else:
            outcome = Message(
                "The dossier {name} says what this registry says, up to its last seal. Not covered without --digest: "
                "its pages, the name of its recipient, and whether something was left out.",
                name=name,
            )
        yield line(Span(outcome.in_(lang), "added"))


def _given(given: SealProofs, lang: Language) -> Iterator[Line]:
    for stamp in given.timestamps:
        proof = Message(
            "timestamped {moment} by {authority}; the certificate ends on {ends}",
            moment=stamp.moment,
            authority=stamp.authority,
            ends=stamp.ends.isoformat(),
        )
        yield line(f"  {proof.in_(lang)}", Span(f"  sha256:{stamp.fingerprint[:16]}…", "dim"))
    for signature in given.countersignatures:
        proof = Message("countersigned by {party}", party=signature.party.id)
        if signature.recorded is not None:
            recorded = signature.recorded.isoformat()
            proof = Message("countersigned by {party}, recorded on {day}", party=signature.party.id, day=recorded)
        yield line(f"  {proof.in_(lang)}", Span(f"  {signature.key}", "dim"))


def _row(examined: CheckedSeal, lang: Language) -> Line:
    seal = examined.seal
    if seal is None:
        return line(Span(examined.name, "name"))
    number = seal.sealed.records
    records = plural("{number} record", "{number} records", n=number, number=count(number))
    day = examined.recorded
    late = Message("  but its commit was recorded on {day}", day=day).in_(lang)
    return line(
        Span(seal.name, "name"),
        Span(f"  {seal.day}", "dim"),
        Span(late if day else "", "warning"),
        Span(f"  {short_id(seal.sealed.commit)}", "code"),
        f"  {records.in_(lang)}",
        Span(Message("  signed").in_(lang) if seal.signed else "", "added"),
        Span("" if examined.findings else Message("  holds").in_(lang), "added"),
    )


def render_seals_json(
    seals: Sequence[CheckedSeal],
    seal_line: SealLine | None,
    faults: Sequence[Finding],
    proofs: Mapping[str, SealProofs] | None = None,
    dossier: Sequence[Finding] | None = None,
    *,
    lang: Language,
) -> str:
    """The text of the object, ended by a line feed; `line` is what was given, null without one; `holds` is null where
    there is no seal to look at. `dossier`: the findings about one that was given; null without one."""
    by_seal = {examined.name: (proofs or {}).get(examined.name, NO_PROOFS) for examined in seals}
    line = None
    if seal_line is not None:
        line = {"name": seal_line.name, "commit": seal_line.commit, "sha256": seal_line.digest}
    content = {
        "version": VERSION,
        "smartreg": __version__,
        "holds": not faults
        and not any(examined.findings for examined in seals)
        and not any(finding.severity == "error" for given in by_seal.values() for finding in given.findings)
        if seals or faults
        else None,
        "line": line,
        "findings": [finding_json(finding, lang) for finding in faults],
        "seals": [_examined_json(examined, by_seal[examined.name], lang) for examined in seals],
        "dossier": None if dossier is None else [finding_json(finding, lang) for finding in dossier],
    }
    return json_text(content)


def seal_object(name: str, sealed: Sealed, seal: Seal | None, *, new: bool) -> str:
    """A seal that was made, or would be (`line` and `sha256` null)."""
    about = {
        "name": name,
        **_sealed_json(sealed),
        "sha256": seal.digest if seal else None,
        "signed": bool(seal and seal.signed),
    }
    line = seal.line if seal else None
    return json_text({"version": VERSION, "smartreg": __version__, "new": new, "line": line, "seal": about})


def stamped_object(seal: str, stamp: Timestamp, commit: str) -> str:
    """A timestamp that was recorded for a seal."""
    about = {"seal": seal, "timestamp": _timestamp_json(stamp), "commit": commit}
    return json_text({"version": VERSION, "smartreg": __version__, **about})


def countersigned_object(party: RecordId, seal_line: SealLine, commit: str | None) -> str:
    """A countersignature that was made or recorded; `commit` is null where it was only written to a file."""
    about = {"line": seal_line.text, "party": str(party), "commit": commit}
    return json_text({"version": VERSION, "smartreg": __version__, **about})


def _timestamp_json(stamp: Timestamp) -> dict[str, Any]:
    return {
        "time": stamp.time.isoformat(),
        "authority": stamp.authority,
        "certificate_sha256": stamp.fingerprint,
        "ends": stamp.ends.isoformat(),
    }


def _examined_json(examined: CheckedSeal, given: SealProofs, lang: Language) -> dict[str, Any]:
    seal = examined.seal
    about: dict[str, Any] = {"name": examined.name}
    if seal is not None:
        previous = {"name": seal.previous[0], "sha256": seal.previous[1]} if seal.previous else None
        about |= {**_sealed_json(seal.sealed), "sha256": seal.digest, "day": seal.day, "signed": seal.signed}
        about |= {"previous": previous, "line": seal.line}
        about |= {"recorded": examined.recorded.isoformat()} if examined.recorded else {}
    about["timestamps"] = [_timestamp_json(stamp) | {"rooted": stamp.rooted} for stamp in given.timestamps]
    about["countersignatures"] = [
        {
            "party": str(signature.party),
            "key": signature.key,
            "file": signature.file,
            "recorded": signature.recorded.isoformat() if signature.recorded else None,
        }
        for signature in given.countersignatures
    ]
    findings = (*examined.findings, *given.findings)
    return about | {"findings": [finding_json(finding, lang) for finding in findings]}


def _sealed_json(sealed: Sealed) -> dict[str, Any]:
    return {
        "commit": sealed.commit,
        "tree": sealed.tree,
        "counts": dict(sealed.counts),
        "content": sealed.content,
        "rules": sealed.rules,
    }
