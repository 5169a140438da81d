"""Position that is the centre of a commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import SOURCE, Message
from smartreg.core.values import Record
from smartreg.domain.boundaries import boundaries
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.positions import position_in_life
from smartreg.rules.rule import one_of, rule


@rule(
    "GEO711",
    "warning",
    "registry",
    Message("centre of a commune"),
    kinds=("support", "equipment"),
    asks=one_of("location"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = position_in_life(record, context)
        borders = boundaries(registry) if place else None
        code = borders.centre_at(place) if borders and place else None
        if code is not None and borders is not None:
            noun = registry.schemas.kinds[record.rid.kind].title.in_(SOURCE).lower()
            yield Fault(
                at(record, "location"),
                Message("this is the centre of {code}, not the {noun}", code=borders.name(code), noun=noun),
                Message("read the position on a map or on the spot"),
            )
