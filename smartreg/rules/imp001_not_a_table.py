"""Sheet that is no clean table.

## What it checks

The bytes are text in one encoding, without NUL; quotation marks are closed; no cell is longer than 131 072 characters;
each column has a heading of its own; every row has as many cells as there are headings; there is at least one row.
Empty rows do not count.

## Why

Programs that read such a file go on silently: a quotation mark that is not closed swallows the rows after it, of two
columns with one heading the last wins, a missing cell shifts all values to the left.

## Wrong

```csv
id,name,insee_code
istres-ep-00412,"12 boulevard Paul Painlevé,13047
istres-ep-00413,13047
```

## Right

```csv
id,name,insee_code
istres-ep-00412,12 boulevard Paul Painlevé,13047
istres-ep-00413,,13047
```

## How to mend

Open the sheet in a spreadsheet, correct the row that is named (the headings are row 1), and save it as CSV UTF-8.
`--encoding` and `--dialect` say how the file is written when it was taken for something else.

## Configure

Nothing: an import is all or nothing, and what it cannot be sure of it does not write.

## Waive

Not possible. `smartreg import --skip-rows 'COLUMN=VALUE'` leaves rows out, and the mapping records that.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "IMP001",
    "error",
    Words("Sheet that is no clean table", "Feuille qui n'est pas un tableau propre"),
    "sheet",
)
