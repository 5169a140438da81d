"""Convention that is not reciprocal."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.acts import current, path_of_term
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule


@rule("CON311", "warning", "record", Message("convention that is not reciprocal"), kinds=("convention",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if current(record).get("reciprocal") is False:
        yield Fault(
            at(record, *path_of_term(record, "reciprocal")),
            Message("the deliberation provides for reciprocal installation"),
            Message("correct it if the act is reciprocal"),
        )
