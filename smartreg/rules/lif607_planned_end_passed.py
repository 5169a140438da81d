"""Equipment still in use after its planned end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

AT_WORK = frozenset({"installed", "active", "faulty"})


@rule(
    "LIF607",
    "warning",
    "registry",
    Words("planned end passed", "fin prévue dépassée"),
    kinds=("equipment",),
    dated=True,
)
def check(_registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        until = day(record, "active_until")
        if until is not None and until < context.on and text(record, "status") in AT_WORK:
            yield Fault(
                at(record, "active_until"),
                Words(f"active_until {until} has passed", f"active_until {until} est dépassé"),
                Words(
                    "extend it, or retire the equipment (smartreg retire)",
                    "prolongez-le, ou retirez l'équipement du service (smartreg retire)",
                ),
            )
