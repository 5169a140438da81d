"""Planned for too long without news."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import last_news, months_later
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

MONTHS = 6


@rule("LIF606", "warning", "record", Message("planned for too long"), dated=True)
def check(record: Record, context: Context) -> Iterator[Fault]:
    if text(record, "status") != "planned":
        return
    fresh = months_later(context.on, -MONTHS)
    latest = last_news(record, context, fresh)
    if latest is not None and latest < fresh:
        yield Fault(
            at(record, "status"),
            Message("planned, with no news since {known}: still valid?", known=latest),
            Message(
                "confirm it (smartreg set {record} confirmed_on={on}) or cancel it",
                record=record.rid.id,
                on=context.on,
            ),
        )
