"""The nearest word to what somebody typed."""

from __future__ import annotations

from collections.abc import Iterable

CUTOFF = 72  # of 100; below, a suggestion misleads more than it helps


def closest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that is spelled most like `word`, or None when none is near."""
    from rapidfuzz import fuzz, process, utils

    best = process.extractOne(
        word, list(choices), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=CUTOFF
    )
    return None if best is None else str(best[0])
