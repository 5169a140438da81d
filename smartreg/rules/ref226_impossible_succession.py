"""Succession of parties that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import KeyPath, Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import numbered_objects, text
from smartreg.domain.successions import PARTY, SUCCESSORS, Succession, Successions, of_party, successions
from smartreg.rules.rule import rule


@rule("REF226", "error", "registry", Message("impossible succession"), kinds=(PARTY,))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    lineage = successions(registry)
    for record in subjects:
        dated = {succession.path[1]: succession for succession in of_party(record)}
        for index, item in numbered_objects(record.data.get(SUCCESSORS)):
            heir = item.get(PARTY)
            if not isinstance(heir, str) or registry.get(RecordId(PARTY, heir)) is None:
                continue  # SCH101, REF201
            successor = registry.get(RecordId(PARTY, heir))
            why = _reason(lineage, record.rid.id, heir, dated.get(index)) or _not_by_law(record, successor)
            if why is not None:
                path: KeyPath = (SUCCESSORS, index, PARTY)
                hint = Message("correct the day or the party, as the act says")
                yield Fault(at(record, *path), why, hint)


def _reason(lineage: Successions, party: str, heir: str, succession: Succession | None) -> Text | None:
    """The reason why the second cannot take the place of the first; None if it can."""
    if party == heir:
        return Message("{party} cannot take its own place", party=party)
    if party in lineage.descendants(heir):
        return Message(
            "{heir} cannot take the place of {party}, which took the place of {heir}", heir=heir, party=party
        )
    if succession is None:
        return Message(
            "the day on which {heir} takes the place of {party} is missing: give from, or ended_on of {party}",
            heir=heir,
            party=party,
        )
    ended = lineage.ends.get(party)
    if ended is not None and succession.start > ended:
        return Message(
            "{heir} takes the place of {party} only from {start}, but {party} ended on {ended}",
            heir=heir,
            party=party,
            start=succession.start,
            ended=ended,
        )
    if lineage.has_ended(heir, succession.start):
        return Message(
            "{heir} ended on {heir2}, before it could take the place of {party} on {start}",
            heir=heir,
            heir2=lineage.ends[heir],
            party=party,
            start=succession.start,
        )
    return None


def _not_by_law(party: Record, heir: Record | None) -> Text | None:
    """A commune or a métropole is followed by another public body: nothing else takes its rights by law."""
    if heir is None or text(party, "category") not in ("commune", "metropole"):
        return None
    if text(heir, "category") not in ("parapublic", "private"):
        return None
    return Message(
        "{heir} is {category}: it cannot take the place of {party}, a public body",
        heir=heir.rid.id,
        category=text(heir, "category"),
        party=party.rid.id,
    )
