"""Date that does not exist, or is before 1990."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import SHAPE, day_of, is_date
from smartreg.domain.texts import texts_where
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault

EARLIEST = "1990-01-01"

_dates = texts_where(is_date)


def claims(record: Record, fault: SchemaFault, _source: str | None, _context: Context) -> Fault | None:
    """Name a schema fault of a date with this code instead."""
    value = fault.value
    if fault.keyword not in ("format", "not") or not isinstance(value, str) or SHAPE.fullmatch(value) is None:
        return None
    if day_of(value) is not None:
        return None
    name = path_text(fault.path)
    return Fault(
        at(record, *fault.path),
        Message("{name}: {value} does not exist", name=name, value=value),
        Message("correct the day, the month or the year"),
    )


@rule("LIF601", "error", "record", Message("impossible date"), claims=claims, asks=_dates.fields)
def check(record: Record, context: Context) -> Iterator[Fault]:
    if record.rid.kind == "deliberation":
        return
    for path, written in _dates(record, context):
        if written < EARLIEST and day_of(written) is not None:
            name = path_text(path)
            yield Fault(
                at(record, *path),
                Message("{name}: {written} is before 1990", name=name, written=written),
                Message("correct the year, or leave the field out if the date is not known"),
            )
