"""Position far from its commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.boundaries import distance_by_centres, name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.numbers import metres
from smartreg.domain.positions import correct_position, looks_like_latitude, position_in_life
from smartreg.registry import Point
from smartreg.rules.rule import one_of, rule

MOST_M = 50_000


@rule(
    "GEO717",
    "warning",
    "registry",
    Message("far from its commune"),
    kinds=("support", "equipment"),
    asks=one_of("location"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = position_in_life(record, context)
        nearest = distance_by_centres(registry, record, place, MOST_M) if place is not None else None
        if place is not None and nearest is not None and nearest.metres > MOST_M:
            far, name = metres(nearest.metres), name_commune(nearest.code)
            yield Fault(
                at(record, "location"),
                Message(
                    "the point is {far} from {name}: more than {most_m} km", far=far, name=name, most_m=MOST_M // 1000
                ),
                _hint(registry, record, place),
            )


def _hint(registry: Snapshot, record: Record, place: Point) -> Text:
    lon, lat = (format(degrees, ".10g") for degrees in place)
    swapped = distance_by_centres(registry, record, place[::-1], MOST_M) if abs(place[0]) <= 90 else None
    if swapped is not None and swapped.metres <= MOST_M:
        return Message("is it lon {lat}, lat {lon}?", lat=lat, lon=lon)
    if looks_like_latitude(place[0]):
        return Message("lon {lon} looks like a latitude: correct the longitude", lon=lon)
    return correct_position(record)
