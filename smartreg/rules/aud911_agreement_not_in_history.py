"""Agreement that the history does not hold.

## What it checks

`smartreg audit` follows the main line (the first parents). Where a commit or merge there changes what binds parties,
it looks for the agreement of each of them (CHG814 says what that is) among the commits that came in with it, by the
keys that were listed before: to the terms and acts of a convention, to whose a record is, to who may write. Where
no party listed its writers yet, nothing is asked.

## Why

Smartreg: the signature is the evidence. A squash or a rebase makes new commits and leaves the signed ones behind; a
change that was pushed past the gate never had any.

## Wrong

```sh
gh pr merge --squash 12   # the forge signs one new commit; the signature of the commune is gone
```

## Right

```sh
gh pr merge --merge 12
```

## How to mend

The history is not rewritten. Keep the branch that was squashed, or a tag of it: its commits are the evidence. Let the
parties sign a later change of the record, or seal (`smartreg audit seal`) and send them the line. From now on, merge
such changes by a merge commit.

## Configure

`AUD911 = "error"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.rules.rule import page
from smartreg.values import Words

RULE = page(
    __name__,
    "AUD911",
    "warning",
    Words("Agreement that the history does not hold", "Accord absent de l'historique"),
    "history",
)
