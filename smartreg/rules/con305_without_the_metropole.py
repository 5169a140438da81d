"""Convention to which the Métropole is not a party."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import current
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import text_list
from smartreg.domain.successions import is_metropole
from smartreg.rules.rule import rule


@rule(
    "CON305",
    "warning",
    "registry",
    Words("convention without the Métropole", "convention sans la Métropole"),
    kinds=("convention",),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    metropole = context.config.metropole
    for record in subjects:
        parties = text_list(current(record).get("parties"))
        if metropole is not None and parties and not any(is_metropole(registry, party) for party in parties):
            yield Fault(
                at(record, "parties"),
                Words(
                    f"{metropole} is not a party to this convention",
                    f"{metropole} n'est pas partie à cette convention",
                ),
                Words("add it if it signs", "ajoutez-la si elle signe"),
            )
