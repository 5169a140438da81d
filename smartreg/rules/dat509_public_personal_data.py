"""Public flow that carries personal data."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.flows import is_personal
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

No flow has both `access: public` and `personal_data.involved: true`.

## Why

CRPA article L312-1-2: documents with personal data are published only after anonymisation, except where the law allows
it or the persons consent. GDPR article 5(1)(c) and (f): no more data than needed, and confidential.

## Wrong

```yaml
access: public
personal_data:
  involved: true
```

## Right

```yaml
access: restricted
personal_data:
  involved: true
```

## How to fix it

Publish an aggregated flow (hourly counts, no pictures) as a separate flow, with `involved: false`; and set
`access: restricted` or `non_public` on this one.

## Configure

`[severity]` in `smartreg.toml`: `DAT509 = "warning"`. There is no threshold.

## Waive

A `[[waiver]]` in `smartreg.toml` for what a law allows to be published, decided by the controller.
"""


@rule(
    "DAT509",
    "error",
    "record",
    Words("public flow with personal data", "flux public de données personnelles"),
    kinds=("flow",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if record.data.get("access") == "public" and is_personal(record):
        yield Fault(
            at(record, "access"),
            Words(
                "this flow is public and carries personal data",
                "ce flux est public et porte des données personnelles",
            ),
            Words(
                "aggregate the data first, or set access to restricted",
                "agrégez d'abord les données, ou mettez access à restricted",
            ),
        )
