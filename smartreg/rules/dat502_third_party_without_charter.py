"""Third party in a flow that has not signed the data charter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.data_cover import flows_reached
from smartreg.domain.days import day_of
from smartreg.domain.fields import in_service
from smartreg.domain.flows import Participant, participants, third
from smartreg.rules.rule import rule

SIGNED = ("data_charter", "signed_on")


@rule(
    "DAT502",
    "error",
    "registry",
    Message("third party without data charter"),
    kinds=("flow",),
    touches=flows_reached,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for flow in subjects:
        if in_service(registry, flow):
            for participant in participants(flow):
                party = third(registry, participant.party)
                signed = day_of(value_at(party.data, SIGNED)) if party else None
                if party is not None and (signed is None or signed > context.on):
                    yield _no_charter(flow, participant, party, context)


def _no_charter(flow: Record, participant: Participant, party: Record, context: Context) -> Fault:
    id = participant.party
    return Fault(
        at(flow, *participant.path),
        Message("{id} is a third party and has not signed the data charter by {on}", id=id, on=context.on),
        Message("record the date: smartreg set {id} data_charter.signed_on=YYYY-MM-DD", id=id),
        (Related(at(party, "category"), Message("its category")),),
    )
