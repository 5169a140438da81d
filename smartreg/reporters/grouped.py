"""Findings grouped by file: for reading a registry with many of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from smartreg.core.findings import CALLED, Finding, Locate, Summary
from smartreg.core.messages import Language
from smartreg.core.styled import Grid, GridRow, Line, Span, align, cells, line
from smartreg.wording.summing import sentence, summary_lines


def report(findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language) -> Iterator[Line]:
    """A heading per file, one line per finding below it, then the summary."""
    for file, group in groupby(findings, key=lambda finding: finding.where.file):
        yield line(Span(file, "name"))
        yield from align(Grid([_row(finding, locate, lang) for finding in group]))
        yield ()
    yield from summary_lines(findings, summary, lang)


def _row(finding: Finding, locate: Locate, lang: Language) -> GridRow:
    return cells(
        Span(f"  {_place(finding, locate)}", "dim"),
        Span(CALLED[finding.severity].in_(lang), finding.severity),
        finding.code,
        sentence(finding, lang),
    )


def _place(finding: Finding, locate: Locate) -> str:
    """`line:column`, the row of a sheet, or a dash for the file as a whole."""
    where = finding.where
    if where.row is not None:
        return f"{where.row}{f' ({where.column})' if where.column else ''}"
    spot = locate(where)
    return f"{spot.start.line}:{spot.start.column}" if spot else "-"
