"""Device identifier that two pieces of equipment share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clash_touches, clashes
from smartreg.domain.fields import has_ended, state
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

No two records of equipment carry the same `dev_eui`, `gateway_eui`, `mac_address` or `imei`. Removed and cancelled
equipment does not count.

## Why

These identifiers are unique worldwide: EUI-64 and MAC addresses through the IEEE's registration authority, IMEI through
3GPP TS 23.003. A duplicate means copy and paste, or a device that has moved.

## Wrong

```yaml
# registry/equipment/marseille-noise-001.yaml, status: active, has it too
id: istres-noise-003
status: active
dev_eui: "70B3D57ED0061234"
```

## Right

```yaml
id: istres-noise-003
status: active
dev_eui: "70B3D57ED0061235"
```

## How to fix it

Read the label again. If the device moved, retire the record at its former place (`smartreg retire`) and name it in
`replaces`.

## Configure

`[severity]` in `smartreg.toml`: `REF204 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[REF204] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

FIELDS = ("dev_eui", "gateway_eui", "mac_address", "imei")


@rule(
    "REF204",
    "error",
    "registry",
    Words("device identifier twice", "identifiant d'appareil en double"),
    kinds=("equipment",),
    touches=clash_touches("equipment", *FIELDS),
    indexed=tuple(("equipment", field) for field in FIELDS),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    present = list(subjects)
    for field in FIELDS:
        for clash in clashes(registry, present, field, lambda record: None if has_ended(registry, record) else True):
            other, status = clash.others[0], state(registry, clash.others[0])
            yield Fault(
                at(clash.record, field),
                Words(
                    f"{field} {clash.shown} is already on {other.rid.id} ({status.en}){clash.and_more.en}",
                    f"{field} {clash.shown} figure déjà sur {other.rid.id} ({status.fr}){clash.and_more.fr}",
                ),
                Words(
                    'read the label again; if the device moved, set the other record to removed and add "replaces"',
                    "relisez l'étiquette ; si l'appareil a été déplacé, "
                    "passez l'autre fiche à removed et ajoutez « replaces »",
                ),
                clash.related,
            )
