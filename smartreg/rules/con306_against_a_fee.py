"""Convention that allows installation for a fee."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import current, path_of_term
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

The `consideration` of a convention is not `fee`. Without it, the convention is free of charge.

## Why

The deliberation of 2023-03-16 (IVIS-009-13539/23/BM) has these conventions concluded free of charge (à titre gracieux).
Occupation of public property is normally subject to a fee (CG3P, article L2125-1), but then by a separate act that sets
the fee.

## Wrong

```yaml
id: smart-metropole-istres
consideration: fee
```

## Right

```yaml
id: smart-metropole-istres
consideration: free
free_of_charge_basis: public_service_free_to_all
```

## How to fix it

Move a paid occupation from this convention to the act that sets its fee; or correct `consideration`.

## Configure

`[severity]` in `smartreg.toml`: `CON306 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[CON306] reason` on the line of `consideration`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule("CON306", "error", "record", Words("convention for a fee", "convention à titre onéreux"), kinds=("convention",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if current(record).get("consideration") == "fee":
        yield Fault(
            at(record, *path_of_term(record, "consideration")),
            Words(
                "the model of convention is free of charge (titre gracieux)",
                "le modèle de convention est à titre gracieux",
            ),
            Words(
                "record a paid occupation elsewhere, or set consideration to free",
                "enregistrez ailleurs une occupation payante, ou mettez consideration à free",
            ),
        )
