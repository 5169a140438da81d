"""File over a limit.

## What it checks

A file has at most 1 MiB (1 048 576 bytes), 32 levels of lists and mappings inside each other, and 20 000 keys and
values.

## Why

A record is a page of facts. Bounds keep the time and memory of a check in proportion, whatever a pull request brings.

## Wrong

```yaml
notes: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[too deep]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
```

## Right

```yaml
notes: See annexes/istres-ep-00412-survey.csv
```

## How to mend

Split the record, or keep the bulk in a file of its own that the record names.

## Configure

The limits are fixed. Leave the severity at error: a file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "YML007", "error", Words("file over a limit", "fichier au-delà d'une limite"))
