"""Recorded costs of what the Métropole bought, above the budget of the programme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import isfinite

from smartreg.core.messages import Message, Text, number
from smartreg.core.values import Location, Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot
from smartreg.domain.costs import budget_holders, buyer_of, cost_of
from smartreg.rules.rule import rule
from smartreg.schema.settings import FILE


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    if record.rid.kind == "equipment" and cost_of(record) and registry.config.metropole is not None:
        yield RecordId("party", registry.config.metropole)


@rule("LIF612", "warning", "registry", Message("over the budget"), kinds=("party",), touches=_find_affected)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    budget, metropole = context.config.programme.budget_total_eur_ttc, context.config.metropole
    if budget is None or not isfinite(budget) or all(record.rid.id != metropole for record in subjects):
        return
    holders, allowed = budget_holders(registry), Decimal(str(budget))
    bought = (device for device in registry.of_kind("equipment") if buyer_of(device) in holders)
    total = sum((cost_of(device) or Decimal(0) for device in bought), Decimal(0))
    if total > allowed:
        # The sum is in the hint: a message with a different sum each time would be a new finding each time.
        limit, spent = _euros(allowed), _euros(total)
        yield Fault(
            Location(FILE),
            Message("the recorded costs exceed the budget of {limit}", limit=limit),
            Message("they come to {spent}: correct cost_eur in the equipment, or budget_total_eur_ttc", spent=spent),
        )


def _euros(amount: Decimal) -> Text:
    """Whole euros, or two decimals: `720 000 €`."""
    decimals = 0 if amount == amount.to_integral_value() else 2
    written = f"{amount:,.{decimals}f} €".replace(",", " ")
    return number(written)
