"""The comments of a text that hold a certain word. Looked for only in the few texts that have it at all."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from smartreg.core.values import KeyPath, Mark
from smartreg.yamlio.characters import BOM
from smartreg.yamlio.libyaml import libyaml
from smartreg.yamlio.lines import Lines
from smartreg.yamlio.places import TextSpan, spans

_BLOCK = ("|", ">")


class Comment(NamedTuple):
    """A comment, `#` included. `line`: the line that it is about: its own; for a comment alone on its line, the next
    line with content; None above the first key, where it is about the whole text."""

    at: Mark
    line: int | None
    text: str


def comments(text: bytes, word: str) -> list[Comment]:
    """The comments with `word` in them; none when the text cannot be read."""
    try:
        decoded = text.removeprefix(BOM).decode()
        found = spans(decoded)
    except (ValueError, libyaml().error):
        return []
    return list(_comments(decoded, word, found))


def _comments(text: str, word: str, found: Mapping[KeyPath, TextSpan]) -> Iterator[Comment]:
    scalars = sorted(_scalars(text, found))
    starts = [start for start, _ in scalars]
    head = found[()].start
    at = Lines(text).mark
    for match in re.finditer(r"(?:^|(?<=[ \t]))#[^\r\n]*", text, re.MULTILINE):
        place = bisect_right(starts, match.start()) - 1
        if word not in match[0] or (place >= 0 and match.start() < scalars[place][1]):
            continue
        mark = at(match.start())
        alone = not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        if match.start() < head:
            line = None
        else:
            line = _next_content(text, match.end(), mark.line) if alone else mark.line
        yield Comment(mark, line, match[0])


def _scalars(text: str, found: Mapping[KeyPath, TextSpan]) -> Iterator[tuple[int, int]]:
    """The positions of keys and texts: a `#` in them begins no comment, but one after the `|` of a block text does."""
    for span in found.values():
        if span.key_start >= 0:
            yield span.key_start, span.key_end
        if span.style in _BLOCK:
            first = text.find("\n", span.start, span.end)
            if first >= 0:
                yield first, span.end
        elif span.style not in ("{", "[", ":", "-"):
            yield span.start, span.end


def _next_content(text: str, offset: int, line: int) -> int:
    """The number of the next line that is neither blank nor a comment; the last one when there is none."""
    for number, content in enumerate(text[offset:].split("\n")[1:], line + 1):
        if content.strip() and not content.lstrip().startswith("#"):
            return number
    return line
