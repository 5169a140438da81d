"""History rewritten.

## What it checks

Each sealed commit, the commit of `--anchor`, the one of `--since` and that of a line given to `audit verify` is part
of the history of HEAD.

## Why

Guarantee R12: the registry is evidence between public bodies. A rebase, an amend or a forced push of what others have
makes another history; that the old commit is no longer in it shows it.

## Wrong

```sh
git reset --hard HEAD~2 && git push --force
```

## Right

```sh
smartreg undo 3f9c2ab
```

## How to mend

Bring the commit back, from another clone or from the party that holds it (`git fetch`), and make what was changed a
commit on top of it. Where the anchor belongs to another branch, go to that branch.

## Configure

It is not configurable: `--anchor` and `--since` are the caller's.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD903",
    "error",
    Words("History rewritten", "Historique réécrit"),
    "history",
)
