"""Convention to which the Métropole is not a party."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.acts import current
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import text_list
from smartreg.domain.successions import is_metropole
from smartreg.rules.rule import rule


@rule("CON305", "warning", "registry", Message("convention without the Métropole"), kinds=("convention",))
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    metropole = context.config.metropole
    for record in subjects:
        parties = text_list(current(record).get("parties"))
        if metropole is not None and parties and not any(is_metropole(registry, party) for party in parties):
            yield Fault(
                at(record, "parties"),
                Message("{metropole} is not a party to this convention", metropole=metropole),
                Message("add it if it signs"),
            )
