"""Seals as one JSON object, version 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.findings import Finding
from smartreg.core.values import Language
from smartreg.history.audit import Seal, Sealed, Sent
from smartreg.history.audit.seals import CheckedSeal
from smartreg.reporters.audit_json import finding_json

VERSION = 1


def report(seals: Sequence[CheckedSeal], sent: Sent | None, faults: Sequence[Finding], *, lang: Language) -> str:
    """The text of the object, ended by a line feed; `line` is what was given, null without one; `holds` is null where
    there is no seal to look at."""
    line = None
    if sent is not None:
        line = {"name": sent.name, "commit": sent.commit, "sha256": sent.digest}
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
    return about | {"findings": [finding_json(finding, lang) for finding in examined.findings]}


def _sealed_json(sealed: Sealed) -> dict[str, Any]:
    return {
        "commit": sealed.commit,
        "tree": sealed.tree,
        "counts": dict(sealed.counts),
        "content": sealed.content,
        "rules": sealed.rules,
    }
