"""Convention in force with a party that has ended and that nobody succeeded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import conventions_reached, titles
from smartreg.domain.successions import successions
from smartreg.domain.titles import version_on
from smartreg.rules.rule import rule


@rule(
    "CON334",
    "warning",
    "registry",
    Message("party ended without successor"),
    kinds=("convention",),
    touches=conventions_reached,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    lineage, on = successions(registry), context.on
    for record in subjects if lineage.ends else ():
        version = version_on(titles(registry).versions(record), on)
        gone = [party for party in sorted(version.parties) if lineage.has_ended(party, on)]
        for party in gone if version.in_force(on) else ():
            ended = registry.get(RecordId("party", party))
            related = (Related(at(ended, "ended_on"), Message("its end")),) if ended is not None else ()
            yield Fault(
                at(record, "parties"),
                Message(
                    "{party} ended on {party2} and nobody has taken its place", party=party, party2=lineage.ends[party]
                ),
                Message(
                    "record its successors (smartreg set {party} 'successors=[…]'), or end the convention (smartreg "
                    "terminate {record} --on {party2})",
                    party=party,
                    record=record.rid.id,
                    party2=lineage.ends[party],
                ),
                related,
            )
