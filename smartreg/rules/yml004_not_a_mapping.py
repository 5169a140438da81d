"""File that holds no record.

## What it checks

The file is one mapping, lines `key: value`: not empty, not a list, not a single text.

## Why

Smartreg: one record a file. Lists of records would make every change a conflict, and an id could not be found by its
file name.

## Wrong

```yaml
- id: istres-ep-00411
- id: istres-ep-00412
```

## Right

```yaml
# registry/supports/13047/istres-ep-00411.yaml; the other record has a file of its own
id: istres-ep-00411
```

## How to mend

Write one record as `key: value` lines, each record in its own file; delete a file that is empty.

## Configure

Nothing: leave it at error. A file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "YML004", "error", Words("file that holds no record", "fichier sans enregistrement"))
