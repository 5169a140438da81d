"""Findings, one line each: `file:line:column: severity CODE message (hint)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import CALLED, Finding, Locate, Summary
from smartreg.core.messages import Language
from smartreg.core.styled import Line, Span, line
from smartreg.wording.summing import place, sentence, summary_lines


def report(findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language) -> Iterator[Line]:
    """One line per finding, then the summary."""
    for finding in findings:
        where = place(finding.where, locate(finding.where))
        severity = Span(CALLED[finding.severity].in_(lang), finding.severity)
        yield line(f"{where}: ", severity, f" {finding.code} {sentence(finding, lang)}")
    yield from summary_lines(findings, summary, lang)
