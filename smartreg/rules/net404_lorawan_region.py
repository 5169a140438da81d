"""LoRaWAN network in another region than EU863-870."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, value_at
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import one_of, rule
from smartreg.schema import literal

PATH = ("lorawan", "region")
EXPECTED = "EU863-870"


@rule("NET404", "error", "record", Message("LoRaWAN region"), kinds=("network",), asks=one_of(PATH[0]))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    region = value_at(record.data, PATH)
    if isinstance(region, str) and region != EXPECTED:
        yield Fault(
            at(record, *PATH),
            Message("region {region} is not that of metropolitan France", region=literal(region)),
            Message("write {expected}", expected=EXPECTED),
        )
