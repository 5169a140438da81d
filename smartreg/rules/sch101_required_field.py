"""Required field that is missing.

## What it checks

Every field that the schema requires is there. Some are required by another field: `support` unless equipment is mobile
or has a location of its own, `lat` beside `lon`. LIF603 speaks instead of the date of a status, DAT505 of the licence
of a public flow, DAT507 of the terms of personal data.

## Why

The schema of the kind (`smartreg schema KIND` shows it); each field gives its source there.

## Wrong

```yaml
id: istres-noise-003
type: sensor
```

## Right

```yaml
id: istres-noise-003
type: sensor
owner: ville-d-istres
```

## How to mend

Add the field, or correct the field that makes it required.

## Configure

`[severity]` in `smartreg.toml`: `SCH101 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH101] reason` on the line of the group that lacks the field (above the first key of the file where
the record itself lacks it), or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH101", "error", Words("required field missing", "champ obligatoire absent"))
