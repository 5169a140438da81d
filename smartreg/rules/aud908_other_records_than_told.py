"""Commit of other records than it says.

## What it checks

A commit with trailers of smartreg (`set`, `add`, `retire` …) changes no other records than those of its trailers
`Smartreg-Record`. Where they name the fields of such a record too (`Smartreg-Field`), it changes no other field of it;
earlier versions named none. Left out are commits whose records are too many to be named or follow from others: those of
`init`, `import`, `rename`, `undo`, `schema`, `fix`, `format`, `resolve` and `doctor`, and merges; so is a commit with
twenty such trailers: no more are written. Of a squash, all sets of trailers count together, wherever they stand below
the subject.

## Why

Smartreg: trailers are text that anybody can write. A record or field that came into such a commit afterwards
(`git commit --amend`) was not checked.

## Wrong

```sh
smartreg set istres-noise-003 status=faulty -y && git add -A && git commit --amend --no-edit
```

## Right

```sh
smartreg set istres-noise-003 status=faulty -y && smartreg set istres-noise-004 status=faulty -y
```

## How to mend

Look at the change (`smartreg diff COMMIT~ COMMIT`); what is wrong in it is corrected by a further commit.

## Configure

`AUD908 = "error"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD908",
    "warning",
    Words("Commit of other records than it says", "Commit sur d'autres enregistrements qu'annoncé"),
    "history",
)
