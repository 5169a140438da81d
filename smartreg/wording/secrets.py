"""Keys, passwords and tokens in texts: reports show only their first characters, because logs have more readers than
the registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from smartreg.core import secret
from smartreg.core.findings import Finding, Locate, Spot
from smartreg.core.values import Mark
from smartreg.schema import likely_secrets

SECRET = "REC107"
WRONG_FORM = "SCH"
MAX = 1 << 30  # to the end of the line

Span: TypeAlias = tuple[int, int]
Secrets: TypeAlias = Mapping[tuple[str, int], Sequence[Span]]
"""By file and line: the spans of secrets in that line, counted from 0."""


def secrets_of(findings: Iterable[Finding], locate: Locate) -> Secrets:
    """The places of secrets in findings: the whole value of REC107, and what looks like a key in a schema fault."""
    by_line: dict[tuple[str, int], list[Span]] = defaultdict(list)
    for finding in findings:
        own = finding.code == SECRET
        spot = locate(finding.where) if own or finding.code.startswith(WRONG_FORM) else None
        if spot is None:
            continue
        first, file = spot.start.line, finding.where.file
        if not own:
            by_line[file, first] += likely_secrets(spot.text)
            continue
        for number in range(first, spot.end.line + 1):
            start = spot.start.column - 1 if number == first else 0
            end = spot.end.column - 1 if number == spot.end.line else MAX
            by_line[file, number].append((start, end))
    return {place: _merge_spans(spans) for place, spans in by_line.items() if spans}


def _merge_spans(spans: Sequence[Span]) -> list[Span]:
    """The spans in their order, those that overlap as one."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def hide_secrets(text: str, spans: Sequence[Span]) -> str:
    """The line with its secrets cut."""
    for start, end in reversed(spans):
        start, end = _within(text, start, end)
        text = text[:start] + cut(text[start:end]) + text[end:]
    return text


def without(spot: Spot, spans: Sequence[Span]) -> Spot:
    """The spot in the line as `hide_secrets` shows it."""
    text = spot.text
    start = spot.start.column - 1
    end = spot.end.column - 1 if spot.end.line == spot.start.line else len(text)
    for begin, stop in reversed(spans):
        begin, stop = _within(text, begin, stop)
        shown = cut(text[begin:stop])
        less = stop - begin - len(shown)
        start, end = (
            place - less if place >= stop else min(place, begin + len(shown)) if place > begin else place
            for place in (start, end)
        )
    return Spot(Mark(spot.start.line, start + 1), Mark(spot.start.line, end + 1), hide_secrets(text, spans))


def _within(text: str, start: int, end: int) -> Span:
    """The part of the span in this line, without leading blanks."""
    start, end = min(start, len(text)), min(end, len(text))
    return start + len(text[start:end]) - len(text[start:end].lstrip()), end


def cut(value: str) -> str:
    """The part of a secret that is shown."""
    if not value or value in ("|", ">", "|-", ">-"):  # a text that begins on the next line
        return value
    return secret.cut(value)
