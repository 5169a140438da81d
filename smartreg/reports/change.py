"""What changed in the headline of each figure since an earlier period: the one of the same length before it, or for a
long or open one, the same up to a year ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from smartreg.core.messages import Message, Text
from smartreg.domain.days import days_later, months_later
from smartreg.reports.figure import Figure, Measure
from smartreg.reports.material import Period
from smartreg.reports.typography import typeset
from smartreg.reports.wording import DECIMALS, MINUS, day_words, decimals_of, quantity, value_words

YEAR = 12  # months
# The measure of each figure whose change is stated.
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
    "B11": "without_convention",
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
) -> Mapping[str, Text]:
    """By figure: how its headline changed, where it has a value then and now."""
    then = {figure.code: headline_of(figure) for figure in earlier}
    both = {figure.code: (headline_of(figure), then.get(figure.code)) for figure in figures}
    return {
        code: typeset(_change(now, old, period, before))
        for code, (now, old) in both.items()
        if now is not None and old is not None
    }


def headline_of(figure: Figure) -> Measure | None:
    """The measure that leads a figure, if it has a number."""
    key = HEADLINES.get(figure.code)
    headline = next((measure for measure in figure.measures if measure.key == key), None)
    if headline is None or headline.value is None or isinstance(headline.value, str) or headline.kind == "label":
        return None
    return headline


def _change(now: Measure, old: Measure, period: Period, before: Period) -> Text:
    """`+3.2 points since 31 December 2024`."""
    change = _difference(now, float(now.value) - float(old.value))  # type: ignore[arg-type]
    if before.start == period.start:
        day = day_words(before.until)
        if change is None:
            return Message("no change since {day}", day=day)
        return Message("{change} since {day}", change=change, day=day)
    start, until = before.start or before.until, before.until
    year = until.year
    if (start, until) == (date(year, 1, 1), date(year, 12, 31)):
        if change is None:
            return Message("no change compared with {year}", year=year)
        return Message("{change} compared with {year}", change=change, year=year)
    if change is None:
        sentence = Message("no change compared with {start} to {until}")
    else:
        sentence = Message("{change} compared with {start} to {until}")
    return sentence.fill(change=change, start=day_words(start), until=day_words(until))


def _difference(measure: Measure, difference: float) -> Text | None:
    """A difference with its sign; None where it is nothing at the decimals that people see."""
    if measure.kind == "share":
        difference = round(100 * difference, DECIMALS["share"])
        amount = quantity(abs(difference), DECIMALS["share"], Message("point"), Message("points"))
    else:
        difference = round(difference, decimals_of(measure.kind, (difference,)))
        amount = value_words(measure.kind, abs(difference))
    if not difference:
        return None
    sign = "+" if difference > 0 else MINUS
    return Message("{sign}{amount}", sign=sign, amount=amount)
