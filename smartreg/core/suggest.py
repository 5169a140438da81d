"""The nearest words to a misspelled one."""

from __future__ import annotations

from collections.abc import Iterable

from smartreg.core.values import Words

CUTOFF = 72  # of 100; below, a suggestion misleads more than it helps
ENOUGH = 2  # similar words to find: the first can only be meant if there is no second one


def closest(word: str, choices: Iterable[str]) -> str | None:
    """The choice spelled most like `word`, or None if none is similar."""
    near = all_close(word, choices, 1)
    return near[0] if near else None


def did_you_mean(word: object, choices: Iterable[str], otherwise: Words | None = None) -> Words | None:
    """A hint with the nearest choice; `otherwise` if none is similar."""
    return suggestion(closest(word, choices) if isinstance(word, str) else None) or otherwise


def suggestion(near: str | None) -> Words | None:
    """The hint that this was meant; None for None."""
    return Words(f'did you mean "{near}"?', f"vouliez-vous dire « {near} » ?") if near else None


def all_close(word: str, choices: Iterable[str], most: int = ENOUGH) -> tuple[str, ...]:
    """The choices spelled like `word`, nearest first, up to a maximum number; equal ones count once."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        word,
        list(dict.fromkeys(choices)),
        scorer=fuzz.ratio,
        processor=utils.default_process,
        score_cutoff=CUTOFF,
        limit=most,
    )
    return tuple(str(choice) for choice, _score, _index in found)
