"""Succession of parties that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.core.messages import Message, Text
from smartreg.core.values import KeyPath, Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.successions import PARTY, SUCCESSORS, Succession, Successions, of_party, successions
from smartreg.rules.rule import rule


@rule("REF226", "error", "registry", Message("impossible succession"), kinds=(PARTY,))
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
                hint = Message("correct the day or the party, as the act says")
                yield Fault(at(record, *path), why, hint)


def _reason(known: Successions, party: str, heir: str, found: Succession | None) -> Text | None:
    """Why the second cannot take the place of the first; None if it can."""
    if party == heir:
        return Message("{party} cannot take its own place", party=party)
    if party in known.descendants(heir):
        return Message(
            "{heir} cannot take the place of {party}, which took the place of {heir}", heir=heir, party=party
        )
    if found is None:
        return Message(
            "from which day {heir} takes the place of {party} is not said: give from, or ended_on of {party}",
            heir=heir,
            party=party,
        )
    ended = known.ends.get(party)
    if ended is not None and found.start > ended:
        return Message(
            "{heir} takes the place of {party} only from {start}, but {party} ended on {ended}",
            heir=heir,
            party=party,
            start=found.start,
            ended=ended,
        )
    if known.has_ended(heir, found.start):
        return Message(
            "{heir} ended on {heir2}, before it could take the place of {party} on {start}",
            heir=heir,
            heir2=known.ends[heir],
            party=party,
            start=found.start,
        )
    return None
