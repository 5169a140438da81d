"""Unit that is not a UCUM code."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Fix, Put
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.ucum import nearest_ucum
from smartreg.domain.units import LONGEST, is_unit, property_at, units
from smartreg.rules.rule import rule
from smartreg.schema import literal


@rule("REC118", "error", "record", Message("Unit that is not a UCUM code"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, unit in units(record, context):
        if is_unit(unit, context):
            continue
        near = nearest_ucum(unit) if len(unit) <= LONGEST else None
        yield Fault(
            at(record, *path),
            Message("{path} {unit} is not a UCUM code", path=path_text(path), unit=literal(unit)),
            Message('write "{near}"', near=near)
            if near
            else Message("look it up on ucum.org, or put a word of your own in braces: {count}"),
            fix=Fix(Put(path, near), safe=near in _usual(record, path, context)) if near else None,
        )


def _usual(record: Record, path: KeyPath, context: Context) -> tuple[str, ...]:
    """The units that the vocabulary gives to the property of the unit."""
    entry = property_at(record, path, context)
    return entry.ucum if entry else ()
