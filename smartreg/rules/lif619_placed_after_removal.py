"""Placement after the removal."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import day_correction
from smartreg.domain.days import day
from smartreg.domain.placements import earlier_placements
from smartreg.rules.rule import one_of, rule


@rule("LIF619", "error", "record", Message("placed after the removal"), kinds=("equipment",), asks=one_of("removed_on"))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    removed = day(record, "removed_on")
    if removed is None:
        return
    days: list[tuple[KeyPath, object]] = [
        ((*placement.path, "until"), placement.until) for placement in earlier_placements(record)
    ]
    days.append((("placed_on",), day(record, "placed_on")))
    for path, placed in days:
        if placed is not None and str(placed) > str(removed):
            yield Fault(
                at(record, *path),
                Message(
                    "{path} {found} is after the removal on {removed}",
                    path=path_text(path),
                    found=placed,
                    removed=removed,
                ),
                day_correction(record, path_text(path)),
                (Related(at(record, "removed_on"), Message("the removal")),),
            )
