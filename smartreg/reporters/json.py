"""Findings as one JSON object, version 1. Code, place and fingerprint are the contract, the wording is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.findings import SEVERITIES, Finding, Locate, Summary, fingerprints
from smartreg.core.messages import Language
from smartreg.core.styled import visible
from smartreg.core.timings import Timings
from smartreg.core.values import Location, path_text

VERSION = 1


def finding_object(finding: Finding, fingerprint: str, locate: Locate, lang: Language) -> dict[str, Any]:
    """The object; lines and columns count from 1 and are absent where there is no text to point at."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message.in_(lang),
        "hint": finding.hint.in_(lang) if finding.hint else None,
        **_where(finding.where, locate),
        "related": [{"note": item.note.in_(lang), **_where(item.where, locate)} for item in finding.related],
        "fixable": finding.fix is not None and finding.fix.safe,
        "fixable_unsafe": finding.fix is not None and not finding.fix.safe,
        "fingerprint": fingerprint,
    }


def _where(where: Location, locate: Locate) -> dict[str, Any]:
    spot = locate(where)
    place: dict[str, Any] = {"file": visible(where.file), "path": path_text(where.path)}
    if where.row is not None:
        place |= {"row": where.row, "column": where.column}
    elif spot is not None:
        place |= {
            "line": spot.start.line,
            "column": spot.start.column,
            "end_line": spot.end.line,
            "end_column": spot.end.column,
        }
    return place


def report(findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language) -> str:
    """The text of the object, ended by a line feed."""
    value = {
        "version": VERSION,
        "smartreg": __version__,
        "state": summary.state,
        "on": summary.on.isoformat(),
        "records": summary.records,
        "counts": dict(zip(SEVERITIES, summary.by_severity, strict=True)),
        "waived": summary.waived,
        "since": {"base": summary.base, "before": summary.before} if summary.base else None,
        "findings": [
            finding_object(finding, fingerprint, locate, lang)
            for finding, fingerprint in zip(findings, fingerprints(findings), strict=True)
        ],
    }
    if summary.timings is not None:
        value["timings"] = _timings_object(summary.timings)
    return json_text(value)


def _timings_object(timings: Timings) -> dict[str, Any]:
    """Milliseconds of processor by phase and by rule, the dearest rules first."""
    rules = sorted(timings.rules.items(), key=lambda item: -item[1].seconds)
    return {
        "phases": {name: round(seconds * 1000, 1) for name, seconds in timings.phases.items()},
        "rules": [{"code": code, "ms": round(time.seconds * 1000, 1), "calls": time.calls} for code, time in rules],
    }
