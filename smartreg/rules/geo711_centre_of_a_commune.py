"""Position that is the centre of a commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.boundaries import boundaries, name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.positions import believable
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

If the settings name a boundaries file with the centres of communes (Points; see GEO702), no support, and no equipment
with its own position, is within ten metres of such a centre. Removed and cancelled records are left out.

## Why

Programs that look up an address and find only its commune return the centre. On the map, the device then appears on the
town hall, with all others from the same list.

## Wrong

```yaml
# the centre of Istres that geo.api.gouv.fr gives
location:
  lon: 4.9501
  lat: 43.5492
```

## Right

```yaml
location:
  lon: 4.98747
  lat: 43.51345
```

## How to fix it

Read the position on a map or on site.

## Configure

`boundaries` under `[territory]` in `smartreg.toml`, as GEO702 says. `[severity]`: `GEO711 = "error"`.

## Waive

`# smartreg: ignore[GEO711] reason` on the line of `location`, where something really is there.
"""


@rule(
    "GEO711",
    "warning",
    "registry",
    Words("centre of a commune", "centre d'une commune"),
    kinds=("support", "equipment"),
    touches=nothing,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        known = boundaries(registry) if place else None
        code = known.centre_at(place) if known and place else None
        if code is not None:
            noun = registry.schemas.kinds[record.rid.kind].title.en.lower()
            yield Fault(
                at(record, "location"),
                Words(
                    f"this is the centre of {name_commune(code)}, not the {noun}",
                    f"c'est le centre de {name_commune(code)}, pas une position relevée",
                ),
                Words("read the position on a map or on the spot", "relevez la position sur une carte ou sur place"),
            )
