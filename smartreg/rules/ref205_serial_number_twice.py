"""Serial number that two pieces of equipment of one manufacturer share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.fields import has_ended, state, text
from smartreg.rules.rule import rule


@rule(
    "REF205",
    "error",
    "registry",
    Message("serial number twice"),
    kinds=("equipment",),
    indexed=(("equipment", "serial_number"),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    def maker(record: Record) -> str | None:
        name = text(record, "manufacturer")
        return None if name is None or has_ended(registry, record) else name.casefold()

    for clash in clashes(registry, subjects, "serial_number", maker):
        other, status = clash.others[0].rid.id, state(registry, clash.others[0])
        if clash.more:
            message = Message(
                "{field} {shown} of the same manufacturer is already taken by {other} ({status}) and {more} more",
                field="serial_number",
                shown=clash.shown,
                other=other,
                status=status,
                more=clash.more,
            )
        else:
            message = Message(
                "{field} {shown} of the same manufacturer is already taken by {other} ({status})",
                field="serial_number",
                shown=clash.shown,
                other=other,
                status=status,
            )
        yield Fault(
            at(clash.record, "serial_number"),
            message,
            Message('read the label again; if the device moved, set the other record to removed and add "replaces"'),
            clash.related,
        )
