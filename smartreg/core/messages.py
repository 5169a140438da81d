"""Sentences for people: an English template with named values, said in the reader's language when it is printed.

Nobody but the doors, reporters and pages knows a language: everything else passes `Text` on. Translations are gettext
catalogues, `LANGUAGE/LC_MESSAGES/DOMAIN.mo`: those of the package (`smartreg/locale/`), and before them those of the
folders that the environment variable SMARTREG_LOCALE lists. English needs none. A sentence that a catalogue lacks is
said in English.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, Final, TypeAlias

Language: TypeAlias = str
"""As in names of catalogues: `en`, `fr`, `pt_BR`."""
SOURCE: Final = "en"
LANGUAGES: Final[tuple[Language, Language]] = ("en", "fr")
"""Those of schemas, and of files that say everything in both."""
DOMAIN: Final = "smartreg"
ELSEWHERE: Final = "elsewhere"
"""The catalogue of sentences that speak of France, as registries of other countries read them."""
_SHIPPED = Path(__file__).parents[1] / "locale"


class Text(ABC):
    """What can be said in any language: a message, what a schema says, texts joined, a number, a day."""

    __slots__ = ()

    @abstractmethod
    def in_(self, lang: Language) -> str:
        """The text in one language."""


Value: TypeAlias = "str | Text"


def _said(value: Value, lang: Language) -> str:
    return value if isinstance(value, str) else value.in_(lang)


@dataclass(frozen=True, slots=True, init=False)
class Message(Text):
    """One sentence: `Message("{path} is not a folder", path=path)`. Values are texts, or become text here; without any,
    braces are plain characters. Extraction reads the template from the call: write it there, as one string."""

    template: str
    values: tuple[tuple[str, Value], ...] = ()
    many: str = ""  # the template for all numbers but one
    n: int = 1
    context: str = ""
    domain: str = DOMAIN

    def __init__(self, template: str, /, **values: object) -> None:
        _fill(self, template, values)

    def in_(self, lang: Language) -> str:
        """The sentence in one language."""
        template = self._template(lang)
        if not self.values:
            return template
        return template.format_map({name: _said(value, lang) for name, value in self.values})

    def fill(self, **values: object) -> Message:
        """The same template with these values."""
        return _fill(Message.__new__(Message), self.template, values, self.many, self.n, self.context, self.domain)

    def _template(self, lang: Language) -> str:
        domain = self.domain
        if domain == DOMAIN:
            domain = _english.get()
        if (lang == SOURCE and domain != ELSEWHERE) or not self.template:  # the entry of the empty text is a header
            return self.many if self.many and self.n != 1 else self.template
        catalogue = _catalogue(lang, domain)
        match bool(self.many), bool(self.context):
            case False, False:
                return catalogue.gettext(self.template)
            case False, True:
                return catalogue.pgettext(self.context, self.template)
            case True, False:
                return catalogue.ngettext(self.template, self.many, self.n)
        return catalogue.npgettext(self.context, self.template, self.many, self.n)


def _fill(
    message: Message,
    template: str,
    values: Mapping[str, object],
    many: str = "",
    n: int = 1,
    context: str = "",
    domain: str = DOMAIN,
) -> Message:
    """Set the fields of a new message, whose class takes the values of its template as keywords."""
    pairs = tuple((name, item if isinstance(item, (str, Text)) else f"{item}") for name, item in sorted(values.items()))
    for name, value in zip(Message.__slots__, (template, pairs, many, n, context, domain), strict=True):
        object.__setattr__(message, name, value)
    return message


def plural(one: str, many: str, /, n: int, **values: object) -> Text:
    """A sentence about a number, which is its value `n`: `plural("{n} record", "{n} records", n=len(records))`. English
    says `one` for 1 alone; other languages as their catalogue says. For none, give a sentence of its own."""
    return _fill(Message.__new__(Message), one, {**values, "n": n}, many, n)


def message_in(context: str, template: str, /, **values: object) -> Message:
    """A sentence of which another place needs another translation: `context` tells them apart."""
    return _fill(Message.__new__(Message), template, values, context=context)


def plural_in(context: str, one: str, many: str, /, n: int, **values: object) -> Text:
    """Both at once."""
    return _fill(Message.__new__(Message), one, {**values, "n": n}, many, n, context)


def from_domain(domain: str) -> Callable[..., Message]:
    """The `Message` of a plug-in, whose translations are in a catalogue of its own."""

    def message(template: str, /, **values: object) -> Message:
        return _fill(Message.__new__(Message), template, values, domain=domain)

    return message


@dataclass(frozen=True, slots=True)
class Localized(Text):
    """What data says in several languages: titles, labels and headings of schemas. Pairs of language and text, English
    first."""

    texts: tuple[tuple[Language, str], ...]

    def in_(self, lang: Language) -> str:
        """The text in one language, else the first."""
        for language, text in self.texts:
            if language == lang:
                return text
        return self.texts[0][1]

    def lower(self) -> Localized:
        """The texts without capitals, to stand in a sentence."""
        return Localized(tuple((language, text.lower()) for language, text in self.texts))

    @classmethod
    def of(cls, **texts: str) -> Localized:
        """`Localized.of(en="camera", fr="caméra")`."""
        return Localized(tuple(texts.items()))


def verbatim(text: object) -> Text:
    """What no language changes: a command, an id."""
    return Localized(((SOURCE, f"{text}"),))


@dataclass(frozen=True, slots=True)
class Joined(Text):
    """Texts with something between them, `joined`."""

    parts: tuple[Value, ...]
    separator: Value
    last: Value

    def in_(self, lang: Language) -> str:
        """The texts and what stands between them in one language."""
        *most, end = (_said(part, lang) for part in self.parts) if self.parts else ("",)
        return _said(self.last, lang).join((*([_said(self.separator, lang).join(most)] if most else []), end))


def joined(parts: Iterable[Value], separator: Value = ", ", last: Value | None = None) -> Text:
    """Several texts as one; `last` stands between the last two."""
    return Joined(tuple(parts), separator, separator if last is None else last)


def first_few(words: Sequence[object], most: int) -> str:
    """The first of these words, with commas between, and an ellipsis if there are more."""
    return ", ".join(map(str, words[:most])) + (", …" if len(words) > most else "")


@dataclass(frozen=True, slots=True)
class Computed(Text):
    """A text that a function makes in each language."""

    make: Callable[..., str]
    about: tuple[object, ...]

    def in_(self, lang: Language) -> str:
        """What the function makes in one language."""
        return self.make(*self.about, lang)


def computed(make: Callable[..., str], *about: object) -> Text:
    """A text that a function puts together in each language, its last argument: what a schema says of a field, say. It
    cannot be kept. Two are equal where function and arguments are: give it a function of a module."""
    return Computed(make, about)


@dataclass(frozen=True, slots=True)
class Number(Text):
    """A number as English writes it, `-1,234.5`."""

    written: str

    def in_(self, lang: Language) -> str:
        """With the signs of one language."""
        if lang == SOURCE:
            return self.written
        return self.written.translate({ord(sign): text.in_(lang) for sign, text in _SIGNS.items()})


_SIGNS: Final[Mapping[str, Text]] = {
    ",": message_in("between thousands", ","),
    ".": message_in("before decimals", "."),
}


def number(value: float | str) -> Text:
    """A number in the signs of the language; give a text to say how many decimals it has and whether it is grouped."""
    return Number(value if isinstance(value, str) else f"{value:g}")


@dataclass(frozen=True, slots=True)
class Day(Text):
    """A day in words."""

    day: date

    def in_(self, lang: Language) -> str:
        """`1 March 2024`, with spaces that do not break."""
        first = message_in("first of the month", "1")
        number = first if self.day.day == 1 else str(self.day.day)
        month = MONTHS[self.day.month - 1]
        return message_in("day", "{day}\u00a0{month}\u00a0{year}", day=number, month=month, year=self.day.year).in_(
            lang
        )


MONTHS: Final = (
    message_in("month", "January"),
    message_in("month", "February"),
    message_in("month", "March"),
    message_in("month", "April"),
    message_in("month", "May"),
    message_in("month", "June"),
    message_in("month", "July"),
    message_in("month", "August"),
    message_in("month", "September"),
    message_in("month", "October"),
    message_in("month", "November"),
    message_in("month", "December"),
)


def day(value: date) -> Text:
    """A day in words."""
    return Day(value)


# -- texts as plain values, to keep and to send ---------------------------------------------------------------------

Plain: TypeAlias = Any  # a text, or a tuple whose first item tells what it is; JSON's arrays do as well


def plain_text(text: Value) -> Plain:
    """A text in plain values: template and values, never what they say in a language. `text_of` restores it."""
    match text:
        case str():
            return text
        case Message():
            row = (text.template, tuple((name, plain_text(value)) for name, value in text.values))
            rest = (text.many, text.n, text.context, text.domain)
            return ("message", *row, *(() if rest == ("", 1, "", DOMAIN) else rest))
        case Localized():
            return ("localized", text.texts)
        case Joined():
            parts = tuple(plain_text(part) for part in text.parts)
            return ("joined", parts, plain_text(text.separator), plain_text(text.last))
        case Number():
            return ("number", text.written)
        case Day():
            return ("day", text.day.isoformat())
    raise TypeError(text)


def text_of(plain: Plain) -> Text:
    """The text from the values of `plain_text`."""
    match plain:
        case ["message", template, values, *rest]:
            return _fill(Message.__new__(Message), template, {name: _value_of(value) for name, value in values}, *rest)
        case ["localized", texts]:
            return Localized(tuple((language, text) for language, text in texts))
        case ["joined", parts, separator, last]:
            return Joined(tuple(map(_value_of, parts)), _value_of(separator), _value_of(last))
        case ["number", written]:
            return Number(written)
        case ["day", iso]:
            return Day(date.fromisoformat(iso))
    raise TypeError(plain)


def _value_of(plain: Plain) -> Value:
    return plain if isinstance(plain, str) else text_of(plain)


# -- catalogues ------------------------------------------------------------------------------------------------------


def _folders() -> list[Path]:
    added = os.environ.get("SMARTREG_LOCALE", "")
    return [*(Path(folder) for folder in added.split(os.pathsep) if folder), _SHIPPED]


def is_language(name: str) -> bool:
    """Whether smartreg says its sentences in this language."""
    path = Path(name, "LC_MESSAGES", f"{DOMAIN}.mo")  # os.path: a name that is too long for a file is no language
    return name == SOURCE or (name.isidentifier() and any(os.path.isfile(folder / path) for folder in _folders()))


def languages() -> tuple[Language, ...]:
    """All languages, English first."""
    names = {path.parents[1].name for folder in _folders() for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")}
    return (SOURCE, *sorted(names - {SOURCE}))


_english: ContextVar[str] = ContextVar("english", default=DOMAIN)


@contextmanager
def english_of(catalogue: str) -> Iterator[None]:
    """Say English sentences as this catalogue has them, where it has them: one run is about one registry."""
    token = _english.set(catalogue)
    try:
        yield
    finally:
        _english.reset(token)


def english_said() -> str:
    """The catalogue that `english_of` set: for another process that speaks of the same registry."""
    return _english.get()


def languages_of_pages() -> tuple[Language, Language]:
    """The two languages of what says everything in both; one alone, twice, for a registry of another country."""
    return LANGUAGES if _english.get() == DOMAIN else (SOURCE, SOURCE)


@cache
def _catalogue(lang: Language, domain: str) -> NullTranslations:
    """The catalogue of a language; that for other countries than France goes before the usual one. A plug-in may lack
    one; smartreg's own missing one is a damaged installation."""
    files = [folder / lang / "LC_MESSAGES" / f"{domain}.mo" for folder in _folders()]
    catalogue = _catalogue(lang, DOMAIN) if domain == ELSEWHERE and lang != SOURCE else NullTranslations()
    for file in reversed([file for file in files if file.is_file()]):
        with file.open("rb") as stream:
            translations = GNUTranslations(stream)
        translations.add_fallback(catalogue)
        catalogue = translations
    if domain == DOMAIN and not isinstance(catalogue, GNUTranslations):
        raise FileNotFoundError(f"no catalogue {lang}/LC_MESSAGES/{domain}.mo in {', '.join(map(str, _folders()))}")
    return catalogue
