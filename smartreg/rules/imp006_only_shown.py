"""Edited cell that is only shown.

## What it checks

In an exported sheet that comes back, nothing was edited that the registry only shows there: the name beside the id of
a party, the commune, type and owner of a support, and lists within lists.

## Why

Smartreg: no lost edit. Such a value is looked up when the sheet is exported and has no place of its own.

## Wrong

```csv
id,owner_id,owner_name
istres-noise-003,istres,Métropole Aix-Marseille-Provence
```

## Right

```csv
id,owner_id,owner_name
istres-noise-003,metropole-d-aix-marseille-provence,Istres
```

## How to mend

Put the former value back and edit the field that it comes from (`owner_id` for `owner_name`); lists within lists are
edited by `smartreg set`.

## Configure

Nothing: an import is all or nothing, and what it cannot be sure of it does not write.

## Waive

Not possible. Delete the column from the sheet: a column that is not there changes nothing.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "IMP006",
    "error",
    Words("Edited cell that is only shown", "Cellule modifiée mais seulement affichée"),
    "sheet",
)
