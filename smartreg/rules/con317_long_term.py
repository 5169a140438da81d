"""Convention for more than twelve years."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import path_of_term
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.conventions import KIND
from smartreg.domain.titles import title
from smartreg.rules.rule import rule

YEARS = 12


@rule("CON317", "warning", "record", Words("very long term", "durée très longue"), kinds=(KIND,))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    own = title(record)
    if own.start is None or own.until is None:
        return
    latest = (own.start.year + YEARS, own.start.month, own.start.day)
    if (own.until.year, own.until.month, own.until.day) > latest:
        yield Fault(
            at(record, *path_of_term(record, "effective_until")),
            Words(
                f"effective_until {own.until} is more than {YEARS} years after {own.start}",
                f"effective_until {own.until} dépasse de plus de {YEARS} ans le {own.start}",
            ),
            Words(
                "occupation of public property is temporary; check the term",
                "l'occupation du domaine public est temporaire ; vérifiez le terme",
            ),
        )
