"""Dates of a life cycle out of order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import day
from smartreg.rules.rule import one_of, rule

LIVES = (
    ("installed_on", "decommissioned_on", "removed_on"),
    ("installed_on", "installed_before"),
    ("started_on", "ended_on"),
    ("signed_on", "terminated_on"),
)


@rule(
    "LIF602",
    "error",
    "record",
    Message("dates not in order"),
    asks=one_of(*(name for life in LIVES for name in life[1:])),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    for life in LIVES:
        given = [name for name in life if name in record.data]
        if len(given) < 2:  # as in most records: nothing to compare
            continue
        dated = [(name, given_day) for name in given if (given_day := day(record, name)) is not None]
        for (before, earlier), (after, later) in pairwise(dated):
            if later < earlier:
                yield Fault(
                    at(record, after),
                    Message(
                        "{after} {later} is before {before} {earlier}",
                        after=after,
                        later=later,
                        before=before,
                        earlier=earlier,
                    ),
                    Message("correct one of the two dates"),
                    (Related(at(record, before), Message("the earlier date")),),
                )
