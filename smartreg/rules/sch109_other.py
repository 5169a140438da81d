r"""Anything else that the schema refuses.

## What it checks

What the schema refuses and no other SCH code names: a name of several lines, alternatives of which none holds. Also a
record that one schema engine refuses and the other cannot explain.

## Why

The schema of the kind. Whatever it refuses is told, even when there are no better words for it.

## Wrong

```yaml
name: "Ville\nd'Istres"
```

## Right

```yaml
name: Ville d'Istres
```

## How to mend

Look at the field in the schema (`smartreg schema KIND`); for a name, write one line.

## Configure

`[severity]` in `smartreg.toml`: `SCH109 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH109] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH109", "error", Words("refused by the schema", "refusé par le schéma"))
