"""Equipment that is both on a support and mobile."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import has_ended, text
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Equipment whose life has not ended names a `support` or an area in which it moves (`mobile`), not both.

## Why

Smartreg: a device is mounted on a pole, or it moves. That determines which convention covers it, in which commune it
counts and who has to agree.

## Wrong

```yaml
support: istres-ep-00412
mobile:
  insee_codes: ["13047"]
```

## Right

```yaml
mobile:
  insee_codes: ["13047"]
```

## How to fix it

Remove the one that is wrong: `smartreg set ID --unset mobile`, or `smartreg set ID --unset support`.

## Configure

`[severity]` in `smartreg.toml`: `REF220 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[REF220] reason` on the line of `support`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "REF220",
    "warning",
    "record",
    Words("on a support and mobile", "sur un support et mobile"),
    kinds=("equipment",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    support = text(record, "support")
    if support is None or record.data.get("mobile") is None or has_ended(context, record):
        return
    id = record.rid
    yield Fault(
        at(record, "support"),
        Words(
            f"it cannot hang on support {support} and be mobile",
            f"il ne peut être posé sur le support {support} et mobile à la fois",
        ),
        Words(
            f"remove the wrong one: smartreg set {id} --unset mobile, or smartreg set {id} --unset support",
            f"supprimez le champ erroné : smartreg set {id} --unset mobile, ou smartreg set {id} --unset support",
        ),
        (Related(at(record, "mobile"), Words("where it moves", "où il se déplace")),),
    )
