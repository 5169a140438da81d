"""Record that exists already and would change.

## What it checks

A row that means a record which this mapping did not make says the same as that record.

## Why

Smartreg: no silent overwriting. Whether a record came from the same mapping is told by the history: it was written by
the commits that recorded the mapping.

## Wrong

```csv
id,address
istres-ep-00412,an address that is not the one in the registry
```

## Right

```csv
id,address
istres-ep-00412,12 boulevard Paul Painlevé
```

## How to mend

`--update` changes the fields that columns fill, and nothing else in the record. If the row means another thing, make
other ids: `--id-from 'mtp-{NAME}'`.

## Configure

Nothing: an import is all or nothing, and what it cannot be sure of it does not write.

## Waive

Not possible. `smartreg import --skip-rows 'COLUMN=VALUE'` leaves rows out, and the mapping records that.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "IMP004",
    "error",
    Words("Record that exists already and would change", "Enregistrement existant qui changerait"),
    "sheet",
)
