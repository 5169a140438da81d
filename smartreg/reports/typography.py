"""Sentences as each language sets them: spaces, quotation marks, lists, capitals, and the French `de` before a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from smartreg.core import messages
from smartreg.core.messages import Language, Message, Text, computed

NARROW = "\u202f"  # between groups of three digits, before % and high punctuation, inside « »
FIXED = "\u00a0"
_BEFORE_HIGH, _BEFORE_COLON = re.compile(r" (?=[;!?%])"), re.compile(r" (?=[:€])")
_OPENING, _CLOSING = re.compile("«[ \u00a0\u202f]?"), re.compile("[ \u00a0\u202f]?»")


def typeset(words: Text) -> Text:
    """A sentence of ours with the spaces of French typography: narrow and fixed before `;` `!` `?` `%` and inside « »,
    fixed before `:` and `€`. Other languages have none of their own."""
    return computed(_typeset, words)


def _typeset(words: Text, lang: Language) -> str:
    space = _SPACES.get(lang)
    return space(words.in_(lang)) if space else words.in_(lang)


def _space_french(text: str) -> str:
    text = _BEFORE_COLON.sub(FIXED, _BEFORE_HIGH.sub(NARROW, text))
    return _CLOSING.sub(f"{NARROW}»", _OPENING.sub(f"«{NARROW}", text))


_SPACES: Mapping[Language, Callable[[str], str]] = {"fr": _space_french}
COLON, SEMICOLON = typeset(Message(": ")), typeset(Message("; "))


def quote(text: str, lang: Language) -> str:
    """A text in the quotation marks of the language."""
    return Message("“{text}”", text=text).in_(lang)


def joined(parts: Sequence[str | Text]) -> Text:
    """`a, b and c`."""
    return messages.joined(parts, ", ", Message(" and "))


def in_each(change: Callable[[str], str], words: Text) -> Text:
    """A text changed alike in every language, by a function of a module."""
    return computed(_changed, change, words)


def _changed(change: Callable[[str], str], words: Text, lang: Language) -> str:
    return change(words.in_(lang))


def capital(text: str) -> str:
    """The beginning of a sentence."""
    return text[:1].upper() + text[1:]


def of_words(words: Text) -> Text:
    """The name with `de`, as a French translation needs it; unchanged in other languages."""
    return computed(_of, words)


def _of(words: Text, lang: Language) -> str:
    return of_name(words.in_(lang)) if lang == "fr" else words.in_(lang)


def of_name(name: str) -> str:
    """`de` before a French name: d'Istres, de Marseille, du Rove, des Pennes-Mirabeau, de La Ciotat."""
    for article, short in (("Le ", "du "), ("Les ", "des "), ("le ", "du "), ("les ", "des ")):
        if name.startswith(article):
            return short + name[len(article) :]
    return f"d'{name}" if _elides(name) else f"de {name}"


# An aspirated h, without elision; French dictionaries mark it, the spelling does not.
_ASPIRATED = re.compile(
    r"h(ainaut|alle|ameau|andicap|angar|aras|aut|avre|ayange|em|erblay|éros|ollande|ongrie|ouille|uit)"
)
_VOWELS = "aeiouyœæ"
_CONSONANT_Y = re.compile(r"y[aeiouéè]")
_KEEP_APART = re.compile(r"(onze|onzième|oui|ouistreham|un|uhlan)\b")


def _elides(name: str) -> bool:
    word = name.lower()
    if word.startswith("h"):
        return not _ASPIRATED.match(word)
    if _CONSONANT_Y.match(word) or _KEEP_APART.match(word):
        return False
    return unicodedata.normalize("NFD", word[:1])[:1] in _VOWELS if word else False
