"""Names of files that every computer can hold, recognised by one look at all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 200  # characters from the root of the registry: Windows has 260 for all of a path

_UNUSUAL = re.compile(r"[^a-z0-9/_.\-\n]")
_DEVICES = re.compile(r"/(?:con|prn|aux|nul|com[1-9]|lpt[1-9])[./\n]")


def all_usual(paths: Iterable[str]) -> bool:
    """Whether all are of small letters, digits and the name README, as in almost every registry: no two of them are one
    on another computer. False says nothing."""
    every = list(paths)
    together = "\n".join(every) + "\n"
    if "/readme" not in together:
        together = together.replace("/README", "/readme")
    if "./" in together or ".\n" in together or max(map(len, every), default=0) > LONGEST:
        return False
    return not _UNUSUAL.search(together) and not _DEVICES.search(together)
