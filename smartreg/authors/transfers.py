"""Records that change hands in a branch, and which of both sides have agreed.

A side agrees with a commit of its own, made when the record already says who owns it in the end: the one that changes
it, another that does, or one whose message names it (`Smartreg-Record`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from smartreg.authors.commits import Doing
from smartreg.authors.writers import Writers
from smartreg.frozen import dataclass
from smartreg.registry import Registry
from smartreg.values import KeyPath, RecordId


@dataclass(frozen=True)
class Transfer:
    """A record of the base with other owners: the field, who gives and who receives, and the sides that have not
    agreed."""

    rid: RecordId
    file: str
    field: str
    giving: frozenset[RecordId]
    receiving: frozenset[RecordId]
    missing: frozenset[RecordId]

    @property
    def path(self) -> KeyPath:
        return (self.field.partition("[")[0].partition(".")[0],)


def transfers(writers: Writers, after: Registry, doings: Sequence[Doing]) -> Mapping[RecordId, Transfer]:
    """The records whose holders the branch changes, of those that are there before and after."""
    rids = dict.fromkeys(rid for doing in doings for rid in doing.records if rid in writers.base and rid in after)
    return {rid: found for rid in rids if (found := _transfer(writers, after, rid, doings)) is not None}


def _transfer(writers: Writers, after: Registry, rid: RecordId, doings: Sequence[Doing]) -> Transfer | None:
    old, new = writers.base.get(rid), after.get(rid)
    if old is None or new is None:
        return None
    field = writers.title(rid.kind, old.data, new.data)
    if field is None:
        return None
    was, now = (writers.holders(rid.kind, field, side.data) for side in (old, new))
    giving, receiving = was - now, now - was
    if not giving and not receiving:
        return None
    agreed = list(_agreeing(writers, rid, (field, now), doings))
    missing: Iterable[RecordId] = [
        party
        for party in sorted((giving or was) | (receiving or now))
        if not any(speaking & writers.answerable({party}) for speaking in agreed)
    ]
    return Transfer(rid, new.file, field, giving, receiving, frozenset(missing))


def _agreeing(
    writers: Writers, rid: RecordId, final: tuple[str, frozenset[RecordId]], doings: Sequence[Doing]
) -> Iterator[frozenset[RecordId]]:
    """For whom each commit speaks that is about the record and leaves it to those who hold it in the end."""
    field, holders = final
    settled = False
    for doing in doings:
        if rid in doing.records:
            now = doing.records[rid][1]
            settled = now is not None and writers.holders(rid.kind, field, now) == holders
        if settled and (rid in doing.records or doing.named & {str(rid), rid.id}):
            yield doing.author.proven | doing.author.hinted
