"""Unit that is not a UCUM code."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Fix, Put
from smartreg.core.values import KeyPath, Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.units import LONGEST, is_unit, nearest_ucum, property_at, units
from smartreg.rules.rule import rule
from smartreg.schema import literal

MANUAL = """
## What it checks

Every `unit` is a code of the Unified Code for Units of Measure, case-sensitive, or a unit that
`observed-properties.json` names. Counted things are annotations in braces: `{count}`, `{vehicles}/h`, `{EUR}`.

## Why

SensorThings and NGSI-LD carry UCUM codes; "ppm", "°C" or "kWh" mean nothing to a program that uses them
(ucum.org, version 2.2). A-weighted decibels have no code of their own: `dB[SPL]`.

## Wrong

```yaml
measures:
  - property: co2
    unit: ppm
```

## Right

```yaml
measures:
  - property: co2
    unit: "[ppm]"
```

## How to fix it

Use the code that the message proposes, or look the unit up on ucum.org. Put anything unknown to UCUM into braces.
`smartreg validate --fix` writes the usual unit of the property, and with `--unsafe` any code that the message proposes.

## Configure

`REC118 = "warning"` under `[severity]` in `smartreg.toml` changes the severity. A registry's own
`schemas/observed-properties.json` may name further units.

## Waive

Not useful: any word can be written as an annotation in braces.
"""


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
