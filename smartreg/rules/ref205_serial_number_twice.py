"""Serial number that two pieces of equipment share, of one manufacturer or of one that is not recorded."""

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
    yield from _of_unknown_makers(registry, subjects)


def _of_unknown_makers(registry: Snapshot, subjects: Iterable[Record]) -> Iterator[Fault]:
    """A warning where two share a number and one does not say who made it: two makers may give the same."""

    def in_life(record: Record) -> bool | None:
        return None if has_ended(registry, record) else True

    for clash in clashes(registry, subjects, "serial_number", in_life):
        maker = text(clash.record, "manufacturer")
        other = next((each for each in clash.others if not maker or not text(each, "manufacturer")), None)
        if other is not None:
            yield Fault(
                at(clash.record, "serial_number"),
                Message(
                    "serial_number {shown} also stands on {other} ({status}), and a manufacturer is not recorded",
                    shown=clash.shown,
                    other=other.rid.id,
                    status=state(registry, other),
                ),
                Message("read both labels again; if they are two devices, record manufacturer of both"),
                clash.related,
                severity="warning",
            )
