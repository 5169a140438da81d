"""Findings as the page lists them: the gravest first, each with its record where it has one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from smartreg.core.findings import SEVERITIES, Finding
from smartreg.core.values import Json, RecordId, path_text
from smartreg.reports.page.records import pair

MOST = 2000  # maximum number of listed findings; `validate` lists more


def findings_json(findings: Sequence[Finding], rids: Mapping[str, RecordId]) -> dict[str, Json]:
    """`listed`: [severity, code, message, hint, file, field, record or null]; `counts` by severity, of all."""
    ordered = sorted(findings, key=lambda found: SEVERITIES.index(found.severity))
    counts = Counter(found.severity for found in findings)
    return {
        "counts": {severity: counts[severity] for severity in SEVERITIES if counts[severity]},
        "listed": [_finding(found, rids.get(found.where.file)) for found in ordered[:MOST]],
        "more": max(0, len(ordered) - MOST),
    }


def _finding(found: Finding, rid: RecordId | None) -> list[Json]:
    return [
        found.severity,
        found.code,
        pair(found.message),
        pair(found.hint) if found.hint else None,
        found.where.file,
        path_text(found.where.path),
        str(rid) if rid else None,
    ]
