"""Value out of bounds.

## What it checks

Numbers lie between the smallest and largest value allowed; texts and lists are neither too short nor too long.

## Why

The schema of the kind. The bounds catch slips of the pen: a mast of 850 m, a share of 95 instead of 0.95, an empty
list of use cases.

## Wrong

```yaml
height_m: 850
use_cases: []
```

## Right

```yaml
height_m: 8.5
use_cases: [noise-observatory]
```

## How to mend

Correct the value; mind the unit of the field (`smartreg schema KIND` shows it).

## Configure

`[severity]` in `smartreg.toml`: `SCH106 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH106] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH106", "error", Words("out of bounds", "hors limites"))
