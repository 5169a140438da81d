"""Placement that ends before it begins."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import day_correction
from smartreg.domain.placements import PLACEMENTS, earlier_placements
from smartreg.rules.rule import rule


@rule("LIF617", "error", "record", Message("placement ends before it begins"), kinds=("equipment",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    for one in earlier_placements(record) if PLACEMENTS in record.data else ():
        if one.start is not None and one.until is not None and one.until < one.start:
            path = (*one.path, "until")
            yield Fault(
                at(record, *path),
                Message(
                    "ends on {until} (until), before it begins on {start} (from)", until=one.until, start=one.start
                ),
                day_correction(record, path_text(path)),
                (Related(at(record, *one.path, "from"), Message("its first day")),),
            )
