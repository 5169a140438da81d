"""Unit that is not a UCUM code."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Fix, Put
from smartreg.core.values import KeyPath, Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.units import LONGEST, is_unit, nearest_ucum, property_at, units
from smartreg.rules.rule import rule
from smartreg.schema import literal


@rule("REC118", "error", "record", Words("Unit that is not a UCUM code", "Unité hors du code UCUM"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, unit in units(record, context):
        if is_unit(unit, context):
            continue
        near = nearest_ucum(unit) if len(unit) <= LONGEST else None
        yield Fault(
            at(record, *path),
            Words(
                f"{path_text(path)} {literal(unit)} is not a UCUM code",
                f"{path_text(path)} {literal(unit)} n'est pas un code UCUM",
            ),
            Words(f'write "{near}"', f"écrivez « {near} »")
            if near
            else Words(
                "look it up on ucum.org, or put a word of your own in braces: {count}",
                "cherchez-la sur ucum.org, ou mettez un mot à vous entre accolades : {count}",
            ),
            fix=Fix(Put(path, near), safe=near in _usual(record, path, context)) if near else None,
        )


def _usual(record: Record, path: KeyPath, context: Context) -> tuple[str, ...]:
    """The units that the vocabulary gives to the property of the unit."""
    entry = property_at(record, path, context)
    return entry.ucum if entry else ()
