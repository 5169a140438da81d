"""Decommissioned equipment that is still there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
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
    Words("decommissioned and still there", "hors service et toujours en place"),
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
                yield _fault(registry, record, (context.on - since).days, convention)


def _longest(registry: Snapshot, record: Record, on: date) -> Title | None:
    """Of the conventions that count for it on another party's support, the one that allows the most time."""
    installed = [exchange for exchange in exchanges_on(registry, record, on) if exchange.family == "installation"]
    found = [one for exchange in installed for one in titles(registry).find_applicable(record, exchange)]
    return max(found, key=lambda one: one.removal_days, default=None)


def _fault(registry: Snapshot, record: Record, days: int, convention: Title | None) -> Fault:
    support = record_named_by(registry, record, "support", "support")
    host = text(support, "owner") if support else None
    where = Words("in place", "en place")
    if support is not None:
        of, de = (f" of {host}", f" de {host}") if host else ("", "")
        where = Words(f"on the support {support.rid.id}{of}", f"sur le support {support.rid.id}{de}")
    allowed = convention.removal_days if convention else REMOVAL_DAYS
    return Fault(
        at(record, "status"),
        Words(
            f"still {where.en} {days} days after decommissioning ({allowed} are allowed)",
            f"toujours {where.fr} {days} jours après la mise hors service ({allowed} sont admis)",
        ),
        Words(
            f"take it down and retire it: smartreg retire {record.rid.id}",
            f"déposez-le, puis : smartreg retire {record.rid.id}",
        ),
        (Related(at(convention.record, "id"), Words("the convention", "la convention")),) if convention else (),
    )
