"""Serial number that two pieces of equipment of one manufacturer share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.fields import has_ended, state, text
from smartreg.rules.rule import rule

FIELD = "serial_number"


@rule(
    "REF205",
    "error",
    "registry",
    Message("serial number twice"),
    kinds=("equipment",),
    indexed=(("equipment", FIELD),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    def maker(record: Record) -> str | None:
        name = text(record, "manufacturer")
        return None if name is None or has_ended(registry, record) else name.casefold()

    for clash in clashes(registry, subjects, FIELD, maker):
        other, status = clash.others[0].rid.id, state(registry, clash.others[0])
        if clash.more:
            message = Message(
                "{field} {shown} of the same manufacturer is already taken by {other} ({status}) and {more} more",
                field=FIELD,
                shown=clash.shown,
                other=other,
                status=status,
                more=clash.more,
            )
        else:
            message = Message(
                "{field} {shown} of the same manufacturer is already taken by {other} ({status})",
                field=FIELD,
                shown=clash.shown,
                other=other,
                status=status,
            )
        yield Fault(
            at(clash.record, FIELD),
            message,
            Message('read the label again; if the device moved, set the other record to removed and add "replaces"'),
            clash.related,
        )
