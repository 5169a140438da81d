"""From offsets to lines and columns. Only LF ends a line, as for Git and editors; libyaml also counts U+2028."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from smartreg.core.values import Mark


class Lines:
    """The line starts of a text; offsets and columns are code points."""

    def __init__(self, text: str) -> None:
        self._starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))

    def mark(self, offset: int) -> Mark:
        """Line and column, from 1, of an offset."""
        number = bisect_right(self._starts, offset)
        return Mark(number, offset - self._starts[number - 1] + 1)

    def start(self, number: int) -> int:
        """The offset of the first character of a line, counted from 1."""
        return self._starts[number - 1]
