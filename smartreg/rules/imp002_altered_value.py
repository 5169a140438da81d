"""Value that a spreadsheet has altered.

## What it checks

No cell of a text column is a number in scientific notation, such as `1,23457E+13`. In a workbook, no cell of an
identifier (a field with a form of its own, or a reference) holds a number instead of text; where another text field
does, the number is taken and a warning says so.

## Why

Spreadsheets take long codes (SIRET, DevEUI, IMEI) for numbers, show them with six digits and save what they show: the
other digits are gone. Nobody can guess them. A code that a workbook keeps as a number has lost its leading zeros.

## Wrong

```csv
id,siret
ville-d-istres,"2,13000E+13"
```

## Right

```csv
id,siret
ville-d-istres,21130047400015
```

## How to mend

In the spreadsheet, give the column the format "text", enter the codes again or paste them from their source, and
export anew. A code that lost its leading zeros is refused by its schema (SCH104).

## Configure

Nothing: an import is all or nothing, and what it cannot be sure of it does not write.

## Waive

Not possible. `smartreg import --skip-rows 'COLUMN=VALUE'` leaves rows out, and the mapping records that.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__, "IMP002", "error", Words("Value that a spreadsheet has altered", "Valeur altérée par un tableur"), "sheet"
)
