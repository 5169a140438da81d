"""Row that may be one of several records.

## What it checks

It can be said of each row which record it is, or that it is a new one. A key says it: an `id` column, the columns of
`--key`, or the words from which ids are made. Where several rows and records have one name, values and distance do:
what says the same is the same; so is what differs in one field, or stands at the same point, where nothing else could
be meant; of what is left, a row takes the nearest record within 25 metres if no other is nearly as near. A row that is
up to 500 metres from a record of its name which no other row means is refused; beyond that it is new.

## Why

Smartreg: an inventory that comes again must not double its records, and must not move one that stays where it is.

## Wrong

```csv
name,lon,lat
Place de la Mairie,3.950100,43.640000
```

## Right

```csv
number,name,lon,lat
EP-0412,Place de la Mairie,3.950100,43.640000
```

## How to mend

Name what tells the rows apart: `--key number`. Or say how far a record of the same name may have moved:
`--moved-within 100` takes the nearest within 100 metres and makes new records of what is farther.

## Configure

`--moved-within` is recorded in the mapping of the sheet.

## Waive

Not possible. `smartreg import --skip-rows 'COLUMN=VALUE'` leaves rows out, and the mapping records that.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "IMP007",
    "error",
    Words("Row that may be one of several records", "Ligne qui peut être l'un de plusieurs enregistrements"),
    "sheet",
)
