"""Findings in the Reviewdog Diagnostic Format (rdjson): columns count bytes of UTF-8, ends are exclusive."""

from __future__ import annotations

from collections.abc import Sequence

from smartreg.core.escape import json_text
from smartreg.core.findings import Finding, Locate, Summary, worst
from smartreg.core.messages import Language
from smartreg.core.styled import visible
from smartreg.core.values import Json, Location, Mark
from smartreg.wording.summing import sentence


def report(findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language) -> str:
    """One DiagnosticResult."""
    gravest = worst(findings)
    return json_text(
        {
            "source": {"name": "smartreg"},
            **({"severity": gravest.upper()} if gravest else {}),
            "diagnostics": [_diagnostic(finding, summary, locate, lang) for finding in findings],
        }
    )


def _diagnostic(finding: Finding, summary: Summary, locate: Locate, lang: Language) -> Json:
    return {
        "message": visible(sentence(finding, lang)),
        "location": {"path": visible(summary.prefix + finding.where.file), **_range(finding.where, locate)},
        "severity": finding.severity.upper(),
        "code": {"value": finding.code},
    }


def _range(where: Location, locate: Locate) -> Json:
    spot = locate(where)
    if spot is None:
        return {}
    return {
        "range": {"start": _position(where.file, spot.start, locate), "end": _position(where.file, spot.end, locate)}
    }


def _position(file: str, mark: Mark, locate: Locate) -> Json:
    spot = locate(Location(file, mark=mark))
    before = spot.text[: mark.column - 1] if spot else ""
    return {"line": mark.line, "column": len(before.encode("utf-8", "replace")) + 1}
