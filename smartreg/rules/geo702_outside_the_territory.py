"""Position outside the territory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.boundaries import Boundaries, boundaries
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import code_of
from smartreg.domain.numbers import metres
from smartreg.domain.positions import correct_position, position_in_life
from smartreg.registry import Point, distance_m
from smartreg.rules.rule import one_of, rule


@rule(
    "GEO702",
    "error",
    "registry",
    Message("outside the territory"),
    kinds=("support", "equipment"),
    asks=one_of("location"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = position_in_life(record, context)
        borders = boundaries(registry) if place else None
        if place is not None and borders is not None:
            message = _outside(record, place, borders, context.config.thresholds.commune_distance_km * 1000)
            if message is not None:
                yield Fault(at(record, "location"), message, correct_position(record))


def _outside(record: Record, place: Point, borders: Boundaries, most: float) -> Text | None:
    """The fault of the position; None if it is in the territory, or may be."""
    if borders.in_territory(place):
        return None
    code = commune_of(code_of(record) or "")
    distance = None
    if code in borders.outlines:
        distance = borders.outlines[code].distance_m(place)
    elif code in borders.centres:
        distance = distance_m(place, borders.centres[code])
    if distance is not None and (borders.complete or distance > most):
        far, name = metres(distance), borders.name(code)
        if borders.complete:
            return Message("the point is outside the territory, {far} from {name}", far=far, name=name)
        return Message("the point is {far} from {name}", far=far, name=name)
    if borders.complete:
        return Message("the point is outside the territory")
    return None
