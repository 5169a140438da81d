"""Two places, or two owners, on the same day."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import OPEN, day_correction
from smartreg.domain.days import day, days_later
from smartreg.domain.placements import OWNERS, PLACEMENTS, Placement, placements_of, recorded_owners
from smartreg.rules.rule import one_of, rule


@rule(
    "LIF615",
    "error",
    "record",
    Message("two places or owners on one day"),
    kinds=("equipment", "support"),
    asks=one_of(PLACEMENTS, OWNERS),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if PLACEMENTS in record.data:
        for before, after in pairwise(placements_of(record)):
            if before.until is not None and after.start is not None and after.start <= before.until:
                yield _two_places(record, before, after)
    for first, second in pairwise(tuple(recorded_owners(record))[:-1]) if OWNERS in record.data else ():
        if first.until is not None and second.until is not None and second.until <= first.until:
            yield Fault(
                at(record, *second.path[:-1], "until"),
                Message(
                    "{owner} owned it until {until}, but the owner before, {first_owner}, until {first_until}",
                    owner=second.owner,
                    until=second.until,
                    first_owner=first.owner,
                    first_until=first.until,
                ),
                day_correction(record, f"previous_owners[{second.path[1]}].until"),
            )


def _two_places(record: Record, before: Placement, after: Placement) -> Fault:
    eve = str(days_later(after.start, -1)) if after.start is not None else OPEN
    fits = before.start is None or str(before.start) <= eve
    present = after.path[0] != PLACEMENTS
    field = "placed_on" if present and day(record, "placed_on") else "installed_on"
    path = (field,) if present else (*after.path, "from")
    return Fault(
        at(record, *path),
        Message(
            "this place begins on {start}, but the one before lasts until {until}",
            start=after.start,
            until=before.until,
        ),
        day_correction(record, f"placements[{before.path[-1]}].until", eve if fits else OPEN),
        (Related(at(record, *before.path, "until"), Message("the place before")),),
    )
