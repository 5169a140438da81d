"""More power drawn from a support than it can supply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.mounted import amounts, as_related, at_work, devices_on, limit
from smartreg.domain.numbers import format_number, total
from smartreg.rules.rule import one_of, rule


@rule(
    "GEO707",
    "error",
    "registry",
    Message("too much power for the supply"),
    kinds=("support",),
    dated=True,
    asks=one_of("power"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for support in subjects:
        most = limit(support, "power", "max_w")
        if most is None or has_ended(registry, support):
            continue
        draws = amounts(_powered_equipment(registry, support.rid, context.on), "power", "consumption_w")
        power = total(value for _, value in draws)
        if power > most:
            demand, allowed = format_number(power), format_number(most)
            yield Fault(
                at(support, "power", "max_w"),
                Message("{demand} W are drawn from a supply limited to {allowed} W", demand=demand, allowed=allowed),
                Message("move equipment to another support, feed it otherwise, or correct the numbers"),
                as_related([device for device, _ in draws], "power", "consumption_w"),
            )


def _powered_equipment(registry: Snapshot, support: RecordId, on: date) -> Iterator[Record]:
    """The equipment at work that the support feeds on a day."""
    for device in devices_on(registry, support, on):
        if at_work(device, on) and value_at(device.data, ("power", "source")) == "mains":
            yield device
