"""Choices that depend only on the seed: all use `Random.random`, whose sequence Python guarantees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A seeded source of choices."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def below(self, end: int) -> int:
        """A whole number from 0 to `end` - 1."""
        return int(self._random() * end)

    def between(self, low: float, high: float, digits: int = 0) -> float:
        return round(low + self._random() * (high - low), digits)

    def pick(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]

    def pick_weighted(self, weights: Sequence[tuple[T, float]]) -> T:
        """One of the values, with weights that add up to 1."""
        left = self._random()
        for value, weight in weights:
            left -= weight
            if left < 0:
                return value
        return weights[-1][0]

    def happens(self, share: float) -> bool:
        return self._random() < share

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.below((last - first).days + 1))

    def shuffle(self, values: Sequence[T]) -> list[T]:
        """A shuffled copy of the values."""
        return [value for _key, _index, value in sorted((self._random(), i, v) for i, v in enumerate(values))]


def luhn_digit(digits: str) -> str:
    """The Luhn check digit of `digits` (SIREN, SIRET, IMEI)."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)
