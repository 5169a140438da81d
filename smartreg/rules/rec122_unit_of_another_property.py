"""Unit in which the property is not measured."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.spelling import did_you_mean, suggestion
from smartreg.core.values import Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.units import bare_ucum, everyday_ucum, is_unit, property_at, units
from smartreg.rules.rule import rule
from smartreg.schema import literal

MANUAL = """
## What it checks

The `unit` of a `property` is one of the units that `observed-properties.json` lists for it. An annotation after a
unit changes nothing: `dB[SPL]{A}` is `dB[SPL]`. A property without a list may have any unit; REC118 reports anything
that is not a unit.

## Why

Noise in degrees is a mistake, and the same quantity in two units ("ug/m3", "mg/m3") cannot be compared: a chart of both
is wrong by a factor that nobody notices. SensorThings and NGSI-LD pass the unit on unchanged (units of the vocabulary:
UCUM,
ucum.org).

## Wrong

```yaml
measures:
  - property: noiseLevel
    unit: Cel
```

## Right

```yaml
measures:
  - property: noiseLevel
    unit: dB[SPL]
```

## How to fix it

Write a unit of the property, or correct the property (`smartreg set ID 'measures[0].unit=dB[SPL]'`). Without a unit,
exports that need one take the first of the list.

## Configure

`REC122 = "error"` or `"off"` under `[severity]` in `smartreg.toml`. If devices really report in another unit, add it
to `ucum` of the property in the registry's own `schemas/observed-properties.json`.

## Waive

For a device with another unit: `# smartreg: ignore[REC122] reason` on the line, or a `[[waiver]]` in
`smartreg.toml`.
"""


@rule(
    "REC122",
    "warning",
    "record",
    Words("Unit that the property is not measured in", "Unité qui n'est pas celle de la grandeur"),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, unit in units(record, context):
        entry = property_at(record, path, context)
        if entry is None or not entry.ucum or unit in entry.ucum or not is_unit(unit, context):
            continue
        if bare_ucum(unit) not in entry.ucum:
            yield Fault(
                at(record, *path),
                Words(
                    f"{path_text(path)} {literal(unit)} is not a unit of {entry.key}",
                    f"{path_text(path)} {literal(unit)} n'est pas une unité de la grandeur {entry.key}",
                ),
                _help(unit, entry.ucum),
            )


def _help(unit: str, known: tuple[str, ...]) -> Words:
    usual = everyday_ucum(unit)
    near = suggestion(usual) if usual in known else did_you_mean(unit, known)
    if near:
        return near
    en, fr = " or ".join(f'"{code}"' for code in known), " ou ".join(f"« {code} »" for code in known)
    return Words(
        f"write {en}, or correct the property; observed-properties.json may list further units",
        f"écrivez {fr}, ou corrigez la grandeur ; observed-properties.json peut citer d'autres unités",
    )
