"""Commit that cannot be judged.

## What it checks

The schemas, settings and boundaries of every commit can be used. Of one that leaves them broken, and of those after
it until they are mended, the records cannot be judged; the first is told.

## Why

Guarantee R9: records are judged by the schemas and settings of their day.

## Wrong

```sh
echo '{' > schemas/equipment.schema.json && git commit -am "schema"
```

## Right

```sh
smartreg validate && git commit -am "schema"
```

## How to mend

Mend the schemas or settings in a further commit; from there on, the whole registry is judged again. A seal after it
lets later audits begin there.

## Configure

`AUD906 = "warning"` under `[severity]` in `smartreg.toml`.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD906",
    "error",
    Words("Commit that cannot be judged", "Commit impossible à contrôler"),
    "history",
)
