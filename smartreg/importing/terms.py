"""The words by which people call what a registry holds, in several languages (`terms.toml`), and where a name says
them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from smartreg.core.spelling import fold
from smartreg.schema import Kind
from smartreg.schema.countries import Words

_FILE = Path(__file__).with_name("terms.toml")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
# words of one name that do not count
_SMALL = frozenset(("a", "al", "an", "and", "au", "aux", "con", "d", "da", "das", "de", "dei", "del", "della", "der"))
_SMALL |= {"des", "di", "die", "du", "e", "el", "en", "et", "for", "fur", "i", "il", "in", "l", "la", "las", "le"}
_SMALL |= {"les", "los", "mit", "of", "on", "par", "per", "pour", "the", "to", "un", "und", "une", "y"}
_DOTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_COMPOUND = 6  # letters of a term that counts within a longer word: Trinkbrunnenstandorte


class Term(NamedTuple):
    """A word, or several, that names a kind of record, and its `type` if it names one. `weak`: it only hints."""

    kind: str
    type: str | None
    words: tuple[str, ...]
    weak: bool = False


class Mention(NamedTuple):
    """A term, and the text of it in a name."""

    term: Term
    said: str


Catalogue = Mapping[str, Sequence[Term]]
"""Terms by their first word, the longest first."""


def catalogue(kinds: Sequence[Kind], words: Words) -> Catalogue:
    """The terms of all languages for these kinds, with the labels of their types and the `words` of the country."""
    terms: dict[tuple[str, ...], Term] = {}
    for kind in kinds:
        field = kind.by_path.get(("type",))
        for choice in field.enum if field is not None and field.enum else ():
            value = str(choice)
            if field is not None and value != "other":
                labels = (value, field.choice(choice).in_("en"), field.choice(choice).in_("fr"), *words.get(value, ()))
                for label in labels:
                    _add(terms, label, Term(kind.name, value, ()))
    names = {kind.name for kind in kinds}
    for name, named_type, text in _listed():
        if name in names:
            _add(terms, text.rstrip("?"), Term(name, named_type, (), text.endswith("?")))
    by_first: dict[str, list[Term]] = {}
    for term in sorted(terms.values(), key=lambda term: -len(term.words)):
        by_first.setdefault(term.words[0], []).append(term)
    return by_first


def _add(terms: dict[tuple[str, ...], Term], text: str, term: Term) -> None:
    """Adds a term as its text says it, and as German does without its dots: Zaehlstelle."""
    for spelling in {text, text.translate(_DOTS)}:
        if words := _stems(spelling):
            terms[words] = term._replace(words=words)


@cache
def _listed() -> tuple[tuple[str, str | None, str], ...]:
    listed = []
    for kind, table in tomllib.loads(_FILE.read_text("utf-8")).items():
        for name, value in table.items():
            languages, value_of_type = (value, name) if isinstance(value, dict) else ({name: value}, None)
            listed += [(kind, value_of_type, text) for texts in languages.values() for text in texts]
    return tuple(listed)


def _words(text: str) -> list[str]:
    """The words of a name that count."""
    return [word for word in fold(_CAMEL.sub(" ", text)).split("-") if word and word not in _SMALL]


def _stems(text: str) -> tuple[str, ...]:
    """The words of a name that count, without the mark of their plural."""
    return tuple(map(_stem, _words(text)))


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def mentions(terms: Catalogue, text: str) -> Iterator[Mention]:
    """The terms in a name, from left to right; of terms that overlap the longest."""
    said = _words(text)
    words = tuple(map(_stem, said))
    place = 0
    while place < len(words):
        found = next(
            (term for term in terms.get(words[place], ()) if words[place : place + len(term.words)] == term.words), None
        )
        found = found or _within(terms, words[place])
        if found is None:
            place += 1
            continue
        yield Mention(found, " ".join(said[place : place + len(found.words)]))
        place += len(found.words)


def _within(terms: Catalogue, word: str) -> Term | None:
    """The longest term that begins or ends a compound."""
    for length in range(len(word) - 1, _COMPOUND - 1, -1):
        for part in (word[:length], word[-length:]):
            term = next((term for term in terms.get(_stem(part), ()) if len(term.words) == 1 and not term.weak), None)
            if term is not None:
                return term
    return None
