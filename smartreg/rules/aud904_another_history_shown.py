"""Git is told to show another history.

## What it checks

No replace ref (`refs/replace/…`) and no graft (`.git/info/grafts`). smartreg reads past both: what it tells is what
the commits say.

## Why

Guarantee R12: with them, `git log` and `git show` on this clone show contents and parents that the commits do not
have, and nothing marks them.

## Wrong

```sh
git replace 3f9c2ab 90bb1e2
```

## Right

```sh
git replace -d 3f9c2ab
```

## How to mend

`git replace -d ID`; delete `.git/info/grafts`.

## Configure

It is not configurable.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD904",
    "error",
    Words("Git is told to show another history", "Git montre un autre historique"),
    "history",
)
