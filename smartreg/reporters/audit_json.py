"""The audit of the history as one JSON object, version 1."""

from __future__ import annotations

from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.findings import Finding
from smartreg.core.styled import visible
from smartreg.core.values import Language, path_text
from smartreg.history.audit import Audited, Trace

VERSION = 1


def report(found: Audited, *, lang: Language) -> str:
    """The text of the object, ended by a line feed. Findings of the whole history are in `findings`, those of a commit
    with the commit, newest first."""
    errors, warnings, infos = found.counts
    content = {
        "version": VERSION,
        "smartreg": __version__,
        "head": found.head,
        "base": found.base,
        "seal": found.seal,
        "commits": found.commits,
        "touching": found.touching,
        "manual": found.manual,
        "signed": found.signed,
        "counts": {"error": errors, "warning": warnings, "info": infos},
        "findings": [finding_json(finding, lang) for finding in found.general],
        "traces": [_trace(trace, lang) for trace in found.traces],
    }
    return json_text(content)


def finding_json(finding: Finding, lang: Language) -> dict[str, Any]:
    """One finding. Code, place and fingerprint are the contract, the wording is not."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message.in_(lang),
        "hint": finding.hint.in_(lang) if finding.hint else None,
        "file": visible(finding.where.file),
        "path": path_text(finding.where.path),
        "fingerprint": finding.fingerprint,
    }


def _trace(trace: Trace, lang: Language) -> dict[str, Any]:
    commit = trace.commit
    return {
        "commit": commit.oid,
        "date": commit.date.isoformat(),
        "author": {"name": commit.author_name, "email": commit.author_email},
        "subject": commit.subject,
        "signed": commit.signed,
        "findings": [finding_json(finding, lang) for finding in trace.findings],
    }
