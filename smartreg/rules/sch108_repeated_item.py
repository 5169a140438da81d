"""Item repeated in a list.

## What it checks

A list whose items must differ names none twice.

## Why

The schema of the kind: a party is a party once, a device feeds a flow once; counts would be wrong.

## Wrong

```yaml
use_cases: [noise-observatory, noise-observatory]
```

## Right

```yaml
use_cases: [noise-observatory]
```

## How to mend

Delete the repeated item; `smartreg validate --fix` keeps the first of equal ones.

## Configure

`[severity]` in `smartreg.toml`: `SCH108 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH108] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH108", "error", Words("repeated item", "élément répété"))
