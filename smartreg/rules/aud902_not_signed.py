"""Commit without a good signature.

## What it checks

From the day `signed_from` of `[audit]` on, every commit that changes the registry carries a signature that fits it
and whose key has neither expired nor been revoked. An OpenPGP key that is not in the keyring of whoever audits cannot
be judged: a warning. What counts are the settings of the commit before it, and the latest day of any commit that it
rests on: neither a clock that is set back nor the commit that takes the setting away escapes.

## Why

Smartreg: an author's name in Git is what somebody typed. A signature shows that who wrote the commit held a key;
whose key it is, parties say (`smartreg validate --since BASE --as-author`).

## Wrong

```sh
git -c commit.gpgSign=false commit -am "…"
```

## Right

```sh
git config commit.gpgSign true && smartreg set istres-noise-003 status=faulty -y
```

## How to mend

Sign from now on. What is published stays as it is; a signed seal (`smartreg audit seal --sign`) says who vouches for
the state as a whole.

## Configure

`[audit] signed_from = 2026-01-01` in `smartreg.toml`; without it, nothing is asked for and no signature is verified.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD902",
    "error",
    Words("Commit without a good signature", "Commit sans signature valable"),
    "history",
)
