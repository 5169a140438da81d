"""Days on which equipment was nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import day_correction
from smartreg.domain.days import day, days_later
from smartreg.domain.placements import PLACEMENTS, placements_of
from smartreg.rules.rule import one_of, rule


@rule(
    "LIF616",
    "warning",
    "record",
    Message("days without a place"),
    kinds=("equipment",),
    asks=one_of(PLACEMENTS, "placed_on"),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if PLACEMENTS not in record.data and "placed_on" not in record.data:
        return
    installed = day(record, "installed_on")
    if installed is None:
        return
    expected = installed
    for placement in placements_of(record):
        path = (*placement.path, "from") if placement.path[0] == PLACEMENTS else ("placed_on",)
        if placement.start is not None and placement.start > expected:
            last = days_later(placement.start, -1)
            yield Fault(
                at(record, *path),
                Message("no place is known from {expected} to {last}", expected=expected, last=last),
                day_correction(record, path_text(path), expected.isoformat()),
            )
        expected = days_later(placement.until, 1) if placement.until is not None else expected
