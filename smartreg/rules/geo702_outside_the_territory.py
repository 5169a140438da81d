"""Position outside the territory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.boundaries import Boundaries, boundaries, name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import has_ended, text
from smartreg.domain.numbers import metres
from smartreg.domain.positions import believable
from smartreg.registry import Point, distance_m
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

If the settings name a boundaries file (see below), a support, and equipment with its own position, is in a commune of
the territory. Within 100 m of a border nothing is reported, because public outlines are simplified. If the file gives
only the centre of the commune, a support is at most `commune_distance_km` (20 km unless set) from it; the same distance
applies to the outline if the outlines of other communes are missing. Removed and cancelled records are left out, and so
are positions that GEO701 reports. Without that file, GEO717 compares positions with the centres of communes that come
with smartreg.

## Why

A convention covers the communes of its parties. A point elsewhere is nearly always a mistake in the coordinates.

## Wrong

```yaml
id: istres-ep-00412
insee_code: "13047"
location:
  lon: 4.39742
  lat: 43.83567
```

## Right

```yaml
id: istres-ep-00412
insee_code: "13047"
location:
  lon: 4.98747
  lat: 43.51345
```

## How to fix it

Read the position on a map again, or correct `insee_code`.

## Configure

`boundaries` under `[territory]` in `smartreg.toml` names a GeoJSON file (WGS 84) below `registry/annexes/`: features
with the INSEE code in the property `code` or `insee_code`, as Polygon or MultiPolygon (outline) or Point (centre).
`smartreg boundaries FILE` makes it from an official file. `commune_distance_km` is under `[thresholds]`. `[severity]`:
`GEO702 = "warning"`.

## Waive

`# smartreg: ignore[GEO702] reason` on the line of `location`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "GEO702",
    "error",
    "registry",
    Words("outside the territory", "hors du territoire"),
    kinds=("support", "equipment"),
    touches=nothing,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        known = boundaries(registry) if place else None
        if place is not None and known is not None:
            message = _outside(record, place, known, context.config.thresholds.commune_distance_km * 1000)
            if message is not None:
                code = Words(" or insee_code", " ou insee_code") if "insee_code" in record.data else Words("", "")
                hint = Words(f"correct the position{code.en}", f"corrigez la position{code.fr}")
                yield Fault(at(record, "location"), message, hint)


def _outside(record: Record, place: Point, known: Boundaries, most: float) -> Words | None:
    """What is wrong with the position; None if it is in the territory, or may be."""
    if known.in_territory(place):
        return None
    code = commune_of(text(record, "insee_code") or "")
    distance = None
    if code in known.outlines:
        distance = known.outlines[code].distance_m(place)
    elif code in known.centres:
        distance = distance_m(place, known.centres[code])
    if distance is not None and (known.complete or distance > most):
        far, name = metres(distance), name_commune(code)
        where = Words("outside the territory, ", "hors du territoire, ") if known.complete else Words("", "")
        return Words(f"the point is {where.en}{far.en} from {name}", f"le point est {where.fr}à {far.fr} de {name}")
    if known.complete:
        return Words("the point is outside the territory", "le point est hors du territoire")
    return None
