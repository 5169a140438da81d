"""JSON that acts nowhere: what could act in a terminal or a CI log stands as `\\uXXXX`, which says the same value."""

from __future__ import annotations

import json

from smartreg.styled import visible
from smartreg.values import Json


def json_text(value: Json, indent: int | None = 2) -> str:
    """The text, ended by a line feed; on one line when `indent` is None."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return "".join(f"{visible(row)}\n" for row in text.split("\n"))
