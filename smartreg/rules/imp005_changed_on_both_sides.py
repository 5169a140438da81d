"""Cell changed on both sides.

## What it checks

An exported sheet that comes back edited is compared with the commit it was exported from. A field that was edited in
the sheet still says in the registry what it said then, and no commit since has made it say another thing: one that was
changed and changed back was decided on too. A row that was edited is of a record that is still in the registry.

## Why

Smartreg: no lost update. Two people changed the same field, each without knowing of the other.

## Wrong

```csv
id,status
istres-noise-003,removed
```

exported when the status was `active`, while the registry has set it to `faulty` since.

## Right

```csv
id,status
istres-noise-003,faulty
```

## How to mend

Put into the cell what the registry says now, to keep it; or say that the sheet counts: `--update`. Delete the row of a
record that left the registry, or give it another id.

## Configure

Nothing: an import is all or nothing, and what it cannot be sure of it does not write.

## Waive

Not possible. `--update` takes what the sheet says.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__, "IMP005", "error", Words("Cell changed on both sides", "Cellule modifiée des deux côtés"), "sheet"
)
