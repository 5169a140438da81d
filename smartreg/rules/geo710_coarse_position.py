"""Position with too few decimals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from smartreg.core.values import Record, Words, value_at
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.positions import believable
from smartreg.rules.rule import rule

ENOUGH, ENOUGH_SURVEYED = 4, 3
SURVEYED = ("A", "B")
"""The classes of DT-DICT for 40 cm and 1.5 m."""
_ABOUT = (  # by decimals: a degree of latitude is 111 km
    Words("100 km", "100 km"),
    Words("10 km", "10 km"),
    Words("1 km", "1 km"),
    Words("100 m", "100 m"),
)


@rule("GEO710", "warning", "record", Words("position with few decimals", "position trop peu précise"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    place = believable(record, context)
    if place is None:
        return
    decimals = max(*map(_decimals, place), context.decimals.get(record.rid, 0))
    if decimals < (ENOUGH_SURVEYED if _is_surveyed(record) else ENOUGH):
        about = _ABOUT[decimals]
        lon, lat = (f"{value:.12g}" for value in place)
        yield Fault(
            at(record, "location"),
            Words(f"{lon}, {lat} is precise to about {about.en}", f"{lon}, {lat} n'est précis qu'à {about.fr} environ"),
            _hint(record.rid.id, decimals),
        )


def _is_surveyed(record: Record) -> bool:
    return value_at(record.data, ("location", "accuracy_class")) in SURVEYED


def _hint(id: str, decimals: int) -> Words:
    if decimals < ENOUGH_SURVEYED:
        return Words("give five decimals (about one metre)", "donnez cinq décimales (un mètre environ)")
    return Words(
        "give five decimals (about one metre); where the digits left out are zeros, the class of the survey says so "
        f"(smartreg set {id} location.accuracy_class=B)",
        "donnez cinq décimales (un mètre environ) ; si les chiffres omis sont des zéros, la classe de précision du "
        f"relevé le dit (smartreg set {id} location.accuracy_class=B)",
    )


def _decimals(value: float) -> int:
    """The number of decimals; none if it is an integer."""
    decimals = repr(value).partition(".")[2]
    if decimals.isdecimal():
        return len(decimals.rstrip("0"))
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
