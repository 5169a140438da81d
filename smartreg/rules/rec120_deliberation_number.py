"""Deliberation number in a form that its body does not use, or with another year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema.gate import gate
from smartreg.schema.settings import FILE

_LONGEST_PATTERN, _LONGEST_NUMBER = 500, 200
_YEAR = "(?P<year>"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS_IN = (re.compile(r"(?=([0-9]{4}))"), re.compile(r"(?=([0-9]{2}))"))


@rule(
    "REC120",
    "warning",
    "record",
    Message("Deliberation number with the wrong form or year"),
    kinds=("deliberation",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    number, body, date = (record.data.get(name) for name in ("number", "body", "date"))
    if not isinstance(number, str) or not isinstance(body, str) or body not in context.config.deliberation_numbers:
        return
    pattern = context.config.deliberation_numbers[body]
    if len(number) > _LONGEST_NUMBER or not _matcher(body, pattern)(number):
        yield Fault(
            at(record, "number"),
            Message(
                "number {number} is not written as {body} writes its deliberations",
                number=number[:_LONGEST_NUMBER],
                body=body,
            ),
            Message("the form is {pattern}", pattern=pattern),
        )
    elif _YEAR in pattern and isinstance(date, str) and _DATE.fullmatch(date):
        carried = _year_in(body, pattern, number, date[:4])
        if carried is not None and not date[:4].endswith(carried):
            year = carried if len(carried) == 4 else f"20{carried}"
            yield Fault(
                at(record, "number"),
                Message("{number} carries year {year} but date is {date}", number=number, year=year, date=date),
                Message("correct one of them"),
            )


def _year_in(body: str, pattern: str, number: str, expected: str) -> str | None:
    """The year in a number, `expected` if it fits; None when there is none.

    Only the linear engine runs patterns from the settings, and it returns no groups: the year is the digits that fit
    the group and with which, in its place, the pattern still matches."""
    before, group, after = _around_year(pattern)
    candidates = (expected, expected[2:], *(digits for years in _YEARS_IN for digits in years.findall(number)))
    fitting = (digits for digits in dict.fromkeys(candidates) if _matcher(body, f"^(?:{group})$")(digits))
    return next((digits for digits in fitting if _matcher(body, f"{before}{digits}{after}")(number)), None)


def _around_year(pattern: str) -> tuple[str, str, str]:
    """The parts before, in and after the group `year`."""
    start = pattern.index(_YEAR)
    inside = place = start + len(_YEAR)
    depth, in_class = 1, False
    while place < len(pattern) and depth:
        sign = pattern[place]
        if sign == "\\":
            place += 1
        elif in_class or sign == "[":
            in_class = sign != "]"
        else:
            depth += (sign == "(") - (sign == ")")
        place += 1
    return pattern[:start], pattern[inside : place - 1], pattern[place:]


@lru_cache(maxsize=512)
def _matcher(body: str, pattern: object) -> Callable[[str], bool]:
    """A linear matcher. Raises UsageFault if the settings contain anything but a linear pattern of bounded length."""
    if isinstance(pattern, str) and len(pattern) <= _LONGEST_PATTERN:
        try:
            return gate("pattern", {"pattern": pattern})
        except UsageFault:
            pass
    raise UsageFault(
        Message("{file}: deliberation_numbers.{body}: not a regular expression that can be used", file=FILE, body=body),
        Message(
            "write a pattern of at most {longest_pattern} characters, without look-around or back-reference",
            longest_pattern=_LONGEST_PATTERN,
        ),
    )
