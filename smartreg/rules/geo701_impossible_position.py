"""Implausible position."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.positions import impossible_positions
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

The longitude and latitude of a position are within ±180 and ±90 degrees, do not look like coordinates in metres
(Lambert-93), are not swapped (the latitude and longitude of a place in metropolitan France the other way round), and
are not 0, 0.

## Why

RFC 7946: WGS 84, longitude first. French cities publish open data in Lambert-93 (EPSG:2154), even in GeoJSON files,
which do not allow it. Programs write 0, 0 when there is no position.

## Wrong

```yaml
location:
  lon: 767686.3955
  lat: 6279032.6454
```

## Right

```yaml
location:
  lon: 3.838143
  lat: 43.607114
```

## How to fix it

Read the position on a map again. For a point in Lambert-93, the hint gives the degrees; for a whole sheet, convert it
during the import: `smartreg import support FILE --crs EPSG:2154`.

## Configure

`GEO701 = "warning"` under `[severity]` in `smartreg.toml` changes the severity.

## Waive

Not needed: no place on earth has such a position.
"""


@rule("GEO701", "error", "record", Words("Implausible position", "Position impossible"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for name, message, hint in impossible_positions(record, context):
        yield Fault(at(record, name), message, hint)
