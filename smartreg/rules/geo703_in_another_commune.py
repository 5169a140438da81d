"""Support in another commune than it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.boundaries import boundaries, name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import has_ended, text
from smartreg.domain.positions import believable
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

If the settings name a boundaries file (see GEO702), a support is in the commune of its `insee_code`, or at most 100 m
from its border. The rule reports supports in another commune of the territory; GEO702 reports those outside the
territory. Removed supports are left out.

## Why

The commune determines which convention covers the support, and in whose territory the report counts it.

## Wrong

```yaml
id: istres-ep-00412
insee_code: "13047"
location:
  lon: 5.00125
  lat: 43.58342
```

## Right

```yaml
id: miramas-ep-00412
insee_code: "13063"
location:
  lon: 5.00125
  lat: 43.58342
```

## How to fix it

Correct `insee_code` (`smartreg set ID insee_code=…`) or the position.

## Configure

`boundaries` under `[territory]` in `smartreg.toml`, as GEO702 says. `[severity]`: `GEO703 = "error"`.

## Waive

`# smartreg: ignore[GEO703] reason` on the line of `insee_code`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "GEO703",
    "warning",
    "registry",
    Words("in another commune", "dans une autre commune"),
    kinds=("support",),
    touches=nothing,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        known = boundaries(registry) if place else None
        code = commune_of(text(record, "insee_code") or "")
        if place is None or known is None or code not in known.outlines or known.inside(place, code):
            continue
        found = known.commune_at(place)
        if found is not None and known.counts(found):
            yield _fault(record, name_commune(found), name_commune(code))


def _fault(record: Record, found: str, own: str) -> Fault:
    return Fault(
        at(record, "insee_code"),
        Words(f"the point is in {found}, not in {own}", f"le point se trouve à {found}, pas à {own}"),
        Words("correct insee_code or the position", "corrigez insee_code ou la position"),
        (Related(at(record, "location"), Words("the point", "le point")),),
    )
