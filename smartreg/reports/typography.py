"""Sentences as each language sets them: spaces, quotation marks, lists, capitals, and the French `de` before a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from smartreg.core.messages import LANGUAGES, Language, Message, Text, Words

NARROW = "\u202f"  # between groups of three digits, before % and high punctuation, inside « »
FIXED = "\u00a0"
COLON: Mapping[Language, str] = {"en": ":", "fr": f"{FIXED}:"}
SEMICOLON: Mapping[Language, str] = {"en": ";", "fr": f"{NARROW};"}
_AND = Message(" and ")
_BEFORE_HIGH, _BEFORE_COLON = re.compile(r" (?=[;!?%])"), re.compile(r" (?=[:€])")
_OPENING, _CLOSING = re.compile("«[ \u00a0\u202f]?"), re.compile("[ \u00a0\u202f]?»")


def typeset(words: Text) -> Text:
    """A sentence of ours with the spaces of French typography: narrow and fixed before `;` `!` `?` `%` and inside « »,
    fixed before `:` and `€`."""
    french = _BEFORE_COLON.sub(FIXED, _BEFORE_HIGH.sub(NARROW, words.fr))
    return Words(words.en, _CLOSING.sub(f"{NARROW}»", _OPENING.sub(f"«{NARROW}", french)))


def quote(text: str, lang: Language) -> str:
    """A text in the quotation marks of the language."""
    return Message("“{text}”", text=text).in_(lang)


def join_words(parts: Sequence[str], lang: Language) -> str:
    """`a, b and c`."""
    return _AND.in_(lang).join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def joined(parts: Sequence[Text]) -> Text:
    """`a, b and c`, in both languages."""
    return Words(*(join_words([part.in_(lang) for part in parts], lang) for lang in LANGUAGES))


def listed(parts: Sequence[Text]) -> Text:
    """`a, b, c`, in both languages."""
    return Words(*(", ".join(part.in_(lang) for part in parts) for lang in LANGUAGES))


def in_each(change: Callable[[str], str], words: Text) -> Text:
    """A text changed alike in both languages."""
    return Words(*(change(words.in_(lang)) for lang in LANGUAGES))


def capital(text: str) -> str:
    """The beginning of a sentence."""
    return text[:1].upper() + text[1:]


def of_words(words: Text) -> Text:
    """`of` before a name; in French, see `of_name`."""
    return Words(f"of {words.en}", of_name(words.fr))


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
