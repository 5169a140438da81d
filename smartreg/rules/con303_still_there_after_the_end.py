"""Equipment still on the support of another party after its convention ended.

## What it checks

Equipment that is present (installed, active, faulty, decommissioned) on a support of another party. When none of the
conventions that cover it is in force on the reference date, and the time that they allow for removal (`removal_days`,
90 if the convention says nothing) has passed for all that ended, the equipment should be gone. If it names a convention
that covers it, only that one counts: after a renewal, name the new one.

## Why

Occupation of public domain is temporary (CG3P, article L2122-2), and without a title it is unlawful (L2122-1). The
number of days comes from the convention; the default of 90 is smartreg's.

## Wrong

```yaml
# smart-metropole-istres has effective_until: "2025-09-30", removal_days: 90; today is 2026-01-15
id: istres-noise-003
status: active
convention: smart-metropole-istres
```

## Right

```yaml
id: istres-noise-003
status: removed
decommissioned_on: "2025-10-06"
removed_on: "2025-10-14"
convention: smart-metropole-istres
```

## How to mend

Record the new convention and name it in the equipment (once a convention has ended, only an amendment signed before its
end prolongs it: `smartreg renew ID --until DATE --signed-on DATE`), or take the equipment down and say so
(`smartreg retire`).

## Configure

`[severity]` in `smartreg.toml`: `CON303 = "warning"`. `removal_days` stands in the convention; `--on` sets the
reference date.

## Waive

`# smartreg: ignore[CON303] reason` on the line of `support`, or a `[[waiver]]` in `smartreg.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.findings import Related
from smartreg.rules._conventions import Title, borne, nearest, titles
from smartreg.rules._exchanges import exchanges
from smartreg.rules._fields import in_service
from smartreg.rules.rule import Context, Fault, Snapshot, at, rule
from smartreg.values import Record, Words


@rule(
    "CON303",
    "error",
    "registry",
    Words("still there after the convention", "toujours en place après la convention"),
    kinds=("equipment",),
    touches=borne("support"),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        if not in_service(registry, record):
            continue
        for exchange in exchanges(registry, record):
            if exchange.family != "installation":
                continue
            found = conventions.bearing(record, exchange)
            if any(one.in_force(context.on) for one in found):
                continue
            ended = [one for one in found if one.ended(context.on)]
            if ended and all(one.removal_by is not None and one.removal_by < context.on for one in ended):
                yield _fault(record, nearest(ended, context.on))


def _fault(record: Record, convention: Title) -> Fault:
    id = record.rid.id
    return Fault(
        at(record, "support"),
        Words(
            f"convention {convention.id} ended on {convention.end};"
            f" the equipment should have been removed by {convention.removal_by}",
            f"la convention {convention.id} a pris fin le {convention.end} ;"
            f" l'équipement aurait dû être déposé le {convention.removal_by} au plus tard",
        ),
        Words(
            f"record the new convention and name it (smartreg set {id} convention=…), or retire the equipment"
            f" (smartreg retire {id})",
            f"saisissez la nouvelle convention et citez-la (smartreg set {id} convention=…), ou retirez l'équipement"
            f" (smartreg retire {id})",
        ),
        (Related(at(convention.record, convention.end_field), Words("its end", "sa fin")),),
    )
