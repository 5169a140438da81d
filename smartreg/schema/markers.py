"""The markers that Git leaves of a merge conflict in settings and schemas; those in records are reported by field."""

from __future__ import annotations

import re

from smartreg.core.errors import UsageFault
from smartreg.core.values import Location, Mark, Words

_BEGINS = re.compile(rb"^<{7}(?: |\r?$)", re.MULTILINE)


def check_markers(file: str, text: bytes) -> UsageFault | None:
    """What is wrong with a text that has a conflict in it; None when it has none."""
    found = _BEGINS.search(text)
    if found is None:
        return None
    line = text.count(b"\n", 0, found.start()) + 1
    return UsageFault(
        Words(
            f"{file}: a merge conflict is not resolved (line {line})",
            f"{file} : un conflit de fusion n'est pas résolu (ligne {line})",
        ),
        Words(
            f"keep the lines that hold, delete the others and the markers, then: git add {file}",
            f"gardez les lignes qui valent, supprimez les autres et les marques, puis : git add {file}",
        ),
        Location(file, mark=Mark(line, 1)),
    )
