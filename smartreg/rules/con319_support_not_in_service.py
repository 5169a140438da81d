"""Equipment that is present on a support that is planned or out of service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import in_service, record_named_by, state, text
from smartreg.domain.placements import placement_on
from smartreg.rules.rule import one_of, rule

NOT_SERVING = frozenset({"planned", "out_of_service"})


@rule(
    "CON319",
    "warning",
    "registry",
    Message("support not in service"),
    kinds=("equipment",),
    dated=True,
    asks=one_of("support"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        support = record_named_by(registry, record, "support", "support")
        if support is None or text(support, "status") not in NOT_SERVING or not in_service(registry, record):
            continue
        place = placement_on(record, context.on)
        if place is None or place.support != support.rid.id:  # nothing gives the earlier support's status at that time
            continue
        id, own, its = support.rid.id, state(registry, record), state(registry, support)
        yield Fault(
            at(record, "support"),
            Message("support {id} is {its}, and this equipment is {own}", id=id, its=its, own=own),
            Message("correct the status of the support, or move or retire the equipment"),
            (Related(at(support, "status"), Message("its status")),),
        )
