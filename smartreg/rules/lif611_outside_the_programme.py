"""Equipment of the programme installed outside its period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.costs import budget_holders, buyer_of
from smartreg.domain.days import BEFORE, INSTALLED, day, days_later
from smartreg.rules.rule import rule


@rule("LIF611", "warning", "registry", Message("installed outside the programme"), kinds=("equipment",), dated=True)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    programme = context.config.programme
    start, until, holders = programme.start, programme.until, budget_holders(registry)
    for record in subjects:
        installed, before = day(record, INSTALLED), day(record, BEFORE)
        if installed is None and before is not None:
            installed = days_later(before, -1)  # on that day at the latest
        if installed is None or installed > context.on or buyer_of(record) not in holders:
            continue
        if start is not None and installed < start:
            if INSTALLED in record.data:
                message = Message(
                    "installed on {installed}, before the programme, which begins on {start}",
                    installed=installed,
                    start=start,
                )
            else:
                message = Message(
                    "installed before {before}, before the programme, which begins on {start}",
                    before=before,
                    start=start,
                )
            yield _outside_programme(record, message)
        elif until is not None and installed > until and INSTALLED in record.data:
            yield _outside_programme(
                record,
                Message(
                    "installed on {installed}, after the programme, which ends on {until}",
                    installed=installed,
                    until=until,
                ),
            )


def _outside_programme(record: Record, message: Text) -> Fault:
    return Fault(
        at(record, INSTALLED if INSTALLED in record.data else BEFORE),
        message,
        Message("correct the date, or set the period of the programme in smartreg.toml"),
    )
