"""Required field that is missing.

## What it checks

Every field that the schema requires is there. Some are required by another field: `installed_on` once equipment is
installed, `ended_on` once a flow has ended, `support` unless equipment is mobile or has a location of its own.

## Why

The schema of the kind (`smartreg schema KIND` shows it); each field gives its source there.

## Wrong

```yaml
id: istres-noise-003
status: active
```

## Right

```yaml
id: istres-noise-003
status: active
installed_on: "2024-03-11"
```

## How to mend

Add the field, or correct the field that makes it required.

## Configure

`[severity]` in smartreg.toml: `SCH101 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH101] reason` on the line of the group that lacks the field, or a `[[waiver]]` in smartreg.toml.
"""

from smartreg.rules.rule import page
from smartreg.values import Words

RULE = page(__name__, "SCH101", "error", Words("required field missing", "champ obligatoire absent"))
