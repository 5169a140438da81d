"""Value that readers of YAML read differently.

## What it checks

A key or value without quotes that is one thing to a reader of YAML 1.1 (PyYAML and what is built on it) and another to
a reader of YAML 1.2 (ruamel.yaml and this program): `NO`, `yes`, `on`, `y`, `18:30`, `0b1`, `=`, `2024-02-30` and
moments like `2024-03-01 10:00:00`, which are texts here; `1e3`, `1.5E5`, `0o17`, `-.5`, which are numbers here. Dates
like `2024-03-01` are not told: they are texts here and dates there. What could be several numbers (`017`, `1_000`) is
refused: YML008.

## Why

Smartreg: a record says the same to every program that reads it. `country: NO` is false to half of the world's scripts,
and `opens_at: 18:30` is 1110.

## Wrong

```yaml
country: NO
opens_at: 18:30
mass_kg: 1e3
```

## Right

```yaml
country: "NO"
opens_at: "18:30"
mass_kg: 1000.0
```

## How to mend

`smartreg format`, or `smartreg validate --fix`: texts are put in quotes, numbers written as all readers read them. What
the record says stays the same. Commands that write records do so from the start.

## Configure

`[severity]` in `smartreg.toml`: `YML013 = "error"` where other programs read the records.

## Waive

It cannot be waived: quotes mend it.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "YML013",
    "info",
    Words("value that readers of YAML read differently", "valeur que les lecteurs YAML lisent différemment"),
)
