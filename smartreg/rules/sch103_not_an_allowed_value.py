"""Value that is not one of those allowed.

## What it checks

A field with a list of values has one of them.

## Why

The schema of the kind. The lists come from the deliberation and from the vocabularies that the schemas name (Smart
Data Models, EU authority tables, DT-DICT …).

## Wrong

```yaml
status: actif
```

## Right

```yaml
status: active
```

## How to mend

Write one of the values that the message lists. Values are English words in lower case; French labels belong to help
and exports. `smartreg validate --fix` corrects case and separators, with `--unsafe` it takes the only value that is
near.

## Configure

`[severity]` in `smartreg.toml`: `SCH103 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH103] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH103", "error", Words("not an allowed value", "valeur non admise"))
