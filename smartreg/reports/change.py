"""What changed in the headline of each figure since an earlier period: the one of the same length before it, or for a
long or open one, the same up to a year ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from smartreg.core.values import LANGUAGES, Language, Words
from smartreg.domain.days import days_later, months_later
from smartreg.reports.figure import Figure, Measure
from smartreg.reports.material import Period
from smartreg.reports.wording import (
    DECIMALS,
    FIRST_PLURAL,
    MINUS,
    decimals_of,
    format_day,
    format_number,
    format_value,
    typeset,
)

YEAR = 12  # months
# The measure of each figure whose change is stated. B11 has a table of its months.
HEADLINES: Mapping[str, str] = {
    "B1": "hosted_by_others",
    "B2": "on_others",
    "B3": "equipped",
    "B4": "equipped",
    "B5": "on_others",
    "B6": "public",
    "B7": "installed",
    "B8": "incidents",
    "B9": "active",
    "B10": "in_force",
    "B12": "total",
    "B13": "several_use_cases",
    "B14": "assessed",
}


def previous(period: Period) -> Period:
    """The period to compare with. One of a year at most follows another as long; of a longer or open one, what it was a
    year before its end."""
    start, until = period.start, period.until
    year_ago = months_later(until, -YEAR)
    if start is None or start <= year_ago:
        return Period(start, year_ago)
    before = days_later(start, -1)
    after = days_later(until, 1)
    if start.day == after.day == 1:  # whole months
        months = (after.year - start.year) * YEAR + after.month - start.month
        return Period(months_later(start, -months), before)
    return Period(days_later(start, -(after - start).days), before)


def headline_changes(
    figures: Iterable[Figure], earlier: Iterable[Figure], period: Period, before: Period
) -> Mapping[str, Words]:
    """By figure: how its headline changed, where it has a value then and now."""
    then = {figure.code: headline_of(figure) for figure in earlier}
    both = {figure.code: (headline_of(figure), then.get(figure.code)) for figure in figures}
    since = _since(period, before)
    return {code: _change(now, old, since) for code, (now, old) in both.items() if now is not None and old is not None}


def headline_of(figure: Figure) -> Measure | None:
    """The measure that leads a figure, if it has a number."""
    key = HEADLINES.get(figure.code)
    found = next((measure for measure in figure.measures if measure.key == key), None)
    return found if found is not None and _is_number(found) else None


def _is_number(measure: Measure) -> bool:
    return measure.value is not None and not isinstance(measure.value, str) and measure.kind != "label"


def _change(now: Measure, old: Measure, since: Words) -> Words:
    """`+3.2 points since 31 December 2024`."""
    difference = float(now.value) - float(old.value)  # type: ignore[arg-type]
    en, fr = (_signed(now, difference, lang) for lang in LANGUAGES)
    if not en:
        return typeset(Words(f"no change {since.en}", f"sans changement {since.fr}"))
    return typeset(Words(f"{en} {since.en}", f"{fr} {since.fr}"))


def _signed(measure: Measure, difference: float, lang: Language) -> str:
    """A difference with its sign; empty where it is nothing at the decimals that people see."""
    if measure.kind == "share":
        points = round(100 * difference, DECIMALS["share"])
        one = abs(points) < FIRST_PLURAL if lang == "fr" else abs(points) == 1
        text = f"{format_number(abs(points), DECIMALS['share'], lang)} point{'' if one else 's'}"
        return _with_sign(text, points)
    amount = round(difference, decimals_of(measure.kind, (difference,)))
    return _with_sign(format_value(measure.kind, abs(amount), lang), amount)


def _with_sign(text: str, amount: float) -> str:
    return f"{'+' if amount > 0 else MINUS}{text}" if amount else ""


def _since(period: Period, before: Period) -> Words:
    until = before.until
    if before.start == period.start:
        return Words(f"since {format_day(until, 'en')}", f"depuis le {format_day(until, 'fr')}")
    start = before.start or until
    if (start, until) == (date(until.year, 1, 1), date(until.year, 12, 31)):
        return Words(f"compared with {until.year}", f"par rapport à {until.year}")
    return Words(
        f"compared with {format_day(start, 'en')} to {format_day(until, 'en')}",
        f"par rapport à la période du {format_day(start, 'fr')} au {format_day(until, 'fr')}",
    )
