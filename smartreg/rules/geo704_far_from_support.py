"""Equipment far from its support."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.mounted import support_of
from smartreg.domain.numbers import metres
from smartreg.domain.positions import believable, position_in_life
from smartreg.registry import distance_m
from smartreg.rules.rule import rule

ELSEWHERE_M = 500


@rule("GEO704", "warning", "registry", Message("far from its support"), kinds=("equipment",), grades_errors=True)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    allowed = context.config.thresholds.support_distance_m
    for record in subjects:
        place = position_in_life(record, context)
        support = support_of(registry, record) if place else None
        stand = believable(support, context) if support else None
        if place is None or support is None or stand is None:
            continue
        distance = distance_m(place, stand)
        if distance > allowed:
            yield _far_apart(record, support, distance)


def _far_apart(record: Record, support: Record, distance: float) -> Fault:
    far, id = metres(distance), support.rid.id
    return Fault(
        at(record, "location"),
        Message("the equipment is {far} from its support {id}", far=far, id=id),
        Message("correct the position or the support, or leave location out"),
        (Related(at(support, "location"), Message("the support is here")),),
        "error" if distance > ELSEWHERE_M else None,
    )
