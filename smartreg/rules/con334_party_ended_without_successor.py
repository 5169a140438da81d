"""Convention in force with a party that has ended and that nobody succeeded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import KIND, conventions_reached, titles
from smartreg.domain.successions import successions
from smartreg.domain.titles import version_on
from smartreg.rules.rule import rule


@rule(
    "CON334",
    "warning",
    "registry",
    Words("party ended without successor", "partie disparue sans successeur"),
    kinds=(KIND,),
    touches=conventions_reached,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    known, on = successions(registry), context.on
    for record in subjects if known.ends else ():
        version = version_on(titles(registry).versions(record), on)
        gone = [party for party in sorted(version.parties) if known.has_ended(party, on)]
        for party in gone if version.in_force(on) else ():
            ended = registry.get(RecordId("party", party))
            related = (Related(at(ended, "ended_on"), Words("its end", "sa fin")),) if ended is not None else ()
            yield Fault(
                at(record, "parties"),
                Words(
                    f"{party} ended on {known.ends[party]} and nobody has taken its place",
                    f"{party} a pris fin le {known.ends[party]} et personne n'a pris sa place",
                ),
                Words(
                    f"record its successors (smartreg set {party} 'successors=[…]'), or end the convention (smartreg"
                    f" terminate {record.rid.id} --on {known.ends[party]})",
                    f"saisissez ses successeurs (smartreg set {party} 'successors=[…]'), ou mettez fin à la convention"
                    f" (smartreg terminate {record.rid.id} --on {known.ends[party]})",
                ),
                related,
            )
