"""Change of who may write for a party.

## What it checks

`validate --since` and `diff` show every change of `writers` of a party: the keys that come and go (a warning), the
domains (a note). A new key counts from the next change on, never in the one that brings it.

## Why

Smartreg: from the merge on, whoever holds the key signs for the party.

## Wrong

```yaml
# a key comes in, and nobody looks
id: ville-d-istres
writers:
  keys: ["SHA256:VpAew07yfl/pnwH6Qjaw86WeJf3607inCQQurqnOs1M"]
```

## Right

```yaml
# the reviewer asked ville-d-istres by telephone for the fingerprint
id: ville-d-istres
writers:
  keys: ["SHA256:VpAew07yfl/pnwH6Qjaw86WeJf3607inCQQurqnOs1M"]
```

## How to mend

Nothing is wrong if the party confirms the fingerprint by another way than this pull request.

## Configure

`[severity]` in `smartreg.toml`. There is no threshold.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG823",
    "warning",
    Words("change of who may write", "modification de qui peut écrire"),
    "frame",
)
