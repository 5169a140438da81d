"""Public flow without the address of its data."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import in_service
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A flow that is public, and active or suspended, gives `access_url`: where the data can be obtained.

## Why

DCAT-AP 3: a distribution must have an access address (`dcat:accessURL`). Data that nobody can find are not
public.

## Wrong

```yaml
access: public
status: active
```

## Right

```yaml
access: public
status: active
access_url: https://data.example.org/noise
```

## How to fix it

Add `access_url`: the page or interface where the data are, not the platform's home page.

## Configure

`[severity]` in `smartreg.toml`: `DAT517 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[DAT517] reason` above the first key of the file (the field that is missing has no line), or a
`[[waiver]]` in `smartreg.toml` until the data are online.
"""


@rule(
    "DAT517",
    "warning",
    "record",
    Words("public flow without address", "flux public sans adresse"),
    kinds=("flow",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    if record.data.get("access") == "public" and "access_url" not in record.data and in_service(context, record):
        yield Fault(
            at(record, "access_url"),
            Words(
                "this flow is public and does not say where its data are",
                "ce flux est public et ne dit pas où sont ses données",
            ),
            Words("add access_url (DCAT-AP requires it)", "ajoutez access_url (DCAT-AP l'exige)"),
        )
