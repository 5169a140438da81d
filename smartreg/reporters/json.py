"""Findings as one JSON object, version 1. Code, place and fingerprint are the contract, the wording is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from smartreg import __version__
from smartreg.findings import Finding, Locate, Summary
from smartreg.styled import visible
from smartreg.values import Language, Location, path_text

VERSION = 1


def report(findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language) -> str:
    """The text of the object, ended by a line feed."""
    value = {
        "version": VERSION,
        "smartreg": __version__,
        "state": summary.state,
        "on": summary.on.isoformat(),
        "records": summary.records,
        "counts": {"error": summary.errors, "warning": summary.warnings, "info": summary.infos},
        "findings": [described(finding, locate, lang) for finding in findings],
    }
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def described(finding: Finding, locate: Locate, lang: Language) -> dict[str, Any]:
    """One finding; lines and columns count from 1 and are absent where there is no text to point at."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message.in_(lang),
        "hint": finding.hint.in_(lang) if finding.hint else None,
        **_where(finding.where, locate),
        "related": [{"note": item.note.in_(lang), **_where(item.where, locate)} for item in finding.related],
        "fingerprint": finding.fingerprint,
    }


def _where(where: Location, locate: Locate) -> dict[str, Any]:
    spot = locate(where)
    found: dict[str, Any] = {"file": visible(where.file), "path": path_text(where.path)}
    if where.row is not None:
        found |= {"row": where.row, "column": where.column}
    elif spot is not None:
        found |= {
            "line": spot.start.line,
            "column": spot.start.column,
            "end_line": spot.end.line,
            "end_column": spot.end.column,
        }
    return found
