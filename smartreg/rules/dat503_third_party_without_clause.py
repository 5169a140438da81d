"""Third party in a flow that has not accepted the interface clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.data_cover import DataCover, flows_reached
from smartreg.domain.days import day_of
from smartreg.domain.fields import in_service, text
from smartreg.domain.flows import Participant, participants, third
from smartreg.domain.successions import parties_on
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


@rule(
    "DAT503",
    "error",
    "registry",
    Message("third party without interface clause"),
    kinds=("flow",),
    touches=flows_reached,
    dated=True,
    advises=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    cover = DataCover(registry, context.on)
    for flow in subjects:
        if in_service(registry, flow):
            for participant in participants(flow):
                if third(registry, participant.party) is not None:
                    conventions = cover.of_flow(flow)
                    parties = {participant.party, *parties_on(registry, participant.party, context.on)}
                    if conventions is not None and not any(
                        _binds(title, party, context) for title in conventions for party in parties
                    ):
                        yield _no_clause(flow, participant, conventions, context)


def _binds(title: Title, party: str, context: Context) -> bool:
    if party in title.bound:
        return True
    accepted = day_of(title.admitted.get(party, {}).get("interface_clause_on"))
    return accepted is not None and accepted <= context.on


def _no_clause(flow: Record, participant: Participant, conventions: Sequence[Title], context: Context) -> Fault:
    id, producer = participant.party, text(flow, "producer")
    ids = [title.id for title in conventions if text(flow, "convention") or producer in title.bound]
    line = f"smartreg annex {ids[0]} FILE --kind interface_clause --party {id} --on DATE --title TITLE" if ids else ""
    return Fault(
        at(flow, *participant.path),
        Message("{id} is a third party and has accepted no interface clause by {on}", id=id, on=context.on),
        Message("record the clause that it accepted: {line}", line=line)
        if line
        else Message(
            "record the convention on data that admits it (smartreg add-convention), or take it out of the flow"
        ),
    )
