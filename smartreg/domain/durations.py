"""ISO 8601 durations as records write them: whole numbers, no signs."""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"P(?:([0-9]{1,9})W|(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?)"
)
_SECONDS = (7 * 86_400, 365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1)


def seconds(text: str) -> int | None:
    """The length of a duration in seconds (a year counts 365 days, a month 30); None when it is none."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    return sum(int(count) * unit for count, unit in zip(found.groups(), _SECONDS, strict=True) if count)
