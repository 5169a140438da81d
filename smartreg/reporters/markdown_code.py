"""Text from records in Markdown."""

from __future__ import annotations

import re

from smartreg.styled import visible


def code(text: str) -> str:
    """A code span that shows the text and lets nothing in it act: longer than any run of backticks inside."""
    text = visible(text) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"
