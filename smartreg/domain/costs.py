"""What devices cost, and whose money it is.

No field says who paid. A device is taken to be paid for by whoever owned it first: a budget is compared with what its
holder bought, and with nothing that others did.
"""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal

from smartreg.core.values import Record
from smartreg.domain.checks import Snapshot
from smartreg.domain.fields import text
from smartreg.domain.placements import recorded_owners
from smartreg.domain.successions import successions

COST = "cost_eur"
MOST = 1e9  # euros: nothing that is put on a pole costs more


def cost_of(device: Record) -> Decimal | None:
    """Euros, taxes included; None where it gives no cost that can be counted, or was cancelled."""
    value = device.data.get(COST)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MOST:
        return None
    return None if text(device, "status") == "cancelled" else Decimal(str(value))


def buyer_of(device: Record) -> str | None:
    """The id of the party that owned it first."""
    return next((ownership.owner for ownership in recorded_owners(device)), None)


def budget_holders(registry: Snapshot) -> Set[str]:
    """The ids of the party whose budget the settings state, also as another legal person; none if they name nobody."""
    holder = registry.config.metropole
    return successions(registry).line(holder) if holder is not None else frozenset()
