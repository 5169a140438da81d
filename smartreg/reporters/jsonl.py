"""Findings as JSON Lines: one object a line, the same as in the `findings` of the json format, with its version."""

from __future__ import annotations

from collections.abc import Sequence

from smartreg.core.escape import json_text
from smartreg.core.findings import Finding, Locate, Summary, fingerprints
from smartreg.core.messages import Language
from smartreg.reporters.json import VERSION, finding_object


def report(findings: Sequence[Finding], _summary: Summary, *, locate: Locate, lang: Language) -> str:
    """One line per finding; no finding, no line."""
    return "".join(
        json_text({"version": VERSION, **finding_object(finding, fingerprint, locate, lang)}, indent=None)
        for finding, fingerprint in zip(findings, fingerprints(findings), strict=True)
    )
