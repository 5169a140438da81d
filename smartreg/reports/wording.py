"""Values as people read them: numbers, shares, money and days in the form of the language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from smartreg.core.messages import MONTHS, Language, Message, Text, computed, number
from smartreg.core.messages import day as day_text
from smartreg.reports.figure import Kind, Label, Measure, Value
from smartreg.reports.typography import FIXED

UNKNOWN = "—"
FINEST = 2  # decimals of a number that is neither money nor a share
DECIMALS: Mapping[Kind, int] = {"count": 0, "money": 2, "share": 1}
MINUS = "\u2212"
EXACT = 1e-9  # of a per cent: what floats make of a whole
SHARE_OF = Message("{share} ({part} of {whole})")


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
        return _share(100 * float(value), decimals, lang)
    if kind == "money":
        amount = format_number(float(value), decimals, lang)
        return Message("€{amount}", amount=amount).in_(lang)
    return format_number(float(value), decimals, lang)


def _share(percent: float, decimals: int, lang: Language) -> str:
    """`99.7%`; `over 99.9%` of what is not quite all, `over 100.0%` of a little more, `under 0.1%` of what is not quite
    nothing: rounding makes neither all nor nothing of it."""
    shown, least = round(percent, decimals), 10.0**-decimals
    sentence = Message("{share}")
    if abs(percent - shown) > EXACT and shown in (0, 100):
        sentence = Message("under {share}") if shown == 0 else Message("over {share}")
        shown += least if shown == 0 else -least if percent < shown else 0
    share = format_number(shown, decimals, lang) + Message("%").in_(lang)
    return sentence.fill(share=share).in_(lang)


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
    value = value_words(measure.kind, measure.value)
    if measure.parts is None:
        return value.in_(lang)
    part, whole = (number_words(number, decimals_of("number", (number,))) for number in measure.parts)
    return SHARE_OF.fill(share=value, part=part, whole=whole).in_(lang)


def format_number(value: float, decimals: int, lang: Language) -> str:
    """A number with its sign, its groups of three digits and decimal sign."""
    return number_words(value, decimals).in_(lang)


def format_day(day: str | date, lang: Language) -> str:
    """A day as `1 March 2024` or `1er mars 2024`; any other text stays unchanged."""
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            return str(day)
    return day_text(day).in_(lang)


def value_words(kind: Kind, value: Value) -> Text:
    """A value, see `format_value`."""
    return computed(format_value, kind, value)


def number_words(value: float, decimals: int = 0) -> Text:
    """A number with its sign, its groups of three digits and decimal sign."""
    return number(f"{value:,.{decimals}f}".replace("-", MINUS))


def day_words(day: str | date) -> Text:
    """A day, see `format_day`."""
    return computed(format_day, day)


def month_words(month: str) -> Text:
    """`2025-01` as `January 2025`, `janvier 2025`."""
    return computed(_month, month)


def _month(month: str, lang: Language) -> str:
    year, number = month.split("-")
    return f"{MONTHS[int(number) - 1].in_(lang)}{FIXED}{year}"


def quantity(value: float, decimals: int, one: Text, many: Text) -> Text:
    """A number with its unit: `1.5 days`, `1,5 jour`; French counts what is below two as one, English one alone."""
    return Message(
        "{number} {unit}",
        number=number_words(value, decimals),
        unit=one if abs(value) == 1 else many,
        unit_below_two=one if abs(value) < 2 else many,
    )


def with_days(text: str, lang: Language) -> str:
    """A sentence of ours with its ISO days in the form of the language."""
    return re.sub(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b", lambda iso: format_day(iso[0], lang), text)
