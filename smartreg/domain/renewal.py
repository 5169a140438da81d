"""The term of a convention, its tacit renewal, and notice. Periods: ISO 8601, in years, months, weeks and days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from smartreg.core.values import Json
from smartreg.domain.days import day_of, days_later, last_of_month, months_later

UNTIL, ENDED = "effective_until", "terminated_on"

Terms = Mapping[str, Json]
_PERIOD = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?")


def term_end(terms: Terms) -> date | None:
    """The last day of the term, including all future tacit renewals; None without a known end."""
    until, ends = day_of(terms.get(UNTIL)), list(_ends(terms))
    if not ends:
        return until
    return None if _limit(terms) is None else ends[-1]


def notice_days(terms: Terms) -> Iterator[tuple[date, date]]:
    """The end of each term that is tacitly renewed, and the day by which to give notice against it: the calendar day,
    counted back. At the end of a month a notice of a few days later may still have run by then (`term_ended_by`)."""
    notice = _renewal_notice(terms)
    for end in _renewable_ends(terms):
        yield end, later(end, notice, -1) or end


def missed_term(terms: Terms, given: date) -> tuple[date, date] | None:
    """The end of the term for which a notice against renewal given on a day comes too late, and the day by which it was
    to be given; None if it is in time, or if that term is the last."""
    running = next(((end, latest) for end, latest in notice_days(terms) if given <= end), None)
    return running if running is not None and term_ended_by(terms, given) != running[0] else None


def term_ended_by(terms: Terms, given: date) -> date | None:
    """The end of the first term by which a notice against renewal given on a day has run; None if no renewal is left
    that it could prevent."""
    run = notice_end(given, _renewal_notice(terms)) or given
    return next((end for end in _renewable_ends(terms) if run <= end), None)


def until_after_notice(terms: Terms, given: date) -> Json:
    """The last day after notice was given: the end of the first term for which it came in time."""
    in_time = term_ended_by(terms, given) or term_end(terms)
    return in_time.isoformat() if in_time is not None else None


def _renewal_notice(terms: Terms) -> Json:
    renewal = terms.get("renewal")
    return renewal.get("notice") if isinstance(renewal, Mapping) else None


def _renewable_ends(terms: Terms) -> list[date]:
    """The ends that a renewal follows unless notice is given."""
    ends = list(_ends(terms))
    return ends[:-1] if _limit(terms) is not None else ends


MOST_TERMS = 100
"""Maximum number of renewals considered where the convention sets no limit."""


def _limit(terms: Terms) -> int | None:
    renewal = terms.get("renewal")
    most = renewal.get("at_most") if isinstance(renewal, Mapping) else None
    return most if isinstance(most, int) and not isinstance(most, bool) and most >= 0 else None


def _ends(terms: Terms) -> Iterator[date]:
    """The end of the first term and of each tacit renewal; nothing without tacit renewal."""
    until, renewal = day_of(terms.get(UNTIL)), terms.get("renewal")
    if until is None or not isinstance(renewal, Mapping) or renewal.get("tacit") is not True:
        return
    yield until
    limit = _limit(terms)
    for count in range(1, (MOST_TERMS if limit is None else min(limit, MOST_TERMS)) + 1):
        end = _renewed_until(until, renewal.get("period"), count)
        if end is None or end <= until:
            return
        yield end


def _renewed_until(until: date, period: Json, times: int) -> date | None:
    """The end of a term after `times` renewals, counted from the end of the first one. A term that ends on the last day
    of a month and is renewed by months or years ends on the last day of its month."""
    end, months = later(until, period, times), _PERIOD.fullmatch(period) if isinstance(period, str) else None
    if end is None or months is None or months[3] or months[4] or until != last_of_month(until):
        return end
    return last_of_month(end)


def later(start: date, period: Json, times: int = 1) -> date | None:
    """`times` an ISO 8601 period of years, months, weeks and days after a day; None if it is not such a period."""
    parts = _PERIOD.fullmatch(period) if isinstance(period, str) else None
    if parts is None or not any(parts.groups()):
        return None
    years, months, weeks, days = (int(part or 0) * times for part in parts.groups())
    return days_later(months_later(start, 12 * years + months), 7 * weeks + days)


def notice_end(given: date, notice: Json) -> date | None:
    """The last day of a notice given on a day. `notice`: an ISO 8601 period of calendar years, months, weeks and days,
    or a number of days (None: no notice). Returns None if it is neither. The day on which it is given does not count; a
    period in months ends on the day of the same number, else on the last day of the month, at midnight (French code of
    civil procedure, articles 641 and 642)."""
    if isinstance(notice, str):
        return later(given, notice)
    if notice is None:
        return given
    return days_later(given, notice) if isinstance(notice, int) and not isinstance(notice, bool) else None


def earliest_termination(given: date, notice: Json) -> date | None:
    """The first day on which a convention may no longer be in force, by a notice given on a day: the day after the
    notice has run; without notice, that day itself. None as for `notice_end`."""
    last = notice_end(given, notice)
    return last if last is None or notice is None else days_later(last, 1)


def termination_notice(terms: Terms) -> Json:
    """The notice that one side must give before the end: `termination.notice`, else `notice_days`."""
    clause = terms.get("termination")
    agreed = clause.get("notice") if isinstance(clause, Mapping) else None
    return terms.get("notice_days") if agreed is None else agreed
