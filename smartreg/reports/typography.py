"""Sentences as each language sets them: spaces, quotation marks, lists, capitals, and the French `de` before a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from smartreg.core import messages
from smartreg.core.messages import Language, Message, Text, computed, message_in

NARROW = "\u202f"  # between groups of three digits, before % and high punctuation, inside « »
FIXED = "\u00a0"
COLON = message_in("between spaces", ":")
SEMICOLON = message_in("between spaces", ";")
_AND = Message(" and ")
_OF = Message("of {name}")
_BEFORE_HIGH, _BEFORE_COLON = re.compile(r" (?=[;!?%])"), re.compile(r" (?=[:€])")
_OPENING, _CLOSING = re.compile("«[ \u00a0\u202f]?"), re.compile("[ \u00a0\u202f]?»")


def typeset(words: Text) -> Text:
    """A sentence of ours with the spaces of French typography: narrow and fixed before `;` `!` `?` `%` and inside « »,
    fixed before `:` and `€`."""
    return computed(_typeset, words)


def _typeset(words: Text, lang: Language) -> str:
    text = words.in_(lang)
    if lang != "fr":
        return text
    text = _BEFORE_COLON.sub(FIXED, _BEFORE_HIGH.sub(NARROW, text))
    return _CLOSING.sub(f"{NARROW}»", _OPENING.sub(f"«{NARROW}", text))


def quote(text: str, lang: Language) -> str:
    """A text in the quotation marks of the language."""
    return Message("“{text}”", text=text).in_(lang)


def join_words(parts: Sequence[str], lang: Language) -> str:
    """`a, b and c`."""
    return _AND.in_(lang).join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def joined(parts: Sequence[Text]) -> Text:
    """`a, b and c`."""
    return computed(lambda lang: join_words([part.in_(lang) for part in parts], lang))


def listed(parts: Sequence[Text]) -> Text:
    """`a, b, c`."""
    return messages.joined(parts)


def in_each(change: Callable[[str], str], words: Text) -> Text:
    """A text changed alike in all languages."""
    return computed(lambda lang: change(words.in_(lang)))


def capital(text: str) -> str:
    """The beginning of a sentence."""
    return text[:1].upper() + text[1:]


def of_words(words: Text) -> Text:
    """`of` before a name; in French, see `of_name`."""
    return computed(lambda lang: of_name(words.in_(lang)) if lang == "fr" else _OF.fill(name=words).in_(lang))


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
