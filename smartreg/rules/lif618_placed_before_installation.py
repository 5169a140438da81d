"""Placement before the installation."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import day_correction
from smartreg.domain.days import BEFORE, INSTALLED, day
from smartreg.domain.placements import PLACEMENTS, placements_of
from smartreg.rules.rule import one_of, rule


@rule(
    "LIF618",
    "error",
    "record",
    Message("placed before the installation"),
    kinds=("equipment",),
    asks=one_of(PLACEMENTS, "placed_on"),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if PLACEMENTS not in record.data and "placed_on" not in record.data:
        return
    installed = day(record, INSTALLED)
    if installed is None and day(record, BEFORE) is not None:
        return
    for placement in placements_of(record):
        path = (*placement.path, "from") if placement.path[0] == PLACEMENTS else ("placed_on",)
        if placement.start is None or (installed is not None and placement.start >= installed):
            continue
        if installed is None:
            yield Fault(
                at(record, *path),
                Message("placed on {start}, and never installed (no installed_on)", start=placement.start),
                Message("add the day of the first installation (installed_on), or take its places out"),
            )
        else:
            yield Fault(
                at(record, *path),
                Message(
                    "placed on {start}, before its installation on {installed}",
                    start=placement.start,
                    installed=installed,
                ),
                day_correction(record, path_text(path)),
                (Related(at(record, INSTALLED), Message("the installation")),),
            )
