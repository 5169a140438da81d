"""Data inside a page: JSON that no parser of HTML takes for anything else."""

from __future__ import annotations

import json

from smartreg.core.styled import visible
from smartreg.core.values import Json

# `<` would end the element or open a comment; U+2028 and U+2029 end a line in older scripts.
_ACTING = "<>&\u2028\u2029"


def island(id: str, data: Json) -> str:
    """A script element of type application/json, which no browser runs."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if "##" in text:  # a CI service takes what may follow for a command, if it reads the page in a log
        text = visible(text)
    for sign in _ACTING:
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{id}">{text}</script>'
