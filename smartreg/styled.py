"""Text for people, in spans that carry the name of a style: only the console knows what a style looks like.

Values from records go through `visible` when they are printed: control and bidirectional characters come out as
`\\uXXXX`, so that data cannot act in a terminal or in a CI log. So does the first character of what a CI service takes
for a command: `##[group]` anywhere, `::group::` at the beginning of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from smartreg.named import NamedTuple

_ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]|#(?=#\\w*\\[)"
)
_COMMAND = re.compile(r"^(\s*):(?=:)")


class Span(NamedTuple):
    """A piece of a line. Styles: error, warning, info, added, removed, changed, name, code, dim, bold, or none."""

    text: str
    style: str = ""


Line: TypeAlias = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line of plain and styled pieces."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def visible(text: str) -> str:
    """The text with everything that could act in a terminal shown as `\\uXXXX`."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def plain(lines: Iterable[Line]) -> str:
    """The lines without styles, each ended by a line feed, inert."""
    texts = (visible("".join(span.text for span in item)) for item in lines)
    return "".join(_COMMAND.sub(r"\1\\u003a", text) + "\n" for text in texts)
