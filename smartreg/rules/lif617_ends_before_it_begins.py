"""Placement that ends before it begins."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import day_correction
from smartreg.domain.placements import PLACEMENTS, earlier_placements
from smartreg.rules.rule import one_of, rule


@rule(
    "LIF617",
    "error",
    "record",
    Message("placement ends before it begins"),
    kinds=("equipment",),
    asks=one_of(PLACEMENTS),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    for placement in earlier_placements(record) if PLACEMENTS in record.data else ():
        if placement.start is not None and placement.until is not None and placement.until < placement.start:
            path = (*placement.path, "until")
            yield Fault(
                at(record, *path),
                Message(
                    "ends on {until} (until), before it begins on {start} (from)",
                    until=placement.until,
                    start=placement.start,
                ),
                day_correction(record, path_text(path)),
                (Related(at(record, *placement.path, "from"), Message("its first day")),),
            )
