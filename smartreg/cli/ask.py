"""Questions on the terminal: yes or no, a line of text, one or some of several by number or by typing. At each, `?`
explains and `<` goes back to the question before. End of input cancels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from smartreg.cli.console import Console
from smartreg.cli.keyboard import SEPARATORS, read_key, read_line, read_searched
from smartreg.core.errors import UsageFault
from smartreg.core.spelling import bare, day_in, fold
from smartreg.core.styled import Grid, Span, cells, line
from smartreg.core.values import Words

NUMBERED = 9  # up to this many choices are a numbered list, more are searched
SHOWN = 50  # most choices offered while somebody types
EXPLAIN, BACK = "?", "<"
KEYS = Words("? explains, < goes back, Ctrl-C cancels", "? explique, < revient en arrière, Ctrl-C annule")
SEVERAL = Words("  several: commas, or one per line", "  plusieurs : des virgules, ou un par ligne")
FROM_HERE = Words(
    "  words of an id or a label, or a position such as 43.51345, 4.98747",
    "  des mots d'un identifiant ou d'un libellé, ou une position comme 43.51345, 4.98747",
)
DONE = Words("Enter ends", "Entrée pour finir")
FIRST = Words("there is nothing to go back to here", "il n'y a pas de question où revenir ici")
COLON = Words(": ", " : ")
RANGE = re.compile(r"([0-9]) *[-–] *([0-9])")  # of numbered choices, of which there are at most nine
YES, NO = ("y", "yes", "o", "oui"), ("n", "no", "non")
YES_OR_NO = Words(
    "y or Enter goes on; n cancels, and nothing is changed",
    "o ou Entrée continue ; n annule, et rien n'est modifié",
)


class Back(Exception):
    """The user goes back to the question before."""


class Choice(NamedTuple):
    """A value to choose, its label, and the identifiers (DevEUI, serial number) by which it is found too."""

    value: str
    label: str = ""
    identifiers: str = ""


class Places(NamedTuple):
    """How a position is read (None for any other text, UsageFault for a wrong one), and the choices by their distance
    to it: those that stand nearest first, and how many they are."""

    read: Callable[[str], tuple[float, float] | None]
    sort: Callable[[tuple[float, float]], tuple[Sequence[Choice], int]]


class Prompt(NamedTuple):
    """A question, what `?` answers to it, and whether there is a question before it to go back to."""

    text: str
    explanation: str = ""
    back: bool = False


def confirm(console: Console, question: Words, *, back: bool = False) -> bool:
    """Yes or no; Enter is yes."""
    prompt = Prompt(question.in_(console.lang), YES_OR_NO.in_(console.lang), back)
    return confirm_or_number(console, prompt, 0) == YES[0]


def confirm_or_number(console: Console, prompt: Prompt, last: int) -> str:
    """`y` (Enter too), `n`, or a number from 1 to `last`. What was typed before the question appeared is no answer."""
    shown = f"{prompt.text} [{'O/n' if console.lang == 'fr' else 'Y/n'}] "
    while True:
        answer = _answer(console, prompt, lambda: read_line(shown, fresh=True)).lower()
        if answer in ("", *YES):
            return YES[0]
        if answer in NO:
            return NO[0]
        if answer.isascii() and answer.isdigit() and len(answer) < 10 and 1 <= int(answer) <= last:
            return answer
        console.ask([line(Span(f"  {prompt.explanation}", "dim"))])


def letter(console: Console, question: Words, letters: str) -> str:
    """One of these letters; Enter is the first."""
    prompt = Prompt(question.in_(console.lang), question.in_(console.lang))
    while True:
        answer = _answer(console, prompt, lambda: read_line(f"{prompt.text} [{letters[0]}] ", fresh=True))
        if (answer.lower()[:1] or letters[0]) in letters:
            return answer.lower()[:1] or letters[0]


def text(console: Console, prompt: Prompt, default: str | None, judge: Callable[[str], object]) -> str | None:
    """A line of text that `judge` takes (it raises UsageFault otherwise); Enter takes the default, or None. The day
    that a refused answer may mean becomes the default."""
    while True:
        shown = f"{prompt.text}{f' [{default}]' if default else ''}{COLON.in_(console.lang)}"
        answer = _answer(console, prompt, partial(read_line, shown))
        if not answer:
            return default
        try:
            judge(answer)
        except UsageFault as fault:
            console.fault(fault)
            default = day_in(answer) or default
            continue
        return answer


def choose(
    console: Console,
    prompt: Prompt,
    choices: Choices,
    default: str | None = None,
    judge: Callable[[str], object] = str,
) -> str | None:
    """One of the choices that `judge` takes. Enter takes the default, or None."""
    choices.show(console, prompt)
    while True:
        try:
            answer = choices.ask(console, prompt, f" [{default}]" if default else "")
            if not answer:
                return default
            nearby = choices.around(answer)
            if nearby is not None:
                choices = nearby
                choices.show(console, prompt)
                continue
            found = choices.find(answer)
            judge(found)
            return found
        except UsageFault as fault:
            console.fault(fault)


def choose_several(
    console: Console,
    prompt: Prompt,
    choices: Choices,
    default: Sequence[str] = (),
    judge: Callable[[list[str]], object] = list,
) -> list[str]:
    """Any of the choices, with commas between or one per line, up to an empty line. Enter alone takes the default."""
    console.ask([line(Span(SEVERAL.in_(console.lang), "dim"))] if len(choices.items) > 1 else [])
    choices.show(console, prompt)
    found: list[str] = []
    while True:
        usual = ", ".join(default if not found else (*found, DONE.in_(console.lang)))
        try:
            shown = prompt._replace(text="…") if found else prompt
            answer = choices.ask(console, shown, f" [{usual}]" if usual else "", several=True)
            nearby = choices.around(answer)
            if nearby is not None:
                choices = nearby
                choices.show(console, prompt)
                continue
            if answer and not parts(answer):
                raise _no_single_match(answer, 0)
            meant = [value for part in parts(answer) for value in choices.find_all(part)]
            found = list(dict.fromkeys([*found, *meant]))
            if len(meant) == 1 and len(found) < len(choices.items):
                continue
            judge(found or list(default))
        except UsageFault as fault:
            console.fault(fault)
            found = []
        else:
            return found or list(default)


def parts(answer: str) -> list[str]:
    """The parts between commas or on lines of their own; an empty text has none."""
    return [word.strip() for word in SEPARATORS.split(answer) if word.strip()]


class Choices:
    """What a question offers: the first ones by number where there are few or they are `likely`, each by its value or
    by words of value and label, in any order, accents and case aside. Where they have `places`, a position puts the
    nearest ones first."""

    def __init__(self, items: Sequence[Choice], likely: int = 0, places: Places | None = None) -> None:
        self.items = items
        self.places = places
        self.searched = len(items) > NUMBERED
        self.numbered = items[: likely if self.searched else NUMBERED]
        self._values = {item.value for item in items}
        self._folded = [((fold(item.value), fold(item.identifiers), fold(item.label)), item) for item in items]

    def search(self, text: str) -> Iterator[Choice]:
        """The choices with every word of a text, at most 50: first those with the whole text in their value, then in an
        identifier, then in the label, each in their order; those of Istres for "Ville d'Istres" if none is called so.
        None for punctuation alone."""
        folded = fold(text)
        if folded or not text.strip():
            yield from islice(chain.from_iterable(self._ranked(folded) or self._ranked(bare(folded))), SHOWN)

    def _offer(self, text: str) -> Iterator[tuple[str, str]]:
        """What is offered while somebody types: value and label."""
        return ((item.value, item.label) for item in self.search(text))

    def _ranked(self, folded: str) -> list[list[Choice]]:
        """The choices with all words, by the first of value, identifiers and label that has them unbroken."""
        words = [word for word in folded.split("-") if word]
        ranks: dict[int, list[Choice]] = {}
        for texts, item in self._folded:
            joined = "-".join(texts)
            if all(word in joined for word in words):
                rank = next((rank for rank, known in enumerate(texts) if folded in known), len(texts))
                ranks.setdefault(rank, []).append(item)
        return [ranks[rank] for rank in sorted(ranks)]

    def find(self, text: str) -> str:
        """The value that a text means; UsageFault when it means none, or could mean several."""
        text = text.strip()
        if text in map(str, range(1, len(self.numbered) + 1)):  # 004 is a part of an id
            return self.numbered[int(text) - 1].value
        if text in self._values:
            return text
        found = [item for item in self.items if item.value.rpartition("/")[2] == text] or self._called(fold(text))
        found = found or self._best(text) or list(self.search(text))
        if len(found) == 1:
            return found[0].value
        raise _no_single_match(text, len(found))

    def _best(self, text: str) -> list[Choice]:
        """The one choice that has the text unbroken in its value, if no other has."""
        ranks = self._ranked(folded) if (folded := fold(text)) else []
        return ranks[0] if ranks and len(ranks[0]) == 1 and folded in fold(ranks[0][0].value) else []

    def find_all(self, text: str) -> list[str]:
        """The values that a part of an answer with several means: those from one number to another (`1-3`), else the
        one of `find`."""
        numbers = RANGE.fullmatch(text.strip())
        if numbers is None or not self.numbered or text.strip() in self._values:
            return [self.find(text)]
        first, last = int(numbers[1]), int(numbers[2])
        if not 1 <= first <= last <= len(self.numbered):
            raise _no_single_match(text, 0)
        return [item.value for item in self.numbered[first - 1 : last]]

    def _called(self, folded: str) -> list[Choice]:
        """The choices whose whole label this is."""
        return [item for item in self.items if folded and fold(item.label) == folded]

    def check(self, text: str, *, several: bool) -> None:
        """UsageFault for an answer that means none of them (or `several`, with commas between), and for a wrong
        position."""
        if text in ("", EXPLAIN, BACK):
            return
        if self.places is None or self.places.read(text) is None:
            for part in parts(text) if several else [text]:
                self.find_all(part) if several else self.find(part)

    def around(self, text: str) -> Choices | None:
        """The choices from the position that a text means, if it means one."""
        where = self.places.read(text) if self.places else None
        if self.places is None or where is None:
            return None
        items, nearest = self.places.sort(where)
        return Choices(items, min(nearest, NUMBERED), self.places)

    def show(self, console: Console, prompt: Prompt) -> None:
        """List what a number chooses, under the question."""
        if self.places is not None and self.searched and not self.numbered:
            console.ask([line(Span(FROM_HERE.in_(console.lang), "dim"))])
        if self.numbered:
            console.ask([line(Span(prompt.text, "bold"))])
        console.ask(
            line(Span(f"  {number} ", "code"), item.value, Span(f"  {item.label}" if item.label else "", "dim"))
            for number, item in enumerate(self.numbered, 1)
        )

    def ask(self, console: Console, prompt: Prompt, usual: str, *, several: bool = False) -> str:
        """What somebody types; where there are many choices, they are searched meanwhile."""
        count, colon = len(self.numbered), COLON.in_(console.lang)
        numbers = f"1–{count}" if count > 1 else "1"
        if not self.searched:
            return _answer(console, prompt, lambda: read_line(f"{numbers}{usual}{colon}", several=several))
        more = Words(f"{numbers}, or words to search", f"{numbers}, ou des mots à chercher")
        if self.places is not None:
            more = Words(f"{numbers}, words or a position", f"{numbers}, des mots ou une position")
        shown = f"{more.in_(console.lang) if self.numbered else prompt.text}{usual}{colon}"
        check = partial(self.check, several=several)
        return _answer(console, prompt, lambda: read_searched(shown, self._offer, check, console.lang, several=several))


def _no_single_match(answer: str, count: int) -> UsageFault:
    """Why an answer means none of the choices: nothing matches it, or several do."""
    if count:
        return UsageFault(
            Words(f'{count} match "{answer}"', f"{count} correspondent à « {answer} »"),
            Words("type a number, an id or more words", "tapez un numéro, un identifiant ou plus de mots"),
        )
    return UsageFault(
        Words(f'nothing here matches "{answer}"', f"rien ici ne correspond à « {answer} »"),
        Words("type a number, an id or a part of the label", "tapez un numéro, un identifiant ou une partie du nom"),
    )


def _answer(console: Console, prompt: Prompt, read: Callable[[], str]) -> str:
    """What `read` gets; `?` explains and reads again. Back for `<` where there is a question before this one."""
    while True:
        answer = read().strip()
        if answer == BACK and prompt.back:
            raise Back
        if answer == BACK:
            console.note(FIRST)
        elif answer == EXPLAIN:
            rows = (prompt.explanation or prompt.text).split("\n")
            console.ask([Grid([cells(" ", Span(row, "info")) for row in rows], gap=1)])
            console.ask([line(Span(f"  {KEYS.in_(console.lang)}", "dim"))])
        else:
            return answer


def key(console: Console, prompt: Prompt, keys: str) -> str:
    """One of these keys, pressed without Enter."""
    while True:
        answer = _answer(console, prompt, lambda: read_key(prompt.text, f"{keys}{EXPLAIN}{BACK}"))
        if answer in keys:
            return answer
