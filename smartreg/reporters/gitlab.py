"""Findings as a GitLab Code Quality report: an array of issues, each with a fingerprint that is its own and that moved
lines do not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smartreg.core.escape import json_text
from smartreg.core.findings import Finding, Locate, Severity, Summary, fingerprints
from smartreg.core.messages import Language
from smartreg.core.styled import visible
from smartreg.core.values import Json
from smartreg.wording.summing import sentence

SEVERITY: Mapping[Severity, str] = {"error": "major", "warning": "minor", "info": "info"}


def report(findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language) -> str:
    """The array; without findings it is empty."""
    return json_text(
        [
            _issue(finding, fingerprint, summary, locate, lang)
            for finding, fingerprint in zip(findings, fingerprints(findings), strict=True)
        ]
    )


def _issue(finding: Finding, fingerprint: str, summary: Summary, locate: Locate, lang: Language) -> Json:
    """One issue. GitLab shows only the description, so it contains the code; every issue must have a line."""
    spot = locate(finding.where)
    lines = {"begin": spot.start.line, "end": spot.end.line} if spot else {"begin": 1}
    return {
        "description": visible(f"{finding.code}: {sentence(finding, lang)}"),
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": SEVERITY[finding.severity],
        "location": {"path": visible(summary.prefix + finding.where.file), "lines": lines},
    }
