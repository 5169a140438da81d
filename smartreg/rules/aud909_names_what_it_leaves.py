"""Commit that names records it does not change.

## What it checks

A commit with trailers of smartreg changes every record that its trailers `Smartreg-Record` name. Of a squash, all sets
of trailers count together, wherever they stand below the subject; commits that change nothing in the registry are
looked at too. `Smartreg-Op: agree`, and a trailer `Smartreg-Record` without a `Smartreg-Op`, are no such sets: they
agree to what the record says (CHG814).

## Why

Smartreg: trailers are text that anybody can write, and the history is read by them. A set that names what the commit
did not touch was added by hand, came with a squash that takes back a part of itself, or was left behind when the change
was taken out of the commit.

## Wrong

```sh
git commit --allow-empty -m "Retire it" -m "Smartreg-Op: retire
Smartreg-Record: equipment/istres-noise-003"
```

## Right

```sh
smartreg retire istres-noise-003 -y
```

## How to mend

Look at the commit (`git show COMMIT`). History is not rewritten: what it says and did not do is done by a further
commit, or left undone.

## Configure

`AUD909 = "error"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD909",
    "warning",
    Words("Commit that names records it does not change", "Commit qui cite des enregistrements sans les modifier"),
    "history",
)
