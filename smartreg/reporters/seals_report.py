"""Seals of the history, for people and as JSON, version 1: what each seals and whether it holds, what that proves and
what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, plural
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import short_id
from smartreg.history.audit import Seal, Sealed, SealLine
from smartreg.history.audit.seals import CheckedSeal
from smartreg.reporters.audit_report import VERSION, block, finding_json
from smartreg.reporters.summing import count

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


def render_seals(
    seals: Sequence[CheckedSeal], seal_line: SealLine | None, faults: Sequence[Finding], *, lang: Language
) -> Iterator[Line]:
    """One line per seal, its findings below; at the end what all of it proves."""
    for finding in faults:
        yield from block(finding, "", lang)
    for examined in seals:
        yield _row(examined, lang)
        for finding in examined.findings:
            yield from block(finding, "  ", lang)
    if not seals and seal_line is None:
        yield line(NONE.in_(lang))
        return
    yield ()
    if faults or any(examined.findings for examined in seals):
        yield line(Span(UNHELD.in_(lang), "error"))
    else:
        yield line(Span(HELD.in_(lang), "added"))
        if seal_line is not None:
            yield line(Span(PROVED.in_(lang).format(short_id(seal_line.commit)), "added"))
            return
    yield line(Span(ALONE.in_(lang), "dim"))


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
    seals: Sequence[CheckedSeal], seal_line: SealLine | None, faults: Sequence[Finding], *, lang: Language
) -> str:
    """The text of the object, ended by a line feed; `line` is what was given, null without one; `holds` is null where
    there is no seal to look at."""
    line = None
    if seal_line is not None:
        line = {"name": seal_line.name, "commit": seal_line.commit, "sha256": seal_line.digest}
    content = {
        "version": VERSION,
        "smartreg": __version__,
        "holds": not faults and not any(examined.findings for examined in seals) if seals or faults else None,
        "line": line,
        "findings": [finding_json(finding, lang) for finding in faults],
        "seals": [_examined_json(examined, lang) for examined in seals],
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


def _examined_json(examined: CheckedSeal, lang: Language) -> dict[str, Any]:
    seal = examined.seal
    about: dict[str, Any] = {"name": examined.name}
    if seal is not None:
        previous = {"name": seal.previous[0], "sha256": seal.previous[1]} if seal.previous else None
        about |= {**_sealed_json(seal.sealed), "sha256": seal.digest, "day": seal.day, "signed": seal.signed}
        about |= {"previous": previous, "line": seal.line}
        about |= {"recorded": examined.recorded.isoformat()} if examined.recorded else {}
    return about | {"findings": [finding_json(finding, lang) for finding in examined.findings]}


def _sealed_json(sealed: Sealed) -> dict[str, Any]:
    return {
        "commit": sealed.commit,
        "tree": sealed.tree,
        "counts": dict(sealed.counts),
        "content": sealed.content,
        "rules": sealed.rules,
    }
