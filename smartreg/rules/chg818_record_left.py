"""Record deleted or moved.

## What it checks

`validate --since` tells each record that the change deletes (a new id is a deletion, too), and each whose file goes to
another folder.

## Why

Smartreg: what is gone is not seen in a list of what is there. Whether it was in service is CHG802, whether something
names it REF201; this one is told in any case.

## Wrong

```yaml
# registry/equipment/istres-noise-003.yaml is deleted; it had never been in service
status: planned
```

## Right

```yaml
# it stays, and says what became of it
status: cancelled
```

## How to mend

Nothing has to be mended: look whether it is meant.

## Configure

`CHG818 = "warning"` under `[severity]` in `smartreg.toml` of the base; `--fail-on info` blocks.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.rules.rule import page
from smartreg.values import Words

RULE = page(
    __name__,
    "CHG818",
    "info",
    Words("record deleted or moved", "enregistrement supprimé ou déplacé"),
    "frame",
)
