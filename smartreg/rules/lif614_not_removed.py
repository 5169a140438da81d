"""Decommissioned equipment that is still there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import exchanges_reached, titles
from smartreg.domain.days import day, days_later
from smartreg.domain.exchanges import exchanges_on
from smartreg.domain.fields import record_named_by, text
from smartreg.domain.titles import REMOVAL_DAYS, Title
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
            allowed = convention.removal_days if convention else REMOVAL_DAYS
            if days_later(since, allowed) < context.on:
                yield _not_removed(registry, record, (context.on - since).days, convention)


def _longest(registry: Snapshot, record: Record, on: date) -> Title | None:
    """Of the conventions that count for it on another party's support, the one that allows the most time."""
    installed = [exchange for exchange in exchanges_on(registry, record, on) if exchange.family == "installation"]
    periods = [period for exchange in installed for period in titles(registry).find_applicable(record, exchange)]
    return max(periods, key=lambda period: period.removal_days, default=None)


def _not_removed(registry: Snapshot, record: Record, days: int, convention: Title | None) -> Fault:
    support = record_named_by(registry, record, "support", "support")
    host = text(support, "owner") if support else None
    allowed = convention.removal_days if convention else REMOVAL_DAYS
    if support is None:
        message = Message(
            "still in place {days} days after decommissioning ({allowed} are allowed)", days=days, allowed=allowed
        )
    elif host:
        message = Message(
            "still on the support {support} of {host} {days} days after decommissioning ({allowed} are allowed)",
            support=support.rid.id,
            host=host,
            days=days,
            allowed=allowed,
        )
    else:
        message = Message(
            "still on the support {support} {days} days after decommissioning ({allowed} are allowed)",
            support=support.rid.id,
            days=days,
            allowed=allowed,
        )
    return Fault(
        at(record, "status"),
        message,
        Message("take it down and retire it: smartreg retire {record}", record=record.rid.id),
        (Related(at(convention.record, "id"), Message("the convention")),) if convention else (),
    )
