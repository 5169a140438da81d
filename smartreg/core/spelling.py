"""Names as people spell them: turned into the ids that smartreg proposes (`a-z`, `0-9`, `-`), and the nearest words
to a misspelled one; and days as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import islice

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json

MAX_LENGTH = 64  # longest id that the schemas allow

# Letters that Unicode does not decompose into a base letter and a mark; ß is left to casefold.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_HYPHENS = {code: "-" for code in range(128) if not chr(code).isalnum()}
_DAY_FIRST = r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})"
_IN_WORDS = r"([0-9]{1,2})(?:er|st|nd|rd|th)? ([^\W\d]+)\.? ([0-9]{4})"
_NAMES_OF_MONTHS = (
    "janvier january janv jan",
    "fevrier february fevr feb",
    "mars march mar",
    "avril april avr apr",
    "mai may",
    "juin june jun",
    "juillet july juil jul",
    "aout august aug",
    "septembre september sept sep",
    "octobre october oct",
    "novembre november nov",
    "decembre december dec",
)
_MONTHS = {name: number for number, names in enumerate(_NAMES_OF_MONTHS, 1) for name in names.split()}
_YEAR_FIRST = r"([0-9]{4})[/.]?([0-9]{2})[/.]?([0-9]{2})"


def strip_accents(text: str) -> str:
    """`text` without accents, in lower case: "Créqui" gives "crequi"."""
    if not text.isascii():  # most ids and labels are, and most words of others
        text = " ".join([word if word.isascii() else _strip_word(word) for word in text.split(" ")])
    return text.lower()


@lru_cache(maxsize=4096)  # the same words return in thousands of addresses
def _strip_word(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word).casefold().translate(_LETTERS)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=4096)  # labels and names are folded again for every record and row
def fold(text: str) -> str:
    """`text` without accents, in lower case, every run of other characters as one "-"; may be empty."""
    folded = strip_accents(text).encode("ascii", "replace").decode().translate(_HYPHENS)  # a third of a pattern's time
    while "--" in folded:
        folded = folded.replace("--", "-")
    return folded.strip("-")


_SHORTEST_BEGINNING = 2  # letters of a word that stand for it


def names(typed: str, text: str, *, whole: bool = False) -> bool:
    """Whether a folded `text` has each word of `typed` as people name something by it: whole, or (unless all must be
    `whole`) by its first letters (two at least; a number is whole). What is typed without blanks stands unbroken:
    "SN-8" is not in `sn-9-8dv` nor in `sn-80`, "crequi 93" is in `93-rue-de-crequi`."""
    words = [word for word in map(fold, typed.split()) if word]
    return bool(words) and all(
        f"-{word}-" in f"-{text}-" or (not whole and _begins_word(word, f"-{text}")) for word in words
    )


def _begins_word(word: str, text: str) -> bool:
    return len(word) >= _SHORTEST_BEGINNING and not word[-1].isdigit() and f"-{word}" in text


_TITLE = re.compile("^(?:(?:ville|commune|mairie|municipalite)-(?:du|des|de|d)-|(?:city|town|municipality)-of-)")
_ARTICLE = re.compile("^(?:le|la|les|l)-")


def bare(name: str) -> str:
    """A folded name without what a commune is and its article: "ville-du-rove", "commune-le-rove" and "le-rove" give
    `rove`."""
    return _ARTICLE.sub("", _TITLE.sub("", name, count=1), count=1)


def slug(name: str) -> str:
    """The id for `name`: folded, at most 64 characters; "Saint-Estève-Janson" gives `saint-esteve-janson`.

    Empty if `name` has no usable letter or digit."""
    return fold(name)[:MAX_LENGTH].rstrip("-")


CUTOFF = 72  # of 100; below, a suggestion misleads more than it helps
SHORTEST = 4  # letters of a word that others may go on after
ENOUGH = 2  # similar words to find: the first can only be meant if there is no second one


def closest(word: str, choices: Iterable[str]) -> str | None:
    """The choice spelled most like `word`, or None if none is similar."""
    near = all_close(word, choices, 1)
    return near[0] if near else None


def did_you_mean(word: object, choices: Iterable[str], otherwise: Text | None = None) -> Text | None:
    """A hint with the nearest choice; `otherwise` if none is similar."""
    return suggestion(closest(word, choices) if isinstance(word, str) else None) or otherwise


def suggestion(near: str | None) -> Text | None:
    """The hint that this was meant; None for None."""
    return Message('did you mean "{near}"?', near=near) if near else None


def all_close(word: str, choices: Iterable[str], most: int = ENOUGH) -> tuple[str, ...]:
    """The choices spelled like `word`, nearest first, up to a maximum number, else those that go on after it (`cesson`:
    `cesson-sevigne`); equal ones count once."""
    from rapidfuzz import fuzz, process, utils

    unique = list(dict.fromkeys(choices))
    near = process.extract(
        word,
        unique,
        scorer=fuzz.ratio,
        processor=utils.default_process,
        score_cutoff=CUTOFF,
        limit=most,
    )
    if near or len(word) < SHORTEST:
        return tuple(str(choice) for choice, _score, _index in near)
    start = word.casefold()
    return tuple(islice((each for each in unique if each.casefold().startswith((f"{start}-", f"{start} "))), most))


def month_called(word: str) -> int | None:
    """The number of the month that a word names, in either language; None for any other word."""
    return _MONTHS.get(fold(word))


def day_in(value: Json) -> str | None:
    """The day that a text in another format means, as YYYY-MM-DD; day before month, as in France, or the month in
    words. None if it means none."""
    text = value.strip() if isinstance(value, str) else ""
    if (words := re.fullmatch(_IN_WORDS, text)) is not None:
        text = f"{words[1]}/{_MONTHS.get(fold(words[2]), 0)}/{words[3]}"
    first, second = re.fullmatch(_YEAR_FIRST, text), re.fullmatch(_DAY_FIRST, text)
    if first is None and second is None:
        return None
    year, month, day = first.groups() if first else reversed(second.groups()) if second else ()
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
