"""Signature that does not hold.

## What it checks

With `--as-author`: a commit of the branch that changes records, schemas, settings, boundaries or files that CHG817
watches (workflows, CODEOWNERS …) carries a signature that is wrong, or was made with a revoked key.

## Why

Git: a commit that was altered after it was signed, or whose signature was copied from another one, shows here.

## Wrong

```yaml
# the commit was signed, then its tree was exchanged
status: removed
```

## Right

```yaml
# the commit as it was signed
status: in_service
```

## How to mend

Whoever made the commit signs it again: `git commit --amend -S`, or
`git rebase --exec 'git commit --amend --no-edit -S' BASE` for several. SSH and OpenPGP signatures can be verified.

## Configure

`[severity]` in `smartreg.toml`. There is no threshold.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG815",
    "error",
    Words("signature that does not hold", "signature qui ne tient pas"),
    "frame",
)
