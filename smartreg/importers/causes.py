"""Findings of a sheet by their cause: what is the same in many rows is told once, with its rows as ranges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from smartreg.findings import Finding, in_order
from smartreg.frozen import replace
from smartreg.values import KeyPath, Words

_SHOWN = 2  # findings of one cause that are shown one by one
_RANGES = 12  # so many ranges of rows are named

Cause: TypeAlias = tuple[str, str, KeyPath, str | None]


def by_cause(findings: Sequence[Finding], every: bool = False) -> tuple[Finding, ...]:
    """The findings with one for each cause: a code in a column, whose values may differ. `every`: as they are."""
    causes: dict[Cause, list[Finding]] = defaultdict(list)
    alone = []
    for finding in findings:
        where = finding.where
        if every or where.row is None:
            alone.append(finding)
        else:
            causes[where.file, finding.code, where.path, where.column].append(finding)
    for same in causes.values():
        alone += _together(same) if len(same) > _SHOWN else same
    return tuple(in_order(alone))


def _together(same: Sequence[Finding]) -> list[Finding]:
    """One finding for each message that several rows have, and one for all others."""
    messages: dict[str, list[Finding]] = defaultdict(list)
    for finding in same:
        messages[finding.message.en].append(finding)
    often = [found for found in messages.values() if len(found) > 1]
    rest = [found[0] for found in messages.values() if len(found) == 1]
    if len(often) > _SHOWN:
        often, rest = [], list(same)
    return [_once(found) for found in often] + ([_once(rest)] if len(rest) > _SHOWN else rest)


def _once(same: Sequence[Finding]) -> Finding:
    """The first finding, with the number and the rows of all."""
    first, rows = same[0], [finding.where.row or 0 for finding in same]
    named = ranges(rows)
    one = len({finding.message.en for finding in same}) == 1
    so_on, etc = ("", "") if one else (", and so on", ", etc.")
    message = Words(
        f"{first.message.en}{so_on} ({len(same)} rows: {named})",
        f"{first.message.fr}{etc} ({len(same)} lignes : {named})",
    )
    return replace(first, message=message, related=first.related if len(same) == 1 else ())


def ranges(rows: Sequence[int]) -> str:
    """Row numbers as ranges: `2–746, 750`."""
    spans: list[list[int]] = []
    for row in sorted(set(rows)):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in spans]
    return ", ".join(texts[:_RANGES]) + (", …" if len(texts) > _RANGES else "")
