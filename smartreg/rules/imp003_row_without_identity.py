"""Row that means no record, or one that another row means.

## What it checks

Each row has an id, or names to make one from; no two rows mean the same record: the same id (upper and lower case
alike), the same key, or the same cells throughout.

## Why

Smartreg: an import updates the record that a row means. Of two rows for one record the last would win.

## Wrong

```csv
id,insee_code
istres-ep-00412,13047
istres-ep-00412,13047
```

## Right

```csv
id,insee_code
istres-ep-00412,13047
istres-ep-00413,13047
```

## How to mend

Keep one of the rows, or give them ids of their own. Namesakes whose rows differ need nothing: their ids get a tail made
from what they say. `--id-from` chooses the columns that ids are made from.

## Configure

Nothing: an import is all or nothing, and what it cannot be sure of it does not write.

## Waive

Not possible. `smartreg import --skip-rows 'COLUMN=VALUE'` leaves rows out, and the mapping records that.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__, "IMP003", "error", Words("Row without a record of its own", "Ligne sans enregistrement à elle"), "sheet"
)
