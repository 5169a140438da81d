"""Record in service that was not confirmed recently."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import last_news, months_later
from smartreg.domain.fields import AT_WORK, text
from smartreg.rules.rule import rule

IN_SERVICE = {
    "equipment": AT_WORK,
    "flow": frozenset({"active", "suspended"}),
    "network": frozenset({"in_service"}),
}


@rule("LIF609", "warning", "record", Message("not confirmed recently"), kinds=tuple(IN_SERVICE), dated=True)
def check(record: Record, context: Context) -> Iterator[Fault]:
    if text(record, "status") not in IN_SERVICE[record.rid.kind]:
        return
    stale_before = months_later(context.on, -int(context.config.thresholds.stale_months))
    latest = last_news(record, context, stale_before)
    if latest is not None and latest < stale_before:
        yield Fault(
            at(record, "status"),
            Message("not confirmed since {known}", known=latest),
            Message("confirm it: smartreg set {record} confirmed_on={on}", record=record.rid.id, on=context.on),
        )
