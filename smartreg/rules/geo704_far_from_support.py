"""Equipment far from its support."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.numbers import metres
from smartreg.domain.placements import support_of, touches_equipment
from smartreg.domain.positions import believable
from smartreg.registry import distance_m
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Equipment that names a support and has its own position is at most `support_distance_m` (30 m unless set) from that
support. Beyond 500 m the finding is an error: one of the two records describes another place. Equipment that is removed
or cancelled is left out, and so are positions that GEO701 reports.

## Why

Smartreg: equipment has its own position if it is away from its support (on a cable, at the far end of a facade). A
larger distance is a mistake in one of the records, and maps and conventions would each rely on a different one.

## Wrong

```yaml
# registry/supports/13047/istres-ep-00412.yaml is at lon 4.98747, lat 43.51345
id: istres-noise-003
support: istres-ep-00412
location:
  lon: 4.99001
  lat: 43.51345
```

## Right

```yaml
id: istres-noise-003
support: istres-ep-00412
location:
  lon: 4.98752
  lat: 43.51343
```

## How to fix it

Correct the position or the support, or leave `location` out: equipment without one is where its support is.

## Configure

`support_distance_m` under `[thresholds]` in `smartreg.toml`. `[severity]`: `GEO704 = "warning"` makes every case a
warning.

## Waive

`# smartreg: ignore[GEO704] reason` on the line of `location`, or a `[[waiver]]` in `smartreg.toml`.
"""

ELSEWHERE_M = 500


@rule(
    "GEO704",
    "warning",
    "registry",
    Words("far from its support", "loin de son support"),
    kinds=("equipment",),
    touches=touches_equipment,
    grades_errors=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    allowed = context.config.thresholds.support_distance_m
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        support = support_of(registry, record) if place else None
        stand = believable(support, context) if support else None
        if place is None or support is None or stand is None:
            continue
        distance = distance_m(place, stand)
        if distance > allowed:
            yield _fault(record, support, distance)


def _fault(record: Record, support: Record, distance: float) -> Fault:
    far, id = metres(distance), support.rid.id
    return Fault(
        at(record, "location"),
        Words(
            f"the equipment is {far.en} from its support {id}",
            f"l'équipement est à {far.fr} de son support {id}",
        ),
        Words(
            "correct the position or the support, or leave location out",
            "corrigez la position ou le support, ou omettez location",
        ),
        (Related(at(support, "location"), Words("the support is here", "le support est ici")),),
        "error" if distance > ELSEWHERE_M else None,
    )
