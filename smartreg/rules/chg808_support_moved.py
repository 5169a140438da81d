"""Support moved together with its equipment."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.domain.changes import Changes, pairs_of
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.mounted import as_related, devices_on
from smartreg.domain.numbers import metres
from smartreg.domain.placements import NEAR_M
from smartreg.registry import distance_m, point
from smartreg.rules.rule import rule


@rule("CHG808", "warning", "change", Message("support moved"), kinds=("support",), dated=True)
def check(_before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in pairs_of(changes, "support"):
        start, end = point(old.data.get("location")), point(new.data.get("location"))
        distance = distance_m(start, end) if start and end else 0
        if distance <= NEAR_M:
            continue
        devices = [device for device in devices_on(after, new.rid, context.on) if device.data.get("location") is None]
        if devices:
            far, count = metres(distance), len(devices)
            if count == 1:
                message = Message("moved by {far}, and 1 device moves with it", far=far)
            else:
                message = Message("moved by {far}, and {count} devices move with it", far=far, count=count)
            yield Fault(
                at(new, "location"),
                message,
                Message(
                    "if it is another support, add a record (smartreg add-support) and move the devices there "
                    "(smartreg move)"
                ),
                as_related(devices, "support"),
            )
