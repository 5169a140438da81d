"""Value of the wrong type.

## What it checks

Each value has the type that the schema asks for: text, number, whole number, true or false, list, mapping. An
identifier that YAML read as a number, date or boolean is REC103 instead.

## Why

The schema of the kind. Other tools rely on the types: a column of numbers with one text in it becomes text.

## Wrong

```yaml
parties: amp-metropole
removal_days: "90"
```

## Right

```yaml
parties: [amp-metropole, ville-d-istres]
removal_days: 90
```

## How to mend

Write a list in brackets or with dashes, a number and true or false without quotes, a text in quotes. Leave a field out
instead of leaving it empty. `smartreg validate --fix` takes the quotes from a number, with `--unsafe` also its decimal
comma.

## Configure

`[severity]` in `smartreg.toml`: `SCH102 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH102] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH102", "error", Words("wrong type", "type incorrect"))
