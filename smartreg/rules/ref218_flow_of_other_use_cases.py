"""Flow that shares no use case with its equipment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message, first_few
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import texts
from smartreg.rules.rule import rule

MOST_SHOWN = 5


@rule("REF218", "warning", "registry", Message("flow of other use cases"), kinds=("flow",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        own = set(texts(record, "use_cases"))
        theirs = _other_use_cases(registry, record, own) if own else None
        if theirs:
            flow, equipment = (f"[{first_few(sorted(ids), MOST_SHOWN)}]" for ids in (own, theirs))
            yield Fault(
                at(record, "use_cases"),
                Message(
                    "use_cases {flow} of this flow are not among those of its equipment, {equipment}",
                    flow=flow,
                    equipment=equipment,
                ),
                Message("correct equipment or use_cases, or add the use case to the equipment"),
            )


def _other_use_cases(registry: Snapshot, flow: Record, own: set[str]) -> set[str] | None:
    """The use cases of the flow's equipment; None as soon as one of them is the flow's own."""
    use_cases: set[str] = set()
    for id in texts(flow, "equipment"):
        equipment = registry.get(RecordId("equipment", id))
        theirs = texts(equipment, "use_cases") if equipment else ()
        if own.intersection(theirs):
            return None
        use_cases.update(theirs)
    return use_cases
