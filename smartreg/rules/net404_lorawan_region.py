"""LoRaWAN network in another region than EU863-870."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words, value_at
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema import literal

PATH = ("lorawan", "region")
EXPECTED = "EU863-870"


@rule("NET404", "error", "record", Words("LoRaWAN region", "région LoRaWAN"), kinds=("network",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    region = value_at(record.data, PATH)
    if isinstance(region, str) and region != EXPECTED:
        yield Fault(
            at(record, *PATH),
            Words(
                f"region {literal(region)} is not that of metropolitan France",
                f"la région {literal(region)} n'est pas celle de la France métropolitaine",
            ),
            Words(f"write {EXPECTED}", f"écrivez {EXPECTED}"),
        )
