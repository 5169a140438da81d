"""Findings: faults in the data, as values.

A finding's fingerprint is code + file + key path, so it survives moved lines and new wording.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from smartreg.core.messages import SOURCE, Message, Text, plain_text, text_of
from smartreg.core.timings import Timings
from smartreg.core.values import Json, KeyPath, Location, Mark, RecordId, path_text

Severity: TypeAlias = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
Grading: TypeAlias = Callable[[str, Severity], Severity | None]
"""The severity that counts for a code and its own severity; None if the code is deselected."""
CALLED: Mapping[Severity, Text] = MappingProxyType(
    {
        "error": Message("error"),
        "warning": Message("warning"),
        "info": Message("info"),
    }
)  # for people; machine formats contain the severity itself


class Related(NamedTuple):
    """Another place that explains a finding."""

    where: Location
    note: Text


class Put(NamedTuple):
    """Set a value at `path`."""

    path: KeyPath
    value: Json


class Rename(NamedTuple):
    """Rename the key at `path`; its value stays."""

    path: KeyPath
    name: str


class Drop(NamedTuple):
    """Remove these `items` of the list at `path`: others equal them."""

    path: KeyPath
    items: tuple[int, ...]


class Move(NamedTuple):
    """Move the record to another `file`."""

    file: str


class Respell(NamedTuple):
    """Write the text differently (quotes, line endings), so that it can be read, or with the same meaning."""


Step: TypeAlias = Put | Rename | Drop | Move | Respell


class Fix(NamedTuple):
    """An automatic fix for a finding. Safe if there is no other choice; otherwise the most likely one."""

    step: Step
    safe: bool = True


class Finding(NamedTuple):
    """One fault: its code and severity, what is wrong, where, what to do (`hint`), and its automatic `fix`."""

    code: str
    severity: Severity
    message: Text
    where: Location
    hint: Text | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Two findings with the same key are the same alert: code, file, key path (and row and column of an imported
        sheet)."""
        where = self.where
        place = path_text(where.path) if where.row is None else f"{where.row}:{where.column or ''}"
        return (self.code, where.file, place)

    @property
    def fingerprint(self) -> str:
        """64 hex digits that survive moved lines and new wording."""
        return _digest(*self.key)


class Spot(NamedTuple):
    """The place of a finding in the text: line and column from 1, the end of the value, and the line itself."""

    start: Mark
    end: Mark
    text: str


Locate: TypeAlias = Callable[[Location], Spot | None]


class Summary(NamedTuple):
    """The extent of a check (number of records, state, reference date), the number of findings of each severity and
    code, and how many of them `--fix` can fix (`fixable`). `rids` names the record of each file; `prefix` leads from
    the top of the Git work tree to the registry: empty, or ending with a slash. `waived`: number of accepted findings.
    With a `base` (commit id), only newer findings count; `before` is the number of older ones. `kinds`: all kinds, also
    those without a record. `timings`: where the time went, if that was asked."""

    records: int
    state: str
    on: date
    counts: Mapping[tuple[Severity, str], int]
    rids: Mapping[str, RecordId]
    prefix: str
    fixable: int
    waived: int
    base: str | None
    before: int
    kinds: tuple[str, ...]
    timings: Timings | None = None

    @property
    def by_severity(self) -> tuple[int, int, int]:
        """The numbers of errors, warnings and notes."""
        errors, warnings, infos = (
            sum(number for (severity, _), number in self.counts.items() if severity == word) for word in SEVERITIES
        )
        return errors, warnings, infos


def in_order(findings: Iterable[Finding], grade: Grading | None = None) -> list[Finding]:
    """The order of findings in all outputs: file, place, code; the message last, so that the order is total. `grade`
    changes severities, and drops findings for which it has none."""
    if grade is not None:
        graded = ((finding, grade(finding.code, finding.severity)) for finding in findings)
        findings = [
            finding if severity == finding.severity else finding._replace(severity=severity)
            for finding, severity in graded
            if severity is not None
        ]
    return sorted(
        findings, key=lambda f: (f.where.file, f.where.row or 0, path_text(f.where.path), f.code, f.message.in_(SOURCE))
    )


def without_mirrors(findings: Sequence[Finding], changed: Collection[str]) -> list[Finding]:
    """The findings without those in other files that only say from the other side what is said in a `changed` one, such
    as an identifier twice."""
    reported = {(each.code, each.where.file, place.where.file) for each in findings for place in each.related}

    def is_mirror(finding: Finding) -> bool:
        files = [place.where.file for place in finding.related if place.where.file in changed]
        return any((finding.code, file, finding.where.file) in reported for file in files)

    return [each for each in findings if each.where.file in changed or not is_mirror(each)]


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """The fingerprint of each finding, in order; duplicates are numbered from the second on."""
    met: Counter[str] = Counter()
    numbered = []
    for finding in findings:
        own = _digest(*finding.key)
        met[own] += 1
        numbered.append(own if met[own] == 1 else _digest(own, f"{met[own]}"))
    return numbered


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()


def count_by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """The number of findings per severity, the most severe first."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in SEVERITIES}


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The highest severity among them; None if there are none."""
    present = {finding.severity for finding in findings}
    return next((severity for severity in SEVERITIES if severity in present), None)


# -- findings as plain values ------------------------------------------------------------------------------------

PlainRow: TypeAlias = tuple[Any, ...]
"""A finding in plain values, as JSON has them: code, severity, message, place (the file first), hint, related places,
fix."""


def row_of(finding: Finding) -> PlainRow:
    """A finding as plain values; `finding_of` restores it."""
    hint, fix = finding.hint, finding.fix
    return (
        finding.code,
        finding.severity,
        plain_text(finding.message),
        _place(finding.where),
        plain_text(hint) if hint else None,
        tuple((_place(other.where), plain_text(other.note)) for other in finding.related),
        (type(fix.step).__name__, tuple(fix.step), fix.safe) if fix else None,
    )


def finding_of(row: PlainRow) -> Finding:
    """The finding from a row of `row_of`."""
    code, severity, message, where, hint, related, fix = row
    return Finding(
        code,
        severity,
        text_of(message),
        _location(where),
        text_of(hint) if hint else None,
        tuple(Related(_location(there), text_of(note)) for there, note in related),
        Fix(_step(*fix[:2]), fix[2]) if fix else None,
    )


_STEPS: Mapping[str, Callable[..., Step]] = MappingProxyType(
    {step.__name__: step for step in (Put, Rename, Drop, Move, Respell)}
)


def _place(where: Location) -> PlainRow:
    if not (where.on_key or where.mark or where.row is not None or where.column is not None):
        return (where.file, where.path)
    return (where.file, where.path, where.on_key, tuple(where.mark) if where.mark else None, where.row, where.column)


def _location(place: PlainRow) -> Location:
    if len(place) == 2:
        return Location(place[0], tuple(place[1]))
    file, path, on_key, mark, number, column = place
    return Location(file, tuple(path), on_key, Mark(*mark) if mark else None, number, column)


def _step(name: str, values: Iterable[Any]) -> Step:
    step = _STEPS[name]
    fields = zip(step._fields, values, strict=True)  # type: ignore[attr-defined]
    return step(**{field: tuple(value) if field in ("path", "items") else value for field, value in fields})
