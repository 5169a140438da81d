"""Change of what belongs to others.

## What it checks

`validate --since BASE --as-author` looks at every commit of the branch. A record belongs to the parties that its
ownership fields name (owner, operator, manager, producer, body, parties), a party to itself. Who signed the commit must
be among the writers of one of them, as the base lists them. A new record belongs to those that it names. Where none of
them lists writers, the metropole of the settings answers, as it does for schemas, settings, boundaries and the files
that CHG817 watches (workflows, CODEOWNERS …).

A merge counts for what it does of its own, also when it silently drops what the base has. The writers of the party that
receives a record may change it once all whom this binds agree (CHG814). A new deliberation on which an agreement rests,
and the keys that it replaces, may also be recorded by the metropole.

## Why

Smartreg: each body vouches for what it owns. Rights are read at the base, so that a pull request cannot grant them to
itself.

## Wrong

```yaml
# base: owner is ville-d-istres; a commit signed by a writer of another commune changes the status
id: istres-ep-00412
owner: ville-d-istres
status: removed
```

## Right

```yaml
# the same, in a commit signed by a writer of ville-d-istres
id: istres-ep-00412
owner: ville-d-istres
status: removed
```

## How to mend

Let a writer of the owner make the change in a signed commit, or take it out of the branch.

## Configure

`[ownership]` in `smartreg.toml`: `fields` names the references that make a record somebody's own, `keepers` the parties
whose writers may change everything. `[severity]`: `CHG812 = "warning"` only tells.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG812",
    "error",
    Words("change of what belongs to others", "modification de ce qui appartient à d'autres"),
    "frame",
)
