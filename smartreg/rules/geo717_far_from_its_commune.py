"""Position far from its commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.boundaries import distance_by_centres, name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.numbers import metres
from smartreg.domain.positions import believable, correct_position, looks_like_latitude
from smartreg.registry import Point
from smartreg.rules.rule import rule

MOST_M = 50_000


@rule(
    "GEO717",
    "warning",
    "registry",
    Words("far from its commune", "loin de sa commune"),
    kinds=("support", "equipment"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        nearest = distance_by_centres(registry, record, place, MOST_M) if place is not None else None
        if place is not None and nearest is not None and nearest.metres > MOST_M:
            far, name = metres(nearest.metres), name_commune(nearest.code)
            yield Fault(
                at(record, "location"),
                Words(
                    f"the point is {far.en} from {name}: more than {MOST_M // 1000} km",
                    f"le point est à {far.fr} de {name} : plus de {MOST_M // 1000} km",
                ),
                _hint(registry, record, place),
            )


def _hint(registry: Snapshot, record: Record, place: Point) -> Words:
    lon, lat = place
    swapped = distance_by_centres(registry, record, (lat, lon), MOST_M) if abs(lon) <= 90 else None
    if swapped is not None and swapped.metres <= MOST_M:
        return Words(f"is it lon {lat:.10g}, lat {lon:.10g}?", f"est-ce lon {lat:.10g}, lat {lon:.10g} ?")
    if looks_like_latitude(lon):
        return Words(
            f"lon {lon:.10g} looks like a latitude: correct the longitude",
            f"lon {lon:.10g} ressemble à une latitude : corrigez la longitude",
        )
    return correct_position(record)
