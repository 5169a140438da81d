"""Succession of parties that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.core.values import KeyPath, Record, RecordId, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.successions import PARTY, SUCCESSORS, Succession, Successions, of_party, successions
from smartreg.rules.rule import rule


@rule(
    "REF226",
    "error",
    "registry",
    Words("impossible succession", "succession impossible"),
    kinds=(PARTY,),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    known = successions(registry)
    for record in subjects:
        dated = {one.path[1]: one for one in of_party(record)}
        items = record.data.get(SUCCESSORS)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            heir = item.get(PARTY) if isinstance(item, Mapping) else None
            if not isinstance(heir, str) or registry.get(RecordId(PARTY, heir)) is None:
                continue  # SCH101, REF201
            why = _reason(known, record.rid.id, heir, dated.get(index))
            if why is not None:
                path: KeyPath = (SUCCESSORS, index, PARTY)
                hint = Words(
                    "correct the day or the party, as the act says", "corrigez le jour ou la partie, selon l'acte"
                )
                yield Fault(at(record, *path), why, hint)


def _reason(known: Successions, party: str, heir: str, found: Succession | None) -> Words | None:
    """Why the second cannot take the place of the first; None if it can."""
    if party == heir:
        return Words(f"{party} cannot take its own place", f"{party} ne peut pas prendre sa propre place")
    if party in known.descendants(heir):
        return Words(
            f"{heir} cannot take the place of {party}, which took the place of {heir}",
            f"{heir} ne peut pas prendre la place de {party}, qui a pris celle de {heir}",
        )
    if found is None:
        return Words(
            f"from which day {heir} takes the place of {party} is not said: give from, or ended_on of {party}",
            f"depuis quel jour {heir} prend la place de {party} n'est pas dit : donnez from, ou ended_on de {party}",
        )
    ended = known.ends.get(party)
    if ended is not None and found.start > ended:
        return Words(
            f"{heir} takes the place of {party} only from {found.start}, but {party} ended on {ended}",
            f"{heir} ne prend la place de {party} que le {found.start}, mais {party} a pris fin le {ended}",
        )
    if known.has_ended(heir, found.start):
        return Words(
            f"{heir} ended on {known.ends[heir]}, before it could take the place of {party} on {found.start}",
            f"{heir} a pris fin le {known.ends[heir]}, avant de pouvoir prendre la place de {party} le {found.start}",
        )
    return None
