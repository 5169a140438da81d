"""Position that nothing here can compare with its commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.boundaries import has_centre, name_commune, outlines_decide
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune, commune_of
from smartreg.domain.fields import has_ended, text
from smartreg.domain.positions import believable
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

The position of a support can be compared with its commune: the boundaries file of the settings has it (GEO702), or its
centre is among those that come with smartreg (GEO717). These lack the smallest communes, and are not used overseas,
where communes are larger than any useful distance. Removed supports, and codes that REC113 reports, are left out.

## Why

No finding must not look like a position that was checked.

## Wrong

```yaml
id: blieux-ep-001
insee_code: "04030"
location:
  lon: 6.37
  lat: 43.87
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

`smartreg boundaries FILE` stores the outlines of the communes from an official file.

## Configure

`[severity]` in `smartreg.toml`: `GEO718 = "off"`.

## Waive

Not needed: it is a note.
"""


@rule(
    "GEO718",
    "info",
    "registry",
    Words("position not checked", "position non vérifiée"),
    kinds=("support",),
    touches=nothing,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        place = None if has_ended(registry, record) else believable(record, context)
        code = commune_of(text(record, "insee_code") or "")
        if place is None or commune(code) is None or has_centre(code) or outlines_decide(registry, code):
            continue
        name = name_commune(code)
        yield Fault(
            at(record, "location"),
            Words(f"nothing here says where {name} is", f"rien ici ne dit où se trouve {name}"),
            Words(
                "smartreg boundaries FILE stores outlines, against which positions are checked",
                "smartreg boundaries FICHIER enregistre des contours, auxquels les positions sont comparées",
            ),
        )
