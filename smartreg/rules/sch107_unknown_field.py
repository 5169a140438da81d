"""Unknown field.

## What it checks

A record has no field that its schema does not know.

## Why

Smartreg: a field with a slip in its name would be ignored by every rule and export, and nobody would notice.

## Wrong

```yaml
ownr: ville-d-istres
```

## Right

```yaml
owner: ville-d-istres
```

## How to mend

Correct the name; the message suggests the nearest one. For something that no field holds, use `notes`, or add a field
to the schema of your registry. `smartreg validate --fix` corrects case and separators, with `--unsafe` it takes the
only name that is near.

## Configure

`[severity]` in `smartreg.toml`: `SCH107 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH107] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH107", "error", Words("unknown field", "champ inconnu"))
