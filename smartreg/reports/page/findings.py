"""Findings as the page lists them: the gravest first, each with its record where it has one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from smartreg.core.findings import SEVERITIES, Finding
from smartreg.core.values import Json, RecordId, path_text
from smartreg.reports.page.records import pair

MOST_FINDINGS = 2000  # maximum number of listed findings; `validate` lists more


def findings_json(findings: Sequence[Finding], rids: Mapping[str, RecordId]) -> dict[str, Json]:
    """`listed`: [severity, code, message, hint, file, field, record or null]; `counts` by severity, of all."""
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    counts = Counter(finding.severity for finding in findings)
    listed = ordered[:MOST_FINDINGS]
    return {
        "counts": {severity: counts[severity] for severity in SEVERITIES if counts[severity]},
        "listed": [_finding(finding, rids.get(finding.where.file)) for finding in listed],
        "more": len(ordered) - len(listed),
    }


def _finding(finding: Finding, rid: RecordId | None) -> list[Json]:
    return [
        finding.severity,
        finding.code,
        pair(finding.message),
        pair(finding.hint) if finding.hint else None,
        finding.where.file,
        path_text(finding.where.path),
        str(rid) if rid else None,
    ]
