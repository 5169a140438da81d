"""Equipment still in use after its planned end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day
from smartreg.domain.fields import AT_WORK, text
from smartreg.rules.rule import rule


@rule("LIF607", "warning", "registry", Message("planned end passed"), kinds=("equipment",), dated=True)
def check(_registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        until = day(record, "active_until")
        if until is not None and until < context.on and text(record, "status") in AT_WORK:
            yield Fault(
                at(record, "active_until"),
                Message("active_until {until} has passed", until=until),
                Message("extend it, or retire the equipment (smartreg retire)"),
            )
