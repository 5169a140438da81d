"""Record changed by hand.

## What it checks

A commit that changes records and carries no trailer `Smartreg-Op`, and a merge in which a value stands that none of
the merged sides had. Commits that change other files only are no matter.

## Why

Smartreg: by hand is allowed, but nobody checked it then and nothing says why. Whoever answers for the registry wants
to know which commits these are.

## Wrong

```sh
sed -i "s/active/faulty/" registry/equipment/istres-noise-003.yaml && git commit -am "faulty"
```

## Right

```sh
smartreg set istres-noise-003 status=faulty --reason "no message for a week" -y
```

## How to mend

Nothing has to be mended where the change is right: history is not rewritten. `smartreg validate --since` judges such
commits before they are merged. The next seal closes the matter: `smartreg audit seal`.

## Configure

`AUD901 = "error"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD901",
    "warning",
    Words("Record changed by hand", "Enregistrement modifié à la main"),
    "history",
)
