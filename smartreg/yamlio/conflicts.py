"""The markers that Git leaves in a text that it cannot merge: the two versions, and the fields in which they differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from smartreg.core.messages import Message
from smartreg.core.values import Data, KeyPath, Mark, path_text
from smartreg.yamlio.changes import find_differences
from smartreg.yamlio.scalars import shorten
from smartreg.yamlio.sentences import YamlFault

MARKER = 7
"""How many signs a marker has; Git asks for more only in a version that it makes up for itself."""


class Hunk(NamedTuple):
    """One conflict: its first line (from 1), the lines of either side, and what Git calls the sides. `with_base`: it
    shows the common ancestor too."""

    line: int
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    labels: tuple[str, str]
    with_base: bool = False


class Conflicted(NamedTuple):
    """A text with conflicts: the lines that both sides share, between the hunks."""

    parts: tuple[str | Hunk, ...]

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """The hunks of the conflicts, in order."""
        return tuple(part for part in self.parts if isinstance(part, Hunk))

    @property
    def ours(self) -> bytes:
        """The text with our side of every conflict."""
        return self._text(())

    @property
    def theirs(self) -> bytes:
        """The text with their side of every conflict."""
        return self._text(self.hunks)

    def with_theirs(self, hunk: Hunk) -> bytes:
        """The text of our side, except for one conflict."""
        return self._text((hunk,))

    def _text(self, taken: Sequence[Hunk]) -> bytes:
        lines: list[str] = []
        for part in self.parts:
            lines += [part] if isinstance(part, str) else part.theirs if part in taken else part.ours
        return "".join(lines).encode()


def parse_conflicts(text: bytes, marker: int = MARKER) -> Conflicted | None:
    """The conflicts of a text; None if it has no markers, or unmatched ones."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        return None
    lines = re.split(r"(?<=\n)", decoded)
    parts: list[str | Hunk] = []
    number = 0
    while number < len(lines):
        sign, label = _marker(lines[number], marker)
        if sign == "<":
            hunk = _hunk(lines, number, label, marker)
            if hunk is None:
                return None
            parts.append(hunk[0])
            number = hunk[1]
        elif sign in (">", "|"):
            return None
        else:
            parts.append(lines[number])
            number += 1
    return Conflicted(tuple(parts)) if any(isinstance(part, Hunk) for part in parts) else None


def tighten(text: bytes, marker: int = MARKER) -> bytes:
    """The text with only differing lines between markers: Git includes up to three equal lines. Unchanged if its
    conflicts show the common ancestor, which cannot be split along with them."""
    conflicts = parse_conflicts(text, marker)
    if conflicts is None or any(
        hunk.with_base or len(hunk.ours) * len(hunk.theirs) > _MOST_PAIRS for hunk in conflicts.hunks
    ):
        return text
    lines: list[str] = []
    for part in conflicts.parts:
        lines += [part] if isinstance(part, str) else _tight(part, marker)
    return "".join(lines).encode()


def _tight(hunk: Hunk, marker: int) -> Iterator[str]:
    steps = SequenceMatcher(None, hunk.ours, hunk.theirs, autojunk=False).get_opcodes()
    for how, start, end, their_start, their_end in steps:
        ours, theirs = hunk.ours[start:end], hunk.theirs[their_start:their_end]
        yield from ours if how == "equal" else _mark_lines(hunk._replace(ours=ours, theirs=theirs), marker)


def _mark_lines(hunk: Hunk, marker: int) -> Iterator[str]:
    eol = "\r\n" if any(line.endswith("\r\n") for line in (*hunk.ours, *hunk.theirs)) else "\n"
    ours, theirs = (f" {label}" if label else "" for label in hunk.labels)
    yield f"{'<' * marker}{ours}{eol}"
    yield from hunk.ours
    yield f"{'=' * marker}{eol}"
    yield from hunk.theirs
    yield f"{'>' * marker}{theirs}{eol}"


def _hunk(lines: Sequence[str], start: int, label: str, marker: int) -> tuple[Hunk, int] | None:
    """The conflict that begins at a line, and the number of the line after it."""
    sides: dict[str, list[str]] = {"<": [], "|": [], "=": []}
    now, seen = "<", "<"
    for number in range(start + 1, len(lines)):
        sign, name = _marker(lines[number], marker)
        if sign == ">" and now == "=":
            lines_of = (tuple(sides["<"]), tuple(sides["="]))
            return Hunk(start + 1, *lines_of, (label, name), "|" in seen), number + 1
        if (sign, now) in (("|", "<"), ("=", "<"), ("=", "|")):
            now, seen = sign, seen + sign
        elif sign in ("<", ">", "|"):
            return None
        else:
            sides[now].append(lines[number])
    return None


def _marker(line: str, size: int) -> tuple[str, str]:
    """The character of a marker line and its label; empty for any other line."""
    sign, rest = line[:1], line[size:].rstrip("\r\n")
    if sign not in ("<", ">", "|", "=") or line[:size] != sign * size or rest[:1] not in ("", " "):
        return "", ""
    return ("", "") if sign == "=" and rest else (sign, rest[1:])


def faults_of(conflict: Conflicted, data_of: Callable[[bytes], Data | None]) -> list[YamlFault]:
    """YML009, one for each conflict: which fields differ there and how to settle them. Empty if a side cannot be read
    by itself, or the text is so large that reading it once per conflict would take long."""
    hunks = conflict.hunks
    ours = data_of(conflict.ours)
    if ours is None or len(hunks) * len(conflict.ours) > _MOST_BYTES:
        return []
    record = str(ours.get("id"))
    faults = []
    for hunk in hunks:
        theirs = data_of(conflict.with_theirs(hunk))
        if theirs is None:
            return []
        paths = list(find_differences(ours, theirs))
        faults.append(_unresolved(Mark(hunk.line, 1), paths, record if re.fullmatch(_PLAIN_ID, record) else "RECORD"))
    return faults


def _unresolved(mark: Mark, paths: Sequence[KeyPath], record: str) -> YamlFault:
    if not paths:
        message = Message("a merge conflict is not resolved here: only comments or the writing differ")
        command = f"smartreg resolve {record}"
        hint = Message("{command} --ours, or --theirs", command=command)
        return YamlFault("YML009", mark, message, hint)
    names = [shorten(path_text(path)) for path in paths[:_NAMED]] + ["…"] * (len(paths) > _NAMED)
    message = Message("a merge conflict is not resolved here: {names}", names=", ".join(names))
    # Field by field some of it may merge: which sides are left to choose from, `resolve` finds out.
    command = f"smartreg resolve {record}"
    hint = Message(
        "{command} merges by field and asks for the rest; or edit the lines and delete the markers", command=command
    )
    return YamlFault("YML009", mark, message, hint, paths[0])


_MOST_BYTES = 1_000_000
_MOST_PAIRS = 250_000  # of lines that are compared with each other
_NAMED = 5
_PLAIN_ID = r"[a-z0-9][a-z0-9_.-]*"
