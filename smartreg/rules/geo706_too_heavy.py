"""More weight on a support than it can carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.mounted import amounts, as_related, devices_on, limit
from smartreg.domain.numbers import format_number, total
from smartreg.rules.rule import one_of, rule


@rule(
    "GEO706",
    "error",
    "registry",
    Message("too heavy for the support"),
    kinds=("support",),
    dated=True,
    asks=one_of("capacity"),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for support in subjects:
        most = limit(support, "capacity", "max_load_kg")
        if most is None or has_ended(registry, support):
            continue
        weights = amounts(devices_on(registry, support.rid, context.on), "weight_kg")
        weight = total(value for _, value in weights)
        if weight > most:
            heavy, allowed = format_number(weight), format_number(most)
            yield Fault(
                at(support, "capacity", "max_load_kg"),
                Message("{heavy} kg hang on a support limited to {allowed} kg", heavy=heavy, allowed=allowed),
                Message("move equipment to another support, or record the capacity as checked anew"),
                as_related([device for device, _ in weights], "weight_kg"),
            )
