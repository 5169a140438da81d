"""Recorded costs above the budget of the programme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import isfinite

from smartreg.core.messages import Message, Text, number
from smartreg.core.values import Location, Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot
from smartreg.domain.fields import text
from smartreg.rules.rule import rule
from smartreg.schema.settings import FILE


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    if record.rid.kind == "equipment" and _cost(record) and registry.config.metropole is not None:
        yield RecordId("party", registry.config.metropole)


@rule("LIF612", "warning", "registry", Message("over the budget"), kinds=("party",), touches=_find_affected)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    budget, metropole = context.config.programme.budget_total_eur_ttc, context.config.metropole
    if budget is None or not isfinite(budget) or all(record.rid.id != metropole for record in subjects):
        return
    total, allowed = sum(map(_cost, registry.of_kind("equipment")), Decimal(0)), Decimal(str(budget))
    if total > allowed:
        # The sum is in the hint: a message with a different sum each time would be a new finding each time.
        limit, spent = _euros(allowed), _euros(total)
        yield Fault(
            Location(FILE),
            Message("the recorded costs exceed the budget of {limit}", limit=limit),
            Message("they come to {spent}: correct cost_eur in the equipment, or budget_total_eur_ttc", spent=spent),
        )


def _cost(equipment: Record) -> Decimal:
    cost = equipment.data.get("cost_eur")
    if isinstance(cost, bool) or not isinstance(cost, (int, float)) or text(equipment, "status") == "cancelled":
        return Decimal(0)
    if isinstance(cost, int):
        return Decimal(cost)
    return Decimal(str(cost)) if isfinite(cost) else Decimal(0)


def _euros(amount: Decimal) -> Text:
    """Whole euros, or two decimals: `720 000 €`."""
    decimals = 0 if amount == amount.to_integral_value() else 2
    written = f"{amount:,.{decimals}f} €".replace(",", " ")
    return number(written)
