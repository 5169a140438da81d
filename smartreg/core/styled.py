"""Text for people, in spans that carry the name of a style: only the console knows what a style looks like.

Values from records go through `visible` when they are printed: control and bidirectional characters come out as
`\\uXXXX`, so that data cannot act in a terminal or in a CI log. So does the first character of what a CI service takes
for a command: `##[group]` anywhere, `::group::` at the beginning of a line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

# First and last of the active or invisible characters: control, zero-width, bidirectional, surrogates.
ACTING = (
    *((0x00, 0x1F), (0x7F, 0x9F), (0x61C, 0x61C), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x2069)),
    *((0xFEFF, 0xFEFF), (0xD800, 0xDFFF)),
)
_SET = "".join(f"{chr(first)}-{chr(last)}" for first, last in ACTING)
_ACTING = re.compile(rf"[{_SET}]|#(?=#\w*\[)|(?<=#)#(?=\w*\[)")
_COMMAND = re.compile(rf"[^\S{_SET}]*:(?=:)")
_TAKEN_FOR_COMMAND = re.compile(r"(?:^|[\r\n])[^\S\r\n]*(::)|(##\w*\[)")


class Span(NamedTuple):
    """A piece of a line. Styles: error, warning, info, added, removed, changed, name, code, dim, bold, yaml (colours of
    its syntax), or none."""

    text: str
    style: str = ""


Line: TypeAlias = tuple[Span, ...]
GridRow: TypeAlias = tuple[Line, ...]


def line(*parts: str | Span) -> Line:
    """A line of plain and styled pieces."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


class Grid(NamedTuple):
    """Rows of cells in columns, `gap` blanks apart; the columns `right` are right-aligned. The last text of a row does
    not widen its column: it runs on."""

    rows: Sequence[GridRow]
    right: Collection[int] = ()
    gap: int = 2


Block: TypeAlias = Line | Grid


def cells(*parts: str | Span | Line) -> GridRow:
    """A row of a grid: each cell one piece, or a line of several."""
    return tuple([line(part) if isinstance(part, str | Span) else part for part in parts])


def visible(text: str) -> str:
    """The text with everything that could act in a terminal shown as `\\uXXXX`."""
    return _ACTING.sub(lambda found: _escape(found[0]), text)


def inert(item: Line) -> Line:
    """The line with everything that could act in a terminal or in a CI log shown as `\\uXXXX`, including what acts only
    where two spans meet."""
    text = "".join(span.text for span in item)
    places = {match.start() for match in _ACTING.finditer(text)}
    command = _COMMAND.match(text)
    if command:
        places.add(command.end() - 1)
    if not places:
        return item
    spans, start = [], 0
    for span in item:
        signs = enumerate(span.text, start)
        spans.append(Span("".join(_escape(sign) if at in places else sign for at, sign in signs), span.style))
        start += len(span.text)
    return tuple(spans)


def align(grid: Grid) -> Iterator[Line]:
    """The rows of a grid as lines, with columns aligned by blanks; on a terminal too if rows contain commands, which
    can be copied from a line but not from a wrapped cell."""
    sizes = [[sum([len(visible(text)) for text, _style in cell]) for cell in row] for row in grid.rows]
    widths = [0] * max(map(len, sizes), default=0)
    for lengths in sizes:
        last = max((at for at, size in enumerate(lengths) if size), default=0)
        for at, size in enumerate(lengths):
            if at < last or at in grid.right:
                widths[at] = max(size, widths[at])
    starts = list(accumulate((width + grid.gap if width else 0 for width in widths), initial=0))
    for row, lengths in zip(grid.rows, sizes, strict=True):
        spans: list[Span] = []
        end = 0
        for at, (cell, size) in enumerate(zip(row, lengths, strict=True)):
            if size:
                begin = starts[at] + (widths[at] - size if at in grid.right else 0)
                spans += (Span(" " * (begin - end)), *cell)
                end = begin + size
        yield tuple(spans)


def plain(blocks: Iterable[Block]) -> str:
    """The lines and the rows of grids without styles, each ended by a line feed, inert."""
    lines = (line for block in blocks for line in (align(block) if isinstance(block, Grid) else (block,)))
    return "".join("".join(span.text for span in inert(item)) + "\n" for item in lines)


def command_in(text: str) -> int | None:
    """Where a CI service would find a command in this text in a log; None if nowhere."""
    match = _TAKEN_FOR_COMMAND.search(text)
    return None if match is None else match.start(match.lastindex or 0)


def _escape(sign: str) -> str:
    return f"\\u{ord(sign):04x}"
