"""Days and ISO 8601 durations as written in records (whole numbers, no signs), and what happened to a record's
subject on which day."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from smartreg.core.values import Json, Record
from smartreg.domain.checks import Context
from smartreg.domain.texts import TextAt, name_of, texts_where
from smartreg.schema import Field

INSTALLED, BEFORE = "installed_on", "installed_before"  # the second where the first is unknown
SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=4096)
def _parse(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if SHAPE.fullmatch(written) else None
    except ValueError:
        return None


def lies_between(on: date, start: date | None, until: date | None) -> bool:
    """Whether a day is in a range that includes both ends; None: open at that end."""
    return (start is None or start <= on) and (until is None or on <= until)


def day_of(value: Json) -> date | None:
    """The day that a value gives; None if it is not a day (SCH105 or LIF601 reports that)."""
    return _parse(value) if isinstance(value, str) else None


def day(record: Record, name: str) -> date | None:
    """The day in a top-level field; None if it is absent or not a day."""
    return day_of(record.data.get(name))


def latest_installation(record: Record) -> date | None:
    """The day on which equipment was certainly there: that of its installation, else the one before which it was
    installed; None if it gives neither."""
    return day(record, INSTALLED) or day(record, BEFORE)


def days_later(start: date, days: int) -> date:
    """`days` after `start`, at most the last representable day."""
    try:
        return start + timedelta(days=days)
    except OverflowError:
        return date.max


def months_later(start: date, months: int) -> date:
    """The same day of the month `months` after (before, when negative), or the last day of that month; clamped to the
    representable days."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if months > 0 else date.min
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def last_of_month(on: date) -> date:
    """The last day of its month."""
    return on.replace(day=monthrange(on.year, on.month)[1])


_DURATION = (
    r"P(?:([0-9]{1,9})W|(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?)"
)
_SECONDS = (7 * 86_400, 365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1)


def seconds(text: str) -> int | None:
    """The length of a duration in seconds (a year counts 365 days, a month 30); None if it is not a duration."""
    parts = re.fullmatch(_DURATION, text)
    if parts is None or not any(parts.groups()):
        return None
    return sum(int(count) * unit for count, unit in zip(parts.groups(), _SECONDS, strict=True) if count)


_FACTS = frozenset(
    {
        *("installed_on", "installed_before", "decommissioned_on", "removed_on", "started_on", "ended_on", "signed_on"),
        "placed_on",
        *("interface_clause_on", "checked_on", "last_on", "done_on", "measured_on", "confirmed_on"),
    }
)
_DATED_LISTS = frozenset(
    {
        *(("events", "[]", "date"), ("assessments", "[]", "date")),
        *(("placements", "[]", "from"), ("placements", "[]", "until"), ("previous_owners", "[]", "until")),
    }
)


def is_date(field: Field) -> bool:
    return field.kind == "string" and field.schema.get("format") == "date"


def is_fact(field: Field) -> bool:
    """Whether a field gives the day on which something happened."""
    return is_date(field) and (name_of(field.path) in _FACTS or field.path in _DATED_LISTS)


FACTS = texts_where(is_fact)


def facts(record: Record, context: Context) -> Sequence[TextAt]:
    """The dates of past events (installed, confirmed, an event …), without planned ends or terms."""
    return FACTS(record, context)


def last_known(record: Record, context: Context) -> date | None:
    """The latest day, up to the reference date, that the record itself gives for anything that happened to it."""
    days = (day_of(written) for _, written in facts(record, context))
    return max((day for day in days if day is not None and day <= context.on), default=None)


def last_news(record: Record, context: Context, fresh: date) -> date | None:
    """The latest day, up to the reference date, that the record or the history of Git gives for it. The history is read
    only if the record itself gives none from `fresh` on."""
    recorded = last_known(record, context)
    if recorded is not None and recorded >= fresh:
        return recorded
    return max((day for day in (recorded, context.last_touched(record)) if day is not None), default=None)
