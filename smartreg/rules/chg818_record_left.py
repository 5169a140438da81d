"""Record deleted or moved.

## What it checks

`validate --since` tells each record that the change deletes (a new id is a deletion, too), and each whose file goes to
another folder. That is information where a status tells whether the record served (CHG802 judges it). It is an error
where the kind has no life cycle, such as a party or a deliberation: nothing tells that such a record never served.

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

Look whether it is meant. A file that has to stay: `git checkout BASE -- FILE`. A party or a deliberation that has to go
(entered twice, by mistake) goes when the base lets it (below), or by whoever may push to the base.

## Configure

`CHG818 = "info"` (or `"warning"`, `"error"`) under `[severity]` in `smartreg.toml` of the base holds for all of it;
`--fail-on info` blocks all of it.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG818",
    "info",
    Words("record deleted or moved", "enregistrement supprimé ou déplacé"),
    "frame",
)
