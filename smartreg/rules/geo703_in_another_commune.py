"""Support in another commune than it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.boundaries import boundaries
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import code_field, code_of
from smartreg.domain.positions import position_in_life
from smartreg.rules.rule import one_of, rule


@rule(
    "GEO703",
    "warning",
    "registry",
    Message("in another commune"),
    kinds=("support",),
    asks=one_of("location"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = position_in_life(record, context)
        borders = boundaries(registry) if place else None
        code = commune_of(code_of(record) or "")
        if place is None or borders is None or code not in borders.outlines or borders.inside(place, code):
            continue
        actual = borders.commune_at(place)
        if actual is not None and borders.counts(actual):
            yield _other_commune(record, borders.name(actual), borders.name(code))


def _other_commune(record: Record, actual: str, stated: str) -> Fault:
    return Fault(
        at(record, code_field(record)),
        Message("the point is in {found}, not in {own}", found=actual, own=stated),
        Message("correct {field} or the position", field=code_field(record)),
        (Related(at(record, "location"), Message("the point")),),
    )
