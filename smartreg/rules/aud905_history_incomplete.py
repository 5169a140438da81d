"""History not complete here.

## What it checks

The clone holds all commits between where the audit begins and HEAD.

## Why

Guarantee R16: what could not be looked at has not been found sound. The exit code is 3, whatever else was found.

## Wrong

```sh
git clone --depth 1 https://…
```

## Right

```sh
git fetch --unshallow && smartreg audit
```

## How to mend

`git fetch --unshallow`; on GitHub Actions, `fetch-depth: 0`. Or begin later: `smartreg audit --since REV`.

## Configure

It is not configurable.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD905",
    "error",
    Words("History not complete here", "Historique incomplet"),
    "history",
)
