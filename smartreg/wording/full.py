"""Findings in full: what, where with the line itself, related places, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.findings import CALLED, Finding, Locate, Related, Spot, Summary
from smartreg.core.messages import Language, Message
from smartreg.core.styled import Line, Span, line, visible
from smartreg.trees import RECORD_ENDS
from smartreg.wording.secrets import Secrets, secrets_of, without
from smartreg.wording.summing import place, summary_lines

WIDTH = 160


def report(findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language) -> Iterator[Line]:
    """One block per finding, then the summary."""
    yield from blocks(findings, locate, lang)
    yield from summary_lines(findings, summary, lang)


def blocks(findings: Sequence[Finding], locate: Locate, lang: Language) -> Iterator[Line]:
    """The findings alone, an empty line after each."""
    secrets = secrets_of(findings, locate)
    for finding in findings:
        yield from _block(finding, locate, lang, secrets)
        yield ()


def _block(finding: Finding, locate: Locate, lang: Language, secrets: Secrets) -> Iterator[Line]:
    """One finding, with secrets cut from its line."""
    spot = locate(finding.where)
    called = CALLED[finding.severity].in_(lang)
    yield line(Span(f"{called}[{finding.code}]", finding.severity), " ", Span(finding.message.in_(lang), "bold"))
    yield line(Span("  --> ", "dim"), place(finding.where, spot))
    gutter = " " * (len(str(spot.start.line)) if spot else 1)
    if spot is not None and spot.text:
        spans = secrets.get((finding.where.file, spot.start.line), ())
        shown = without(spot, spans) if spans else spot
        yield from _frame(shown, gutter, finding.severity, "yaml" if finding.where.file.endswith(RECORD_ENDS) else "")
    for related in finding.related:
        yield from _related_lines(related, gutter, locate, lang)
    if finding.hint is not None:
        helped = Message("help: ").in_(lang)
        yield line(Span(f" {gutter} = {helped}", "dim"), finding.hint.in_(lang))


def _frame(spot: Spot, gutter: str, style: str, language: str) -> Iterable[Line]:
    """The line with the fault underlined; a long line is cut around it."""
    column = spot.start.column - 1
    begin = max(0, column - WIDTH // 2) if len(spot.text) > WIDTH else 0
    shown = spot.text[begin : begin + WIDTH]
    end = spot.end.column - 1 if spot.end.line == spot.start.line else len(spot.text)
    before, value = shown[: column - begin], shown[column - begin : max(end, column + 1) - begin]
    return (
        line(Span(f" {gutter} |", "dim")),
        line(Span(f" {spot.start.line} |", "dim"), " ", Span(shown, language)),
        line(
            Span(f" {gutter} |", "dim"), " ", " " * len(visible(before)), Span("^" * max(1, len(visible(value))), style)
        ),
    )


def _related_lines(related: Related, gutter: str, locate: Locate, lang: Language) -> Iterable[Line]:
    where = place(related.where, locate(related.where))
    return (line(Span(f" {gutter} = ", "dim"), related.note.in_(lang), Message(": ").in_(lang), Span(where, "dim")),)
