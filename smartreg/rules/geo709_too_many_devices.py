"""More devices on a support than it may carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.mounted import as_related, devices_on, limit
from smartreg.domain.numbers import format_number
from smartreg.rules.rule import one_of, rule


@rule(
    "GEO709",
    "warning",
    "registry",
    Message("too many devices on a support"),
    kinds=("support",),
    dated=True,
    asks=one_of("capacity"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for support in subjects:
        most = limit(support, "capacity", "max_devices")
        if most is None or has_ended(registry, support):
            continue
        devices = devices_on(registry, support.rid, context.on)
        if len(devices) > most:
            allowed = format_number(most)
            yield Fault(
                at(support, "capacity", "max_devices"),
                Message("{devices} devices on this support, limit {allowed}", devices=len(devices), allowed=allowed),
                Message("move a device, take down what is decommissioned, or correct the limit"),
                as_related(devices, "support"),
            )
