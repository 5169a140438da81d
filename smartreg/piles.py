"""Findings as rows of plain tuples, and piles of notes that are read only when somebody looks at one.

A registry of 100 000 records has some 20 000 notes, which most runs only count.
"""

from __future__ import annotations

import marshal
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, SupportsIndex, TypeAlias, overload

from smartreg.findings import (
    SEVERITIES,
    Drop,
    Finding,
    Fix,
    Move,
    Put,
    Related,
    Rename,
    Respell,
    Severity,
    Step,
    in_order,
)
from smartreg.frozen import replace
from smartreg.values import KeyPath, Location, Mark, Words

NOTE: Severity = "info"
Row: TypeAlias = tuple[Any, ...]


def spelled(finding: Finding) -> Row:
    """A finding as `marshal` can write it, the file that it is in first; `read` gives it back."""
    hint, fix, where = finding.hint, finding.fix, finding.where
    return (
        where.file,
        _rest(where),
        finding.code,
        finding.severity,
        (finding.message.en, finding.message.fr),
        (hint.en, hint.fr) if hint else None,
        tuple((other.where.file, _rest(other.where), other.note.en, other.note.fr) for other in finding.related),
        (type(fix.step).__name__, tuple(fix.step), fix.safe) if fix else None,
    )


def read(row: Row) -> Finding:
    file, rest, code, severity, message, hint, related, fix = row
    return Finding(
        code,
        severity,
        Words(*message),
        _location(file, rest),
        Words(*hint) if hint else None,
        tuple(Related(_location(there, place), Words(en, fr)) for there, place, en, fr in related),
        Fix(_step(fix[0], fix[1]), fix[2]) if fix else None,
    )


def _rest(where: Location) -> Row:
    """All but the file."""
    if not (where.on_key or where.mark or where.row is not None or where.column is not None):
        return (where.path,)
    return (where.path, where.on_key, tuple(where.mark) if where.mark else None, where.row, where.column)


def _location(file: str, rest: Row) -> Location:
    if len(rest) == 1:
        return Location(file, rest[0])
    path, on_key, mark, number, column = rest
    return Location(file, path, on_key, Mark(*mark) if mark else None, number, column)


def _step(name: str, parts: Row) -> Step:
    if name == "Respell":
        return Respell()
    if name == "Move":
        return Move(parts[0])
    path: KeyPath = parts[0]
    if name == "Drop":
        return Drop(path, parts[1])
    return Put(path, parts[1]) if name == "Put" else Rename(path, parts[1])


class Pile:
    """Notes of one code that mend nothing. `severity` is what they count as."""

    def __init__(self, code: str, number: int, packed: bytes, severity: Severity = NOTE) -> None:
        self.code, self.severity = code, severity
        self._number, self._packed = number, packed

    @classmethod
    def of(cls, code: str, findings: Iterable[Finding]) -> Pile:
        rows = [*map(spelled, findings)]
        return cls(code, len(rows), marshal.dumps(rows))

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Finding]:
        found = map(read, self._rows)
        return found if self.severity == NOTE else (replace(finding, severity=self.severity) for finding in found)

    @property
    def row(self) -> Row:
        """What `Pile(*row)` makes the pile of again, before anybody graded it."""
        return (self.code, self._number, self._packed)

    def graded(self, severity: Severity) -> Pile:
        return Pile(self.code, self._number, self._packed, severity)

    def may_name(self, files: Iterable[str]) -> bool:
        """Whether a note may say something of one of the files; False is sure."""
        return any(file.encode("utf-8", "surrogatepass") in self._packed for file in files)

    def naming(self, files: Collection[str]) -> Iterator[str]:
        """The files of the notes that name one of `files` as related."""
        if self.may_name(files):
            yield from (row[0] for row in self._rows if any(other[0] in files for other in row[-2]))

    def without(self, files: Collection[str]) -> Pile:
        """The notes of other files."""
        if not self.may_name(files):
            return self
        rows = [row for row in self._rows if row[0] not in files]
        return Pile(self.code, len(rows), marshal.dumps(rows), self.severity)

    @cached_property
    def _rows(self) -> list[Row]:
        rows: list[Row] = marshal.loads(self._packed)
        return rows


class Findings(Sequence[Finding]):
    """Findings in the one order of all outputs. The piles among them stay unread until somebody looks at all."""

    def __init__(self, loose: Iterable[Finding], piles: Sequence[Pile] = ()) -> None:
        self.loose, self.piles = in_order(loose), piles

    def __len__(self) -> int:
        return len(self.loose) + sum(map(len, self.piles))

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._all)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> list[Finding]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Finding | list[Finding]:
        return self._all[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self._all))

    @cached_property
    def _all(self) -> list[Finding]:
        return in_order(chain(self.loose, *self.piles)) if self.piles else self.loose

    @cached_property
    def counts(self) -> Mapping[tuple[Severity, str], int]:
        """How many there are of each severity and code."""
        counts = Counter((finding.severity, finding.code) for finding in self.loose)
        for pile in self.piles:
            counts[pile.severity, pile.code] += len(pile)
        return counts

    @property
    def by_severity(self) -> dict[str, int]:
        """How many there are of each severity, the gravest first."""
        found: dict[str, int] = dict.fromkeys(SEVERITIES, 0)
        for (severity, _), number in self.counts.items():
            found[severity] += number
        return found

    @property
    def fixable(self) -> int:
        """How many a fix mends that nobody could want otherwise."""
        return sum(finding.fix is not None and finding.fix.safe for finding in self.loose)

    def but_notes(self) -> Sequence[Finding]:
        """Those that are more than notes."""
        unread = all(pile.severity == NOTE for pile in self.piles)
        return [finding for finding in (self.loose if unread else self._all) if finding.severity != NOTE]


def piled(findings: Iterable[Finding], fits: Callable[[Finding], bool]) -> tuple[list[Finding], list[Pile]]:
    """The notes that fit as piles, and the others."""
    loose: list[Finding] = []
    notes: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        alike = finding.severity == NOTE and finding.fix is None and fits(finding)
        (notes[finding.code] if alike else loose).append(finding)
    return loose, [Pile.of(code, some) for code, some in notes.items()]
