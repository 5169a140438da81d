"""Decommissioned equipment that is still there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import exchanges_reached, titles
from smartreg.domain.days import day, days_later
from smartreg.domain.exchanges import exchanges_on
from smartreg.domain.fields import record_named_by, text
from smartreg.domain.titles import REPORTED_AFTER, Title
from smartreg.rules.rule import rule


@rule(
    "LIF614",
    "warning",
    "registry",
    Message("decommissioned and still there"),
    kinds=("equipment",),
    touches=exchanges_reached,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        since = day(record, "decommissioned_on") if text(record, "status") == "decommissioned" else None
        if since is not None and since < context.on:
            convention = _longest(registry, record, context.on)
            allowed = convention.removal_days if convention else None
            if days_later(since, REPORTED_AFTER if allowed is None else allowed) < context.on:
                yield _not_removed(registry, record, (context.on - since).days, convention)


def _longest(registry: Snapshot, record: Record, on: date) -> Title | None:
    """Of the conventions that count for it on another party's support and give a time for removal, the one that allows
    the most; None if none does."""
    installed = [exchange for exchange in exchanges_on(registry, record, on) if exchange.family == "installation"]
    periods = [period for exchange in installed for period in titles(registry).find_applicable(record, exchange)]
    agreed = [period for period in periods if period.removal_days is not None]
    return max(agreed, key=lambda period: period.removal_days or 0, default=None)


def _not_removed(registry: Snapshot, record: Record, days: int, convention: Title | None) -> Fault:
    support = record_named_by(registry, record, "support", "support")
    host = text(support, "owner") if support else None
    if support is None:
        message: Text = Message("still in place {days} days after decommissioning", days=days)
    elif host:
        message = Message(
            "still on the support {support} of {host} {days} days after decommissioning",
            support=support.rid.id,
            host=host,
            days=days,
        )
    else:
        message = Message(
            "still on the support {support} {days} days after decommissioning", support=support.rid.id, days=days
        )
    if convention is not None:
        message = Message("{message} ({allowed} are allowed)", message=message, allowed=convention.removal_days)
    return Fault(
        at(record, "status"),
        message,
        Message("take it down and retire it: smartreg retire {record}", record=record.rid.id),
        (Related(at(convention.record, "id"), Message("the convention")),) if convention else (),
    )
