"""Days as sheets have them: in a given format, compact, with a time, or a year or month alone."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import day_in, month_called
from smartreg.importing.values import Bad
from smartreg.schema import Field

FORMAT = "SCH105"
_SIGNS = {"YYYY": "%Y", "AAAA": "%Y", "YY": "%y", "AA": "%y", "MM": "%m", "DD": "%d", "JJ": "%d"}
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?) ?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_YEAR = re.compile(r"((?:1[89]|20)[0-9]{2})")
_IN_WORDS = re.compile(r"([^\W\d_]+)\.? +([0-9]{4})")
_MONTH = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})|([0-9]{1,2})[-/.]([0-9]{4})")


class DayFormat(NamedTuple):
    """Reads days: `format` as DD/MM/YYYY or %d/%m/%Y; `rounding`: what a year or a month alone, or a moment,
    becomes; `takes_options`: whether options may say so (of an export that comes back, cells are corrected)."""

    format: str | None
    rounding: str | None
    takes_options: bool

    def read(self, field: Field, text: str) -> str | Bad:
        """The day as YYYY-MM-DD; the text itself where it is none in any form known here; Bad where it says more or
        less than a day, and nobody said what that becomes."""
        text = text.strip()
        day = self._parse(text) or _whole(text)
        if day is not None:
            return day
        moment = _MOMENT.fullmatch(text)
        if moment is not None:
            midnight = not moment[2].strip("0:.")
            return moment[1] if midnight or self._rounds else self._unsure(field, text, Message("a moment"), moment[1])
        span = _span(text)
        if span is None:
            return text
        if self._rounds:
            return span[self.rounding == "end"].isoformat()
        is_year = _YEAR.fullmatch(text) is not None
        what = Message("a year") if is_year else Message("a month")
        return self._unsure(field, text, what, span[0].isoformat())

    def _unsure(self, field: Field, text: str, what: Text, day: str) -> Bad:
        """The fault of a text that says more or less than a day, where nobody said what that becomes; `day`: one that
        it may mean."""
        hint = Message("write a day, such as {day}", day=day)
        if self.takes_options:
            hint = Message(
                "write a day, such as {day}; or for all such cells: --dates start takes the first day, --dates end the "
                "last one",
                day=day,
            )
        return Bad(
            FORMAT,
            Message('{field}: "{text}" is {what}, and must be a day', field=field.name, text=text, what=what),
            hint,
        )

    @property
    def _rounds(self) -> bool:
        return self.rounding in ("start", "end")

    def _parse(self, text: str) -> str | None:
        if self.format is None or not text:
            return None
        try:
            return datetime.strptime(text, strptime_format(self.format)).date().isoformat()  # noqa: DTZ007  a day
        except ValueError:
            return None


def strptime_format(text: str) -> str:
    """`DD/MM/YYYY`, `JJ/MM/AAAA` as strptime expects it. UsageFault for what has no day, month and year."""
    format_ = text
    if "%" not in text:
        for sign, code in _SIGNS.items():
            format_ = format_.replace(sign, code)
    if not all(any(code in format_ for code in codes) for codes in (("%d",), ("%m", "%b", "%B"), ("%y", "%Y"))):
        raise UsageFault(
            Message('--date-format "{text}" names no day, month and year', text=text),
            Message("such as --date-format DD/MM/YYYY"),
        )
    return format_


def _whole(text: str) -> str | None:
    """A day with its year first, which is unambiguous."""
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        return day_in("/".join(compact.groups()))
    return day_in(text) if text[:4].isdigit() else None


def _span(text: str) -> tuple[date, date] | None:
    """The first and the last day of a year or a month."""
    year, month = _YEAR.fullmatch(text), _MONTH.fullmatch(text)
    if year is not None:
        return date(int(year[1]), 1, 1), date(int(year[1]), 12, 31)
    words = _IN_WORDS.fullmatch(text)
    if month is not None:
        whole, part = int(month[1] or month[4]), int(month[2] or month[3])
    elif words is not None:
        whole, part = int(words[2]), month_called(words[1]) or 0
    else:
        return None
    if not (1800 <= whole < 2100 and 1 <= part <= 12):
        return None
    return date(whole, part, 1), date(whole, part, calendar.monthrange(whole, part)[1])
