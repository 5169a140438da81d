"""Position far from its commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.boundaries import distance_by_centres, name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.numbers import metres
from smartreg.domain.positions import believable, looks_like_latitude
from smartreg.registry import Point
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

A support is at most 50 km from the town or village of its commune, and equipment with its own position at most 50 km
from one of the territory, by the centres that come with smartreg. That is more than Arles measures, the largest commune
of metropolitan France. The rule is silent where a boundaries file decides (GEO702), for communes without a known centre
(GEO718), overseas, for removed and cancelled records, and for positions that GEO701 reports.

A write or an import that introduces such a position is refused.

## Why

Without a boundaries file, nothing else compares a position with its commune: a support in Paris for a commune near
Marseille, or a latitude typed as longitude, would pass.

## Wrong

```yaml
id: istres-ep-00412
insee_code: "13047"
location:
  lon: 43.51345
  lat: 43.51345
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

Read the position on a map again, or correct `insee_code`. `smartreg boundaries FILE` stores the outlines of the
communes; from then on GEO702 and GEO703 check each position against them.

## Configure

`[severity]` in `smartreg.toml`: `GEO717 = "error"`. The distance is fixed.

## Waive

`# smartreg: ignore[GEO717] reason` on the line of `location`, or a `[[waiver]]` in `smartreg.toml`. For a write that is
right nevertheless: `--allow GEO717 -m REASON`.
"""

MOST_M = 50_000


@rule(
    "GEO717",
    "warning",
    "registry",
    Words("far from its commune", "loin de sa commune"),
    kinds=("support", "equipment"),
    touches=nothing,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        nearest = distance_by_centres(registry, record, place, MOST_M) if place is not None else None
        if place is not None and nearest is not None and nearest.metres > MOST_M:
            far, name = metres(nearest.metres), name_commune(nearest.code)
            yield Fault(
                at(record, "location"),
                Words(
                    f"the point is {far.en} from {name}: more than {MOST_M // 1000} km",
                    f"le point est à {far.fr} de {name} : plus de {MOST_M // 1000} km",
                ),
                _hint(registry, record, place),
            )


def _hint(registry: Snapshot, record: Record, place: Point) -> Words:
    lon, lat = place
    swapped = distance_by_centres(registry, record, (lat, lon), MOST_M) if abs(lon) <= 90 else None
    if swapped is not None and swapped.metres <= MOST_M:
        return Words(f"is it lon {lat:.10g}, lat {lon:.10g}?", f"est-ce lon {lat:.10g}, lat {lon:.10g} ?")
    if looks_like_latitude(lon):
        return Words(
            f"lon {lon:.10g} looks like a latitude: correct the longitude",
            f"lon {lon:.10g} ressemble à une latitude : corrigez la longitude",
        )
    code = Words(" or insee_code", " ou insee_code") if "insee_code" in record.data else Words("", "")
    return Words(f"correct the position{code.en}", f"corrigez la position{code.fr}")
