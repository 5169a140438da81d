"""Accepted findings: `[[waiver]]` in the settings, `# smartreg: ignore[CODE] reason` in a record.

A waived finding is only counted. A waiver without effect, one that has expired or says too little is a finding itself
(WAI901 … WAI904), so that no exception outlives its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple, TypeAlias

from smartreg.core.findings import Finding, Severity
from smartreg.core.messages import Message, Text
from smartreg.core.values import KeyPath, Location, Mark, path_text
from smartreg.registry import Registry
from smartreg.schema.settings import FILE, Waiver
from smartreg.yamlio import Marks, comments, marks

EXPIRED, UNUSED, IDLE, UNCLEAR = "WAI901", "WAI902", "WAI903", "WAI904"
NOTES = (EXPIRED, UNUSED, IDLE, UNCLEAR)
GRADE: Severity = "warning"
NEVER = ("YML", "IMP", "WAI", *(f"CHG{number}" for number in range(811, 820)), "AUD", "OBS")
"""Prefixes of the codes that cannot be waived: nothing was read that could be accepted (YML), a sheet is corrected and
not accepted (IMP), waivers do not waive their own faults (WAI), what the reviewer of a merge has to know of a change
and of its authors is always reported (CHG811 … CHG819), history cannot be changed (AUD), and what other registries
publish is theirs (OBS)."""

NOT_YET = Message("its ignore comment comes with this change: it counts once it is in the base, or with --trust-head")

_COMMENT = r"#[ \t]*smartreg:[ \t]*ignore(?:[ \t]*\[(?P<codes>[^\]]*)\])?[ \t]*(?P<reason>.*?)[ \t]*\Z"
_WORD = "smartreg:"


class Ignore(NamedTuple):
    """A comment that waives codes: for its line (`path`: the first key or value there), or for the whole record
    (None)."""

    file: str
    at: Mark
    line: int | None
    path: KeyPath | None
    codes: tuple[str, ...]
    reason: str


Trusted: TypeAlias = Callable[[str], Collection[tuple[KeyPath | None, str]]]
"""By file: the (path, code) pairs of the ignore comments that count there."""


class Terms(NamedTuple):
    """The terms on which findings are waived. `judged`: the codes that were checked; for others, unused waivers are
    unknown. `trusted`: which comments count, all when None. `standing`: the waivers that are reported when expired or
    unused, all when None."""

    waivers: Sequence[Waiver]
    on: date
    known: Collection[str]
    judged: Collection[str]
    trusted: Trusted | None = None
    standing: Sequence[Waiver] | None = None


def is_unwaivable(code: str) -> bool:
    """Whether findings of this code cannot be waived."""
    return code.startswith(NEVER)


class Waivers:
    """The waivers of a registry, in the settings and in its records, and which of them were used (`sides`: more
    than one for a change)."""

    def __init__(self, sides: Sequence[Registry], terms: Terms) -> None:
        self._declared, self._commented = _Declared(sides, terms), _Comments(sides, terms)

    def may_waive(self, code: str, file: str) -> bool:
        """Whether a finding of this code in this file may be waived."""
        return code in self._declared.by_code or file in self._commented.remarked

    def apply(self, finding: Finding) -> Finding | None:
        """None if the finding is waived; else the finding, which says so if an ignore comment does not count yet."""
        # Both are tried: a comment in addition to a waiver is not unused.
        by_comment = self._commented.waives(finding) if finding.where.file in self._commented.remarked else None
        by_waiver = finding.code in self._declared.by_code and self._declared.waives(finding)
        if by_comment or by_waiver:
            return None
        return finding if by_comment is None else finding._replace(hint=NOT_YET)

    def notes(self) -> Iterator[Finding]:
        """Findings on the waivers themselves, on the first side; to be called once all findings are applied."""
        yield from self._declared.notes()
        yield from self._commented.notes()


def read_ignores(registry: Registry, file: str) -> tuple[list[Ignore], Mapping[KeyPath, Marks]]:
    """The ignore comments of a file, and the places of its values."""
    text = registry.text_of(file) or b""
    places = marks(text)
    speaks_of = _by_line(places)
    ignores = []
    for comment in comments(text, _WORD):
        parts = re.match(_COMMENT, comment.text)
        if parts is None:
            continue
        codes = tuple(code for word in (parts["codes"] or "").split(",") if (code := word.strip().upper()))
        path = None if comment.line is None else speaks_of.get(comment.line, ())
        ignores.append(Ignore(file, comment.at, comment.line, path, codes, parts["reason"].lstrip(":–—- ")))
    return ignores, places


def trust_shared(registry: Registry) -> Trusted:
    """Trust only the comments that this registry has, too: same file, same place, same code."""
    remarked = frozenset(registry.files_with_remarks())

    def places(file: str) -> Collection[tuple[KeyPath | None, str]]:
        ignores = read_ignores(registry, file)[0] if file in remarked else ()
        return {(ignore.path, code) for ignore in ignores if ignore.reason for code in ignore.codes}

    return places


def _by_line(places: Mapping[KeyPath, Marks]) -> dict[int, KeyPath]:
    """The path that a line is about: its first key, else the innermost item that begins there."""
    values = {place.value.line: path for path, place in places.items() if path}
    return values | {place.key.line: path for path, place in reversed(list(places.items())) if place.key is not None}


def _lines(place: Marks) -> Iterator[int]:
    if place.key is not None:
        yield place.key.line
    yield place.value.line


class _Declared:
    """The waivers of the settings, and which of them were used."""

    def __init__(self, sides: Sequence[Registry], terms: Terms) -> None:
        self._sides, self._terms = sides, terms
        self.by_code: dict[str, list[Waiver]] = {}
        self._used: set[Waiver] = set()
        for waiver in terms.waivers:
            if terms.on <= waiver.until:
                self.by_code.setdefault(waiver.code, []).append(waiver)

    def waives(self, finding: Finding) -> bool:
        """Whether one of those `by_code` waives the finding."""
        names = {finding.where.file}
        for side in self._sides:
            rid = side.by_file.get(finding.where.file)
            names |= {str(rid), rid.id} if rid else set()
        meant = [waiver for waiver in self.by_code[finding.code] if waiver.record in names]
        self._used.update(meant)
        return bool(meant)

    def notes(self) -> Iterator[Finding]:
        standing = self._terms.waivers if self._terms.standing is None else self._terms.standing
        for waiver in standing:
            if waiver not in self._terms.waivers:
                continue
            if waiver.until < self._terms.on:
                yield _expired_finding(waiver)
            elif waiver not in self._used and waiver.code in self._terms.judged:
                yield _unused_finding(waiver)


class _Comments:
    """The ignore comments of a registry, read only in files that have some, and which of them were used."""

    def __init__(self, sides: Sequence[Registry], terms: Terms) -> None:
        self._sides, self._terms = sides, terms
        self._read: dict[str, tuple[list[Ignore], Mapping[KeyPath, Marks]]] = {}
        self._used: set[tuple[Ignore, str]] = set()

    @cached_property
    def remarked(self) -> Mapping[str, Registry]:
        """The side whose comments count, by file."""
        return {file: side for side in reversed(self._sides) for file in side.files_with_remarks()}

    def waives(self, finding: Finding) -> bool | None:
        """Whether a comment of a `remarked` file waives the finding: None without one, False for one that does not
        count yet."""
        file = finding.where.file
        if is_unwaivable(finding.code):
            return None
        ignores, places = self._of(file)
        lines = _lines_of(places, finding.where.path)
        meant = [
            ignore
            for ignore in ignores
            if ignore.reason and finding.code in ignore.codes and (ignore.line is None or ignore.line in lines)
        ]
        self._used.update((ignore, finding.code) for ignore in meant)
        if self._terms.trusted is None or not meant:
            return bool(meant) or None
        trusted = self._terms.trusted(file)
        return any((ignore.path, finding.code) in trusted for ignore in meant)

    def notes(self) -> Iterator[Finding]:
        for file in self._sides[0].files_with_remarks():
            for ignore in self._of(file)[0]:
                fault = _explain_unclear(ignore, self._terms.known)
                if fault is not None:
                    yield _make_finding(UNCLEAR, ignore, *fault)
                    continue
                idle = [
                    code for code in ignore.codes if (ignore, code) not in self._used and code in self._terms.judged
                ]
                if idle:
                    yield _make_finding(IDLE, ignore, *_explain_idle(ignore, ", ".join(idle)))

    def _of(self, file: str) -> tuple[list[Ignore], Mapping[KeyPath, Marks]]:
        if file not in self._read:
            self._read[file] = read_ignores(self.remarked[file], file)
        return self._read[file]


def _lines_of(places: Mapping[KeyPath, Marks], path: KeyPath) -> set[int]:
    """The lines of a value and its key; of an absent field, those of the nearest value around it."""
    while path and path not in places:
        path = path[:-1]
    return set(_lines(places[path])) if path else set()


def _make_finding(code: str, ignore: Ignore, message: Text, hint: Text) -> Finding:
    return Finding(code, GRADE, message, Location(ignore.file, ignore.path or (), mark=ignore.at), hint)


def _explain_unclear(ignore: Ignore, codes: Collection[str]) -> tuple[Text, Text] | None:
    """The fault of an ignore comment, and what to write."""
    example = Message("write # smartreg: ignore[CODE] reason")
    if not ignore.codes:
        return Message("the ignore comment names no code"), example
    listed = ", ".join(ignore.codes)
    if not ignore.reason:
        return Message("the ignore comment of {listed} gives no reason, so it does not count", listed=listed), example
    for code in ignore.codes:
        if code not in codes:
            return Message("the ignore comment names {code}; there is no such rule", code=code), Message(
                "smartreg explain --all lists the codes"
            )
        if is_unwaivable(code):
            return Message("{code} cannot be waived", code=code), Message(
                "take the comment away and mend the fault (smartreg explain {code})", code=code
            )
    return None


def _explain_idle(ignore: Ignore, codes: str) -> tuple[Text, Text]:
    here = Message("in this record")
    if ignore.line is not None:
        place = path_text(ignore.path or ()) or str(ignore.line)
        here = Message("at {named}", named=place)
    return (
        Message("the ignore comment matches no finding: there is no {codes} {here}", codes=codes, here=here),
        Message("take the comment away"),
    )


def _place(waiver: Waiver) -> Location:
    """Identified by what it waives, not by its number: waivers come and go, and the alert stays the same."""
    return Location(FILE, ("waiver", waiver.code, waiver.record), mark=Mark(waiver.line or 1, 1))


def _expired_finding(waiver: Waiver) -> Finding:
    return Finding(
        EXPIRED,
        GRADE,
        Message(
            "the waiver of {code} for {record} expired on {until}",
            code=waiver.code,
            record=waiver.record,
            until=waiver.until,
        ),
        _place(waiver),
        Message("correct the fault, or ask {decided_by} for a later date", decided_by=waiver.decided_by),
    )


def _unused_finding(waiver: Waiver) -> Finding:
    return Finding(
        UNUSED,
        GRADE,
        Message("the waiver of {code} for {record} matches no finding", code=waiver.code, record=waiver.record),
        _place(waiver),
        Message("take it away, or correct the record that it names (KIND/ID, an id or a path)"),
    )
