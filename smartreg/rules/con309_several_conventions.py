"""Equipment or flow that several conventions cover, naming none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message, first_few
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import exchanges_reached, titles
from smartreg.domain.days import days_later
from smartreg.domain.exchanges import Exchange, exchanges_on, exchanges_over_time
from smartreg.domain.fields import text
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule

MOST_SHOWN = 5


@rule(
    "CON309",
    "warning",
    "registry",
    Message("several conventions, none named"),
    kinds=("equipment", "flow"),
    touches=exchanges_reached,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        if text(record, "convention") is not None or text(record, "access") == "public":
            continue
        for exchange in exchanges_on(registry, record, context.on):
            periods = [
                period for period in conventions.find_applicable(record, exchange) if period.in_force(context.on)
            ]
            if len(periods) > 1 and not _goes_on(registry, record, exchange, periods):
                yield _several_conventions(record, exchange, periods)
                break


def _goes_on(registry: Snapshot, record: Record, exchange: Exchange, periods: list[Title]) -> bool:
    """Whether the conventions only meet because a party took the place of others, and a single one of them covered each
    exchange before: contracts go on unchanged, each for what it was made for (CGCT, article L2113-5)."""
    begun = [
        period.start for period in periods if period.act is not None and period.act.heirs and period.start is not None
    ]
    if not begun:
        return False
    eve, conventions, ids = days_later(min(begun), -1), titles(registry), {period.id for period in periods}
    earlier = [
        {period.id for period in conventions.find_applicable(record, before) if period.in_force(eve)} & ids
        for before in exchanges_over_time(registry, record)
        if before.holds(eve) and (before.family, before.field) == (exchange.family, exchange.field)
    ]
    return bool(earlier) and all(len(covering) == 1 for covering in earlier)


def _several_conventions(record: Record, exchange: Exchange, periods: list[Title]) -> Fault:
    id, sides = record.rid.id, (exchange.user, " / ".join(exchange.partners))
    shown = first_few([period.id for period in periods], MOST_SHOWN)
    return Fault(
        at(record, exchange.field),
        Message(
            '{found} conventions between {side} and {side2} cover "{family}": {shown}',
            found=len(periods),
            side=sides[0],
            side2=sides[1],
            family=exchange.family,
            shown=shown,
        ),
        Message("name the one that covers it: smartreg set {id} convention={found_id}", id=id, found_id=periods[0].id),
        tuple(Related(at(period.record, "families"), Message("covers it")) for period in periods[:MOST_SHOWN]),
    )
