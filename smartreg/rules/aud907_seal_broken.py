"""Seal that is not what it says.

## What it checks

A tag `seal/…` is one that `smartreg audit seal` made: annotated; its commit, tree, counts and content are what it
says; it names the seal before it with the SHA-256 of that tag; and it is the tag of which a given line speaks.

## Why

Guarantee R12: a tag can be moved or made again. Each seal holds the digest of the one before, so that a changed seal
changes all later ones, and the line that other parties hold shows it.

## Wrong

```sh
git tag -f seal/0002 HEAD~3
```

## Right

```sh
git fetch origin tag seal/0002
```

## How to mend

Fetch the tag from another party's clone: `git fetch --force REMOTE tag seal/0002`. A seal is not corrected; the next
one follows it.

## Configure

It is not configurable.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD907",
    "error",
    Words("Seal that is not what it says", "Sceau qui n'est pas ce qu'il dit"),
    "history",
)
