"""What happened to a record's subject, and when, according to the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from smartreg.core.values import Record
from smartreg.domain.checks import Context
from smartreg.domain.days import day_of
from smartreg.domain.fields import TextAt, name_of, texts_where
from smartreg.schema import Field

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


def _is_fact(field: Field) -> bool:
    return is_date(field) and (name_of(field.path) in _FACTS or field.path in _DATED_LISTS)


_facts = texts_where(_is_fact)


def facts(record: Record, context: Context) -> Sequence[TextAt]:
    """The dates of past events (installed, confirmed, an event …), without planned ends or terms."""
    return _facts(record, context)


def last_known(record: Record, context: Context) -> date | None:
    """The latest day, up to the reference date, that the record itself gives for anything that happened to it."""
    return max(_until(facts(record, context), context.on), default=None)


def last_news(record: Record, context: Context, fresh: date) -> date | None:
    """The latest day, up to the reference date, that the record or the history of Git gives for it. The history is read
    only if the record itself gives none from `fresh` on."""
    known = last_known(record, context)
    if known is not None and known >= fresh:
        return known
    return max((day for day in (known, context.last_touched(record)) if day is not None), default=None)


def _until(texts: Sequence[TextAt], on: date) -> Iterator[date]:
    return (found for _, text in texts if (found := day_of(text)) is not None and found <= on)
