"""Position with too few decimals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Record, value_at
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.positions import believable
from smartreg.rules.rule import one_of, rule

ENOUGH, ENOUGH_SURVEYED = 4, 3
SURVEYED = ("A", "B")
"""The classes of DT-DICT for 40 cm and 1.5 m."""
_ABOUT = (  # by decimals: a degree of latitude is 111 km
    Message("100 km"),
    Message("10 km"),
    Message("1 km"),
    verbatim("100 m"),
)


@rule("GEO710", "warning", "record", Message("position with few decimals"), asks=one_of("location"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    place = believable(record, context)
    if place is None:
        return
    decimals = max(*map(_decimals, place), context.decimals.get(record.rid, 0))
    is_surveyed = value_at(record.data, ("location", "accuracy_class")) in SURVEYED
    if decimals < (ENOUGH_SURVEYED if is_surveyed else ENOUGH):
        about = _ABOUT[decimals]
        lon, lat = (f"{value:.12g}" for value in place)
        yield Fault(
            at(record, "location"),
            Message("{lon}, {lat} is precise to about {about}", lon=lon, lat=lat, about=about),
            _hint(record.rid.id, decimals),
        )


def _hint(id: str, decimals: int) -> Text:
    if decimals < ENOUGH_SURVEYED:
        return Message("give five decimals (about one metre)")
    return Message(
        "give five decimals (about one metre); where the digits left out are zeros, the class of the survey says so "
        "(smartreg set {id} location.accuracy_class=B)",
        id=id,
    )


def _decimals(value: float) -> int:
    """The number of decimals; none if it is an integer."""
    decimals = repr(value).partition(".")[2]
    if decimals.isdecimal():
        return len(decimals.rstrip("0"))
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
