"""Names that differ only by case.

## What it checks

Two files or folders below `registry/` or `schemas/` whose names are the same when case, or the way accents are
composed, does not count.

## Why

Windows, macOS: the file system takes them for one. A checkout holds one of the two, and the next commit deletes or
mixes them.

## Wrong

```yaml
# registry/supports/Istres/pole-1.yaml beside registry/supports/istres/pole-2.yaml
id: pole-1
```

## Right

```yaml
# registry/supports/istres/pole-1.yaml
id: pole-1
```

## How to mend

`git mv` one of them; on such a system in two steps, by a third name.

## Configure

`[severity]` in `smartreg.toml`: `YML012 = "warning"`. There is no threshold.

## Waive

It cannot be waived: rename the file.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "YML012",
    "error",
    Words("names that differ only by case", "noms qui ne diffèrent que par la casse"),
)
