"""Equipment or flow that several conventions cover, naming none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
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
            found = [one for one in conventions.find_applicable(record, exchange) if one.in_force(context.on)]
            if len(found) > 1 and not _goes_on(registry, record, exchange, found):
                yield _several_conventions(record, exchange, found)
                break


def _goes_on(registry: Snapshot, record: Record, exchange: Exchange, found: list[Title]) -> bool:
    """Whether the conventions only meet because a party took the place of others, and a single one of them covered each
    exchange before: contracts go on unchanged, each for what it was made for (CGCT, article L2113-5)."""
    begun = [one.start for one in found if one.act is not None and one.act.heirs and one.start is not None]
    if not begun:
        return False
    eve, conventions, ids = days_later(min(begun), -1), titles(registry), {one.id for one in found}
    earlier = [
        {one.id for one in conventions.find_applicable(record, before) if one.in_force(eve)} & ids
        for before in exchanges_over_time(registry, record)
        if before.holds(eve) and (before.family, before.field) == (exchange.family, exchange.field)
    ]
    return bool(earlier) and all(len(covering) == 1 for covering in earlier)


def _several_conventions(record: Record, exchange: Exchange, found: list[Title]) -> Fault:
    id, sides = record.rid.id, (exchange.user, " / ".join(exchange.partners))
    shown = ", ".join(one.id for one in found[:MOST_SHOWN]) + (", …" if len(found) > MOST_SHOWN else "")
    return Fault(
        at(record, exchange.field),
        Message(
            '{found} conventions between {side} and {side2} cover "{family}": {shown}',
            found=len(found),
            side=sides[0],
            side2=sides[1],
            family=exchange.family,
            shown=shown,
        ),
        Message("name the one that covers it: smartreg set {id} convention={found_id}", id=id, found_id=found[0].id),
        tuple(Related(at(one.record, "families"), Message("covers it")) for one in found[:MOST_SHOWN]),
    )
