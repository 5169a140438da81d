"""Support that hosts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.flows import in_use, touches_used
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Lists the supports (except removed ones) that carry no equipment. Equipment that is removed or cancelled does not count;
planned equipment does.

## Why

Smartreg: information, not a fault. Candidate supports are legitimate; the list shows what is free, and what was entered
needlessly.

## Wrong

```yaml
# registry/supports/13047/istres-ep-00412.yaml: no equipment has support: istres-ep-00412
id: istres-ep-00412
```

## Right

```yaml
# registry/equipment/istres-noise-003.yaml
id: istres-noise-003
support: istres-ep-00412
```

## How to fix it

Nothing needs fixing. Record the equipment that it carries, if any.

## Configure

`[severity]` in `smartreg.toml`: `REF210 = "off"` hides the list. There is no threshold.

## Waive

Not needed: information never fails a check.
"""

USERS = {"equipment": "support"}


@rule(
    "REF210",
    "info",
    "registry",
    Words("support without equipment", "support sans équipement"),
    kinds=("support",),
    touches=touches_used("support", USERS),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if not has_ended(registry, record) and not in_use(registry, record.rid, USERS):
            id = record.rid.id
            yield Fault(at(record, "id"), Words(f"support {id} hosts nothing", f"le support {id} ne porte rien"))
