"""SIREN that two parties share, or INSEE code that two communes share; of other countries the codes in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import Group, clashes
from smartreg.domain.fields import is_municipality
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule


def _any_party(_record: Record) -> bool:
    return True


def _commune(record: Record) -> bool | None:
    return True if is_municipality(record) else None


GROUPS: tuple[tuple[str, Group], ...] = (
    *(("siren", _any_party), ("insee_code", _commune)),
    *(("register_code", _any_party), ("official_code", _commune)),
)


@rule(
    "REF207",
    "error",
    "registry",
    Message("official code twice"),
    kinds=("party",),
    indexed=tuple(("party", field) for field, _ in GROUPS),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    parties = list(subjects)
    for field, group in GROUPS:
        for shared in clashes(registry, parties, field, group):
            clash = shared._replace(
                others=tuple(holder for holder in shared.others if _overlap(registry, shared.record, holder))
            )
            if not clash.others:
                continue
            id, other = clash.record.rid.id, clash.others[0].rid.id
            if clash.more:
                message = Message(
                    "{id} and {other} and {more} more have the same {field}, {shown}",
                    id=id,
                    other=other,
                    more=clash.more,
                    field=field,
                    shown=clash.shown,
                )
            else:
                message = Message(
                    "{id} and {other} have the same {field}, {shown}",
                    id=id,
                    other=other,
                    field=field,
                    shown=clash.shown,
                )
            yield Fault(
                at(clash.record, field),
                message,
                Message(
                    "if one took the other's place, record the end of the first (ended_on, then successors); if they "
                    "are one body, keep one record; or correct the code"
                ),
                clash.related,
            )


def _overlap(registry: Snapshot, one: Record, other: Record) -> bool:
    """Whether both may exist on one day: neither has ended before the other took its place, or before the registry says
    who did."""
    lineage = successions(registry)
    for first, second in ((one.rid.id, other.rid.id), (other.rid.id, one.rid.id)):
        line = lineage.descendants(first)
        open_end = any(party in lineage.ends and party not in lineage.heirs for party in line)
        if first in lineage.ends and (second in line or open_end):
            return False
    return True
