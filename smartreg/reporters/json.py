"""Findings as one JSON object, version 1. Code, place and fingerprint are the contract, the wording is not."""

from __future__ import annotations

from collections.abc import Sequence

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.findings import SEVERITIES, Finding, Locate, Summary, fingerprints
from smartreg.core.values import Language
from smartreg.reporters.finding_json import VERSION, finding_object


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
    return json_text(value)
