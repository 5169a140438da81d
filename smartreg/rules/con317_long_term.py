"""Convention for more than twelve years."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.acts import path_of_term
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.titles import title
from smartreg.rules.rule import rule

YEARS = 12


@rule("CON317", "warning", "record", Message("very long term"), kinds=("convention",), law="FR")
def check(record: Record, _context: Context) -> Iterator[Fault]:
    convention = title(record)
    if convention.start is None or convention.until is None:
        return
    latest = (convention.start.year + YEARS, convention.start.month, convention.start.day)
    if (convention.until.year, convention.until.month, convention.until.day) > latest:
        yield Fault(
            at(record, *path_of_term(record, "effective_until")),
            Message(
                "effective_until {until} is more than {years} years after {start}",
                until=convention.until,
                years=YEARS,
                start=convention.start,
            ),
            Message("occupation of public property is temporary; check the term"),
        )
