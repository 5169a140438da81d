"""Serial number that two pieces of equipment of one manufacturer share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.clashes import clash_touches, clashes
from smartreg.domain.fields import has_ended, state, text
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

No two records of equipment have the same `manufacturer` (ignoring case) and `serial_number`. Removed and
cancelled equipment does not count, nor do records without a manufacturer: two makers may give the same number.

## Why

Smartreg: one record is one physical device, and a maker uses a serial number once.

## Wrong

```yaml
# registry/equipment/istres-noise-002.yaml, status: active, has both too
id: istres-noise-003
status: active
manufacturer: Acme
serial_number: "SN-2401-0087"
```

## Right

```yaml
id: istres-noise-003
status: active
manufacturer: Acme
serial_number: "SN-2401-0088"
```

## How to fix it

Read the label again. If the device moved, retire the record at its former place (`smartreg retire`) and name it in
`replaces`.

## Configure

`[severity]` in `smartreg.toml`: `REF205 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[REF205] reason` on the line of `serial_number`, or a `[[waiver]]` in `smartreg.toml`.
"""

FIELD = "serial_number"


@rule(
    "REF205",
    "error",
    "registry",
    Words("serial number twice", "numéro de série en double"),
    kinds=("equipment",),
    touches=clash_touches("equipment", FIELD),
    indexed=(("equipment", FIELD),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    def maker(record: Record) -> str | None:
        name = text(record, "manufacturer")
        return None if name is None or has_ended(registry, record) else name.casefold()

    for clash in clashes(registry, subjects, FIELD, maker):
        other, status = clash.others[0], state(registry, clash.others[0])
        yield Fault(
            at(clash.record, FIELD),
            Words(
                f"{FIELD} {clash.shown} of the same manufacturer is already on "
                f"{other.rid.id} ({status.en}){clash.and_more.en}",
                f"{FIELD} {clash.shown} du même fabricant figure déjà sur "
                f"{other.rid.id} ({status.fr}){clash.and_more.fr}",
            ),
            Words(
                'read the label again; if the device moved, set the other record to removed and add "replaces"',
                "relisez l'étiquette ; si l'appareil a été déplacé, "
                "passez l'autre fiche à removed et ajoutez « replaces »",
            ),
            clash.related,
        )
