"""The choices of a question: values with labels, found by number, by value, by words, or by distance to a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.spelling import bare, fold, names

NUMBERED = 9  # up to this many choices are a numbered list, more are searched
SHOWN = 50  # most choices offered while somebody types
SEPARATORS = re.compile(r"[,\n]")  # between several values
LEAVE_OUT = "-"  # the choice of no value, where Enter takes another
NEW = "+"  # the choice of a record that is still to be made
RANGE = r"([0-9]) *[-–] *([0-9])"  # of numbered choices, of which there are at most nine


class Choice(NamedTuple):
    """A value to choose, and its label."""

    value: str
    label: str = ""


Labels: TypeAlias = Callable[[Sequence[str]], Mapping[str, str]]
"""The labels of these values, looked up when they are shown."""


class Found(NamedTuple):
    """A value that is found by the words of a text. `is_named`: they name it, and no other may be meant."""

    value: str
    is_named: bool


class Finder(NamedTuple):
    """How records are found: by the words of a text, the best first; and exactly, by id, identifier or name (UsageFault
    where that is a record which is not to be chosen)."""

    by_words: Callable[[str], Iterable[Found]]
    exactly: Callable[[str], Iterable[str]]


class NoSingleMatch(UsageFault):
    """An answer means none of the choices, or may mean several: `matches`."""

    def __init__(self, answer: str, matches: Sequence[Choice] = ()) -> None:
        self.matches = matches
        if len(matches) > 1:
            message = Message('{count} match "{answer}": add words', count=len(matches), answer=answer)
            super().__init__(message, Message("or type a number or an id"))
        elif matches:
            nearest = " · ".join(filter(None, matches[0]))
            message = Message('nothing is called "{answer}"; nearest: {nearest}', answer=answer, nearest=nearest)
            super().__init__(message, Message("if that is it, type {value}", value=matches[0].value))
        else:
            message = Message('nothing here matches "{answer}"', answer=answer)
            super().__init__(message, Message("type a number, an id or a part of the label"))


class Places(NamedTuple):
    """How a position is read (None for any other text, UsageFault for a wrong one), and the choices by their distance
    to it: those that stand nearest first, and how many they are."""

    read: Callable[[str], tuple[float, float] | None]
    sort: Callable[[tuple[float, float]], tuple[Sequence[Choice], int]]


def parts(answer: str) -> list[str]:
    """The parts between commas or on lines of their own; an empty text has none."""
    return [word.strip() for word in SEPARATORS.split(answer) if word.strip()]


class Choices:
    """The choices of a question: the first ones by number where there are few or they are `likely`, each by its value
    or by words of value and label, in any order, accents and case aside; records are found as everywhere (`finder`).
    `called`: the values that people call so, in whatever language.
    Where they have `places`, a position puts the nearest ones first. Where there are `labels`, items need none before
    they are shown: of a hundred thousand, few are."""

    def __init__(
        self,
        items: Sequence[Choice],
        likely: int = 0,
        places: Places | None = None,
        finder: Finder | None = None,
        labels: Labels | None = None,
        called: Callable[[str], Sequence[object]] = lambda _text: (),
    ) -> None:
        self.items = items
        self.places = places
        self.searched = len(items) > NUMBERED
        self._labels = labels
        self.numbered = self.labelled(items[: likely if self.searched else NUMBERED])
        self._values = {item.value: item for item in items}
        self._finder = finder
        self._called = called
        self._folded = [((fold(item.value), fold(item.label)), item) for item in items] if finder is None else []

    def labelled(self, items: Sequence[Choice]) -> Sequence[Choice]:
        """These choices with their labels."""
        bare = [item.value for item in items if not item.label]
        labels = self._labels(bare) if self._labels is not None and bare else {}
        return [item._replace(label=labels[item.value]) if item.value in labels else item for item in items]

    @property
    def are_records(self) -> bool:
        """True of records, which have an id and are found by it."""
        return self._finder is not None

    def has(self, value: str) -> bool:
        """True of the value of one of them."""
        return value in self._values

    def search(self, text: str) -> Iterator[Choice]:
        """The choices with every word of a text, at most 50: first those with the whole text in their value, then in
        the label, each in their order; those of Istres for "Ville d'Istres" if none is called so. None for punctuation
        alone."""
        return iter(self.labelled([*islice(self._matches(text), SHOWN)]))

    def _matches(self, text: str) -> Iterable[Choice]:
        if not text.strip():
            return self.items
        if self._finder is not None:
            return [self._values[found.value] for found in self._finder.by_words(text) if found.value in self._values]
        folded = fold(text)
        return chain.from_iterable(self._ranked(folded) or self._ranked(bare(folded))) if folded else ()

    def _ranked(self, folded: str) -> list[list[Choice]]:
        """The choices with all words, by the first of value and label that has them unbroken."""
        words = [word for word in folded.split("-") if word]
        ranks: dict[int, list[Choice]] = {}
        for texts, item in self._folded:
            joined = "-".join(texts)
            if all(word in joined for word in words):
                rank = next((rank for rank, text in enumerate(texts) if folded in text), len(texts))
                ranks.setdefault(rank, []).append(item)
        return [ranks[rank] for rank in sorted(ranks)]

    def find(self, text: str) -> str:
        """The value that a text means; UsageFault when it means none, or could mean several."""
        text = text.strip()
        if text in map(str, range(1, len(self.numbered) + 1)):  # 004 is a part of an id
            return self.numbered[int(text) - 1].value
        return self.named(text).value

    def named(self, text: str) -> Choice:
        """The choice that a text names, numbers aside: the one of this value, id or identifier, or of this whole label;
        else the only one whose words it begins (see `names`). NoSingleMatch where none is, with those that have the
        words of the text, at most 50: a choice is never guessed from letters here and there."""
        exact = self._exact(text)
        matches = exact or [*self.search(text)]
        sure = exact or self._named(text, matches)
        if len(sure) != 1:
            raise NoSingleMatch(text, sure or matches)
        return sure[0]

    def _exact(self, text: str) -> list[Choice]:
        """The choices of this value, id, identifier or whole label."""
        values = [text] if text in self._values else []
        values = values or [item.value for item in self.items if item.value.rpartition("/")[2] == text]
        if not values and self._finder is not None and fold(text):
            values = [value for value in self._finder.exactly(text) if value in self._values]
        values = values or [str(value) for value in self._called(text) if self.has(str(value))]
        if values:
            return [*self.labelled([self._values[value] for value in values])]
        folded = fold(text)
        matches = self.labelled([*self._matches(text)]) if folded else []
        same = [item for item in matches if fold(item.label) == folded]
        return same or [item for item in matches if bare(fold(item.label)) == bare(folded)]

    def _named(self, text: str, matches: Sequence[Choice]) -> list[Choice]:
        """Those of the matches that a text names by beginnings of words."""
        if self._finder is not None:
            named = {found.value for found in self._finder.by_words(text) if found.is_named}
            return [item for item in matches if item.value in named]
        return [item for item in matches if names(text, fold(item.value)) or names(text, fold(item.label))]

    def find_all(self, text: str) -> list[str]:
        """The values that a part of an answer with several means: those from one number to another (`1-3`), else the
        one of `find`."""
        numbers = re.fullmatch(RANGE, text.strip())
        if numbers is None or not self.numbered or text.strip() in self._values:
            return [self.find(text)]
        first, last = int(numbers[1]), int(numbers[2])
        if not 1 <= first <= last <= len(self.numbered):
            raise NoSingleMatch(text)
        return [item.value for item in self.numbered[first - 1 : last]]

    def check(self, text: str, *, several: bool) -> None:
        """UsageFault for an answer that means none of them (or `several`, with commas between), and for a wrong
        position."""
        if self.places is None or self.places.read(text) is None:
            for part in parts(text) if several else [text]:
                self.find_all(part) if several else self.find(part)

    def around(self, text: str) -> Choices | None:
        """The choices from the position that a text means, if it means one."""
        where = self.places.read(text) if self.places else None
        if self.places is None or where is None:
            return None
        items, nearest = self.places.sort(where)
        return Choices(items, min(nearest, NUMBERED), self.places, self._finder, self._labels)
