"""Use case that ended while equipment or flows serve it alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, text, texts
from smartreg.domain.reach import linked
from smartreg.rules.rule import rule

SERVING = ("equipment", "flow")
MOST_RELATED = 5


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The records linked; of a use case, those that share with it what serves them."""
    yield from linked(registry, record)
    if record.rid.kind == "use_case":
        for link in registry.links_to(record.rid):
            user = registry.get(link.source) if link.source.kind in SERVING and link.path[0] == "use_cases" else None
            if user is not None:
                yield from (RecordId("use_case", id) for id in texts(user, "use_cases"))


@rule(
    "LIF620",
    "warning",
    "registry",
    Message("use case ended, and still served"),
    kinds=("use_case",),
    touches=_find_affected,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        serving = list(_records_serving_alone(registry, record)) if has_ended(registry, record) else []
        if serving:
            yield _still_served(record, serving)


def _records_serving_alone(registry: Snapshot, record: Record) -> Iterator[Record]:
    """The active equipment and flows that serve no continuing use case."""
    for source in sorted({link.source for link in registry.links_to(record.rid) if link.path[0] == "use_cases"}):
        user = registry.get(source) if source.kind in SERVING else None
        if user is not None and text(user, "status") == "active":
            served = (registry.get(RecordId("use_case", id)) for id in texts(user, "use_cases"))
            if all(use_case is not None and has_ended(registry, use_case) for use_case in served):
                yield user


def _still_served(record: Record, serving: list[Record]) -> Fault:
    first, more = serving[0].rid, len(serving) - 1
    if more:
        message = Message(
            "the use case has ended, but is still the only one of {first} and {more} more, in service",
            first=first,
            more=more,
        )
    else:
        message = Message("the use case has ended, but is still the only one of {first}, in service", first=first)
    return Fault(
        at(record, "status"),
        message,
        Message(
            "retire what served it (smartreg retire {first}), or name the use case that it serves now (smartreg set "
            "{first} use_cases=…)",
            first=first,
        ),
        tuple(Related(at(user, "status"), Message("it is active")) for user in serving[:MOST_RELATED]),
    )
