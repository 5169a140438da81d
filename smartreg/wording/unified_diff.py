"""Texts before and after, as a unified diff, with secrets cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import NamedTuple

from smartreg.core.findings import Finding, Locate
from smartreg.core.styled import Line, Span, line
from smartreg.schema import likely_secrets
from smartreg.wording.secrets import SECRET, cut, hide_secrets, secrets_of

STYLES = {"+": "added", "-": "removed", "@": "changed"}


class Rewritten(NamedTuple):
    """A text and its replacement, with their paths."""

    old: str
    new: str
    before: bytes
    after: bytes


def pair_texts(
    writes: Mapping[str, bytes | None], moved: Mapping[str, str], before: Mapping[str, bytes]
) -> Iterator[Rewritten]:
    """The texts before and after; a text that moves is compared with itself. `before` has the present texts by path."""
    homes = {new: old for old, new in moved.items()}
    for path, text in sorted(writes.items()):
        if text is not None:
            home = homes.get(path, path)
            yield Rewritten(home, path, before.get(home, b""), text)


def unified_lines(texts: Iterable[Rewritten], secrets: Sequence[str]) -> Iterator[Line]:
    """The lines of the diff, three lines of context; a text that only moves has the two lines of its head."""
    for text in texts:
        rows = list(unified_diff(_rows(text.before), _rows(text.after), n=3))[2:]
        yield line(Span(f"--- a/{text.old}", "bold"))
        yield line(Span(f"+++ b/{text.new}", "bold"))
        for row in rows:
            yield line(Span(_without(row.removesuffix("\n"), secrets), STYLES.get(row[:1], "")))
            if not row.endswith("\n"):
                yield line(Span("\\ No newline at end of file", "dim"))


def secret_texts(findings: Iterable[Finding], locate: Locate) -> list[str]:
    """The secrets in findings, as written in the texts; the longest first."""
    secrets: set[str] = set()
    for finding in findings:
        spot = locate(finding.where) if finding.code == SECRET else None
        if spot is not None:
            spans = secrets_of([finding], locate).get((finding.where.file, spot.start.line), ())
            secrets |= {spot.text[start:end].strip(" \"'") for start, end in spans}
    return sorted((text for text in secrets if text), key=len, reverse=True)


def _without(row: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        row = row.replace(secret, cut(secret))
    return hide_secrets(row, likely_secrets(row))


def _rows(text: bytes) -> list[str]:
    """The lines with their LF; carriage returns are shown."""
    return re.findall(r"[^\n]*\n|[^\n]+", text.decode("utf-8", "replace"))
