"""EPCI of France (groupings of communes with their own taxes) by SIREN and by name."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from math import fsum
from typing import NamedTuple

from smartreg.core.slug import fold
from smartreg.domain.codes.tables import all_rows, lines_starting, rows

_SIREN = re.compile(r"[0-9]{9}")
_NEAR_WORD = 80.0  # minimum similarity of two words, out of 100: one wrong letter in five
_NEAR_SIREN = 2  # digits mistyped, swapped, missing or too many
_SMALL_WORDS = frozenset({"a", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "s", "sur"})


class Epci(NamedTuple):
    """One EPCI. `category` is METRO, MET69 (Lyon), CU, CA or CC; `population` sums its communes'."""

    siren: str
    name: str
    category: str
    population: int


@lru_cache(maxsize=64)
def epci(siren: str) -> Epci | None:
    """The EPCI of this SIREN, or None."""
    if not _SIREN.fullmatch(siren):
        return None
    return next((_epci(row) for row in rows(lines_starting("epci", siren))), None)


def search_epci(text: str, limit: int = 5) -> list[Epci]:
    """The EPCI whose name or SIREN is similar to `text`, most similar first, then largest first; for "did you mean". A
    name is similar if it has a word like each word of `text`, ignoring accents, case and order."""
    digits = "".join(text.split())
    found = _near_sirens(digits) if digits.isdecimal() else _near_names(_words(text))
    ranked = sorted(found, key=lambda pair: (pair[0], -pair[1].population, pair[1].siren))
    return [near for _distance, near in ranked[:limit]]


def _near_sirens(siren: str) -> list[tuple[float, Epci]]:
    from rapidfuzz.distance import OSA

    distances = ((OSA.distance(siren, each.siren), each) for each, _name in _all())
    return [(distance, each) for distance, each in distances if distance <= _NEAR_SIREN]


def _near_names(wanted: frozenset[str]) -> list[tuple[float, Epci]]:
    from rapidfuzz import fuzz, process

    vocabulary = frozenset[str]().union(*(name for _each, name in _all()))
    likeness = [
        {
            word: score
            for word, score, _key in process.extract_iter(one, vocabulary, scorer=fuzz.ratio, score_cutoff=_NEAR_WORD)
        }
        for one in wanted
    ]
    found = []
    for each, name in _all():
        scores = [max((likes.get(word, 0.0) for word in name), default=0.0) for likes in likeness]
        if scores and all(scores):
            found.append((-fsum(scores), each))
    return found


@cache
def _all() -> tuple[tuple[Epci, frozenset[str]], ...]:
    """Every EPCI with the words of its name."""
    return tuple((each, _words(each.name)) for each in map(_epci, all_rows("epci")))


def _words(name: str) -> frozenset[str]:
    """The folded words that distinguish a name."""
    return frozenset(fold(name).split("-")) - _SMALL_WORDS - {""}


def _epci(row: list[str]) -> Epci:
    siren, name, category, population = row
    return Epci(siren, name, category, int(population))
