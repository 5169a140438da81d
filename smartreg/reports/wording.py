"""Values and sentences as people read them: numbers, shares, money and days in the form of the language, French
typography, and the names of what a report says of its origin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import cast

from smartreg.core.values import LANGUAGES, Json, Language, Words
from smartreg.reports.figure import Kind, Label, Measure, Value

NARROW = "\u202f"  # between groups of three digits, before % and high punctuation, inside « »
FIXED = "\u00a0"
UNKNOWN = "—"
FIRST_PLURAL = 2  # French counts what is below as one
FINEST = 2  # decimals of a number that is neither money nor a share
DECIMALS: Mapping[Kind, int] = {"count": 0, "money": 2, "share": 1}
_MONTHS = Words(
    "January February March April May June July August September October November December",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
)
MINUS = "\u2212"
ORIGIN_NAMES = {
    "registry": Words("Registry", "Registre"),
    "commit": Words("Commit", "Commit"),
    "reference_date": Words("Reference date", "Date de référence"),
    "period": Words("Period", "Période"),
    "audience": Words("Audience", "Public visé"),
    "records": Words("Records read", "Fiches lues"),
    "left_out": Words("Records left out", "Fiches laissées de côté"),
    "withheld_values": Words("Contacts of people withheld", "Coordonnées de personnes retirées"),
    "rules": Words("Rules", "Règles"),
    "conclusion": Words("Conclusion", "Conclusion"),
    "deliveries": Words("Deliveries", "Messages"),
    "smartreg": Words("smartreg", "smartreg"),
}
AUDIENCES = {
    "public": Words("for the public", "pour le public"),
    "partners": Words("for the partners", "pour les partenaires"),
    "internal": Words("for internal use", "à usage interne"),
}


def format_value(kind: Kind, value: Value, lang: Language, decimals: int | None = None) -> str:
    """A value as people read it; a dash where it is unknown. `decimals`: those of the other values of its column. The
    text of a record is raw: escape it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, Label):
        return value.in_(lang)
    if isinstance(value, str):
        return format_day(value, lang) if kind == "date" else value
    if decimals is None:
        decimals = decimals_of(kind, (value,))
    if kind == "share":
        return format_number(100 * float(value), decimals, lang) + (f"{NARROW}%" if lang == "fr" else "%")
    if kind == "money":
        amount = format_number(float(value), decimals, lang)
        return f"{amount}{FIXED}€" if lang == "fr" else f"€{amount}"
    return format_number(float(value), decimals, lang)


def decimals_of(kind: Kind, values: Iterable[Value]) -> int:
    """How many decimals the numbers of a column have, all the same: 2 for euros, 1 for shares, else as many as one of
    them needs, at most 2."""
    if kind in DECIMALS:
        return DECIMALS[kind]
    most = 1 if kind == "days" else FINEST
    numbers = [float(value) for value in values if isinstance(value, (int, float, Decimal))]
    needed = (next(count for count in range(most + 1) if count == most or round(n, count) == n) for n in numbers)
    return max(needed, default=0)


def format_measure(measure: Measure, lang: Language) -> str:
    """The value of a measure, with what a share was computed of; or why there is none."""
    if measure.value is None:
        return measure.why_not.in_(lang) if measure.why_not else UNKNOWN
    text = format_value(measure.kind, measure.value, lang)
    if measure.parts is None:
        return text
    part, whole = (format_number(item, decimals_of("number", (item,)), lang) for item in measure.parts)
    return f"{text} ({part} {'sur' if lang == 'fr' else 'of'} {whole})"


def format_number(value: float, decimals: int, lang: Language) -> str:
    """A number with its sign, its groups of three digits and decimal sign."""
    text = f"{value:,.{decimals}f}".replace("-", MINUS)
    return text.replace(",", NARROW).replace(".", ",") if lang == "fr" else text


def format_day(day: str | date, lang: Language) -> str:
    """A day as `1 March 2024` or `1er mars 2024`; any other text stays unchanged."""
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            return str(day)
    number = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{number}{FIXED}{_MONTHS.in_(lang).split()[day.month - 1]}{FIXED}{day.year}"


def month_words(month: str) -> Words:
    """`2025-01` as `January 2025`, `janvier 2025`."""
    year, number = month.split("-")
    en, fr = (f"{_MONTHS.in_(lang).split()[int(number) - 1]}{FIXED}{year}" for lang in LANGUAGES)
    return Words(en, fr)


def with_days(text: str, lang: Language) -> str:
    """A sentence of ours with its ISO days in the form of the language."""
    return re.sub(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b", lambda found: format_day(found[0], lang), text)


def count_noun(number: float, one: Words, many: Words) -> Words:
    """A number with its noun: French counts what is below two as one, English one alone."""
    english = f"{format_number(number, 0, 'en')} {(one if number == 1 else many).en}"
    return Words(english, f"{format_number(number, 0, 'fr')} {(one if abs(number) < FIRST_PLURAL else many).fr}")


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


def quote(text: str, lang: Language) -> str:
    """A text in the quotation marks of the language."""
    return f"«{NARROW}{text}{NARROW}»" if lang == "fr" else f"“{text}”"


_BEFORE_HIGH, _BEFORE_COLON = re.compile(r" (?=[;!?%])"), re.compile(r" (?=[:€])")
_OPENING, _CLOSING = re.compile("«[ \u00a0\u202f]?"), re.compile("[ \u00a0\u202f]?»")


def typeset(words: Words) -> Words:
    """A sentence of ours with the spaces of French typography: narrow and fixed before `;` `!` `?` `%` and inside « »,
    fixed before `:` and `€`."""
    french = _BEFORE_COLON.sub(FIXED, _BEFORE_HIGH.sub(NARROW, words.fr))
    return Words(words.en, _CLOSING.sub(f"{NARROW}»", _OPENING.sub(f"«{NARROW}", french)))


def join_words(parts: Sequence[str], lang: Language) -> str:
    """`a, b and c`."""
    last = " et " if lang == "fr" else " and "
    return last.join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def origin_lines(origin: Mapping[str, Json], lang: Language) -> list[tuple[str, str]]:
    """The origin of a report, line by line: what it is called, and its value, which `verify` reads again."""
    period = cast(Mapping[str, Json], origin["period"])
    texts = {name: str(value) for name, value in origin.items() if name in ORIGIN_NAMES and value is not None}
    texts["period"] = f"{period['from'] or '…'} → {period['until']}"
    if origin.get("commit") is None:
        texts["commit"] = Words("none: changes that no commit holds", "aucun : modifications sans commit").in_(lang)
    return [(words.in_(lang), texts[name]) for name, words in ORIGIN_NAMES.items() if name in texts]


def provenance(origin: Mapping[str, Json], lang: Language) -> str:
    """Where a report comes from, in one sentence or two."""
    day, commit = origin.get("reference_date"), origin.get("commit")
    records, left_out = (int(cast(int, origin.get(name) or 0)) for name in ("records", "left_out"))
    read = count_noun(records, Words("record", "fiche"), Words("records", "fiches"))
    agreement = "lues" if records >= FIRST_PLURAL else "lue"
    left = count_noun(left_out, Words("was", "laissée"), Words("were", "laissées")) if left_out else None
    saved = f"version {str(commit)[:7]}" if commit else None
    state = Words(saved or "version not saved yet", saved or "version pas encore enregistrée")
    text = Words(
        f"Computed from the registry as of {format_day(str(day or ''), 'en')} ({state.en}): {read.en} read"
        + (f", of which {left.en} left out" if left else "")
        + ". Anybody who has the registry can compute it again and compare.",
        f"Calculé d'après le registre au {format_day(str(day or ''), 'fr')} ({state.fr}) : {read.fr} {agreement}"
        + (f", {left.fr} de côté" if left else "")
        + ". Toute personne disposant du registre peut le recalculer et comparer.",
    )
    return typeset(text).in_(lang)


def machine_value(value: Value) -> Json:
    """A value for programs: a code, a text, a number with at most six decimals."""
    if isinstance(value, Label):
        return value.code
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        rounded = round(value, 6)
        return int(rounded) if rounded == int(rounded) else rounded
    return value
