"""Device identifier that two pieces of equipment share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clashes
from smartreg.domain.fields import has_ended, state, text
from smartreg.rules.rule import rule

FIELDS = ("dev_eui", "gateway_eui", "mac_address", "imei")


@rule(
    "REF204",
    "error",
    "registry",
    Message("device identifier twice"),
    kinds=("equipment",),
    indexed=tuple(("equipment", field) for field in FIELDS),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    present = list(subjects)
    for field in FIELDS:
        for clash in clashes(registry, present, field, lambda record: None if has_ended(registry, record) else True):
            other, status = clash.others[0].rid.id, state(registry, clash.others[0])
            if clash.more:
                message = Message(
                    "{field} {shown} is already taken by {other} ({status}) and {more} more",
                    field=field,
                    shown=clash.shown,
                    other=other,
                    status=status,
                    more=clash.more,
                )
            else:
                message = Message(
                    "{field} {shown} is already taken by {other} ({status})",
                    field=field,
                    shown=clash.shown,
                    other=other,
                    status=status,
                )
            yield Fault(
                at(clash.record, field),
                message,
                _hint(clash.record, clash.others[0]),
                clash.related,
            )


def _hint(record: Record, other: Record) -> Text:
    """A device that stands elsewhere today has moved: its one record says so. One that is planned has no past."""
    support = text(record, "support")
    if support is None or support == text(other, "support"):
        return Message("read the label again; a device has one record")
    if text(other, "status") == "planned":
        move = f"smartreg set {other.rid.id} support={support}"
    else:
        move = f"smartreg move {other.rid.id} {support}"
    return Message("read the label again; if the device has moved, keep one record: {move}", move=move)
