"""Position that is the centre of a commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.boundaries import boundaries, name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.positions import believable
from smartreg.rules.rule import rule


@rule(
    "GEO711",
    "warning",
    "registry",
    Words("centre of a commune", "centre d'une commune"),
    kinds=("support", "equipment"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        known = boundaries(registry) if place else None
        code = known.centre_at(place) if known and place else None
        if code is not None:
            noun = registry.schemas.kinds[record.rid.kind].title.en.lower()
            yield Fault(
                at(record, "location"),
                Words(
                    f"this is the centre of {name_commune(code)}, not the {noun}",
                    f"c'est le centre de {name_commune(code)}, pas une position relevée",
                ),
                Words("read the position on a map or on the spot", "relevez la position sur une carte ou sur place"),
            )
