"""Change of what records are judged by.

## What it checks

`validate --since` tells each file that a change adds, alters or deletes and that decides how records are judged: those
below `schemas/`, `smartreg.toml` (with its severities, thresholds and waivers), and the boundaries of the territory. So
is each `# smartreg: ignore[CODE]` comment that the change adds, alters or takes away in a record.
Settings or schemas that cannot be used are an error: nothing could be judged.

## Why

Smartreg: a change must not make itself pass by weakening the rules. Both sides are judged by what the base has, so the
alteration has no effect on this verdict; it will have one after the merge, and somebody has to look at it.

## Wrong

```yaml
# In the same pull request: "owner" is no longer required in schemas/equipment.schema.json, and this record has none
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

Nothing has to be mended: look at the alteration. `--trust-head` judges both sides by what the change brings, for
maintainers who change schemas and records together.

## Configure

`CHG811 = "warning"` under `[severity]` in `smartreg.toml` of the base. `--fail-on info` blocks such changes.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG811",
    "info",
    Words("change of what records are judged by", "modification de ce qui sert au contrôle"),
    "frame",
)
