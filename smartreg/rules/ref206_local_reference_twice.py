"""Local reference that two supports of one owner share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.fields import has_ended, text
from smartreg.rules.rule import rule


@rule(
    "REF206",
    "error",
    "registry",
    Message("local reference twice"),
    kinds=("support",),
    indexed=(("support", "local_ref"),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    def owner(record: Record) -> str | None:
        return None if has_ended(registry, record) else text(record, "owner")

    for clash in clashes(registry, subjects, "local_ref", owner):
        other, whose = clash.others[0].rid.id, owner(clash.record)
        if clash.more:
            message = Message(
                "{shown} of {whose} is already support {other} and {more} more",
                shown=clash.shown,
                whose=whose,
                other=other,
                more=clash.more,
            )
        else:
            message = Message(
                "{shown} of {whose} is already support {other}", shown=clash.shown, whose=whose, other=other
            )
        yield Fault(
            at(clash.record, "local_ref"),
            message,
            Message("correct the number or the owner of one of them, or delete one if they are the same support"),
            clash.related,
        )
