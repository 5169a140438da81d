"""The audit of the history as Markdown. Everything that comes from commits and records is in code spans."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.escape import code
from smartreg.core.findings import CALLED, Finding
from smartreg.core.values import Language, Words, path_text, short_id
from smartreg.history.audit import Audited
from smartreg.reporters.audit_text import LIMIT, span_of, summary

MARKER = "<!-- smartreg:audit:1 -->"


def report(found: Audited, *, lang: Language) -> str:
    """The text; its first line is a hidden mark by which a later run finds its own comment again."""
    heading = Words("Audit of the history", "Audit de l'historique").in_(lang)
    lines = [MARKER, f"### {heading}", "", f"{span_of(found).in_(lang)}.", "", f"**{summary(found).in_(lang)}.**", ""]
    for finding in found.general:
        lines += _finding(finding, "", lang)
    for trace in found.traces:
        commit = trace.commit
        about = f"{commit.date:%Y-%m-%d} {code(commit.author_name)} {code(commit.subject)}"
        lines.append(f"- `{short_id(commit.oid)}` {about}")
        for finding in trace.findings:
            lines += _finding(finding, "  ", lang)
    return "\n".join([*lines, "", LIMIT.in_(lang)]) + "\n"


def _finding(finding: Finding, indent: str, lang: Language) -> Iterator[str]:
    place = f"{finding.where.file} {path_text(finding.where.path)}".strip()
    where = f" {code(place)}" if place else ""
    severity = CALLED[finding.severity].in_(lang)
    yield f"{indent}- {severity} {finding.code}{where}: {code(finding.message.in_(lang))}"
    if finding.hint is not None:
        yield f"{indent}  - {Words('help: ', 'aide : ').in_(lang)}{code(finding.hint.in_(lang))}"
