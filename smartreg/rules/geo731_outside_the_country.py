"""Position outside the country."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.positions import correct_position, lies_in, position_in_life
from smartreg.rules.rule import one_of, rule
from smartreg.schema.countries import country_named


@rule(
    "GEO731",
    "warning",
    "record",
    Message("outside the country"),
    kinds=("support", "equipment"),
    asks=one_of("location"),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    country = country_named(context.config.country)
    place = position_in_life(record, context) if country.bounds else None
    if place is not None and not lies_in(country, *place):
        yield Fault(
            at(record, "location"),
            Message("the point is not in {country}", country=country.name),
            correct_position(record),
        )
