"""Rights changed without proof.

## What it checks

With `--as-author`: a commit changes `writers` of a party, and only the address of its author hints that it may. Only a
signature by a key that the base lists for the party (or for who answers for it) lets somebody alter who may write.
Whether the party itself agrees is for CHG814.

## Why

Smartreg: an address is easily written. If it could enrol a key, a hint would make itself a proof.

## Wrong

```yaml
# unsigned commit: a key comes in
writers:
  keys: ["SHA256:VpAew07yfl/pnwH6Qjaw86WeJf3607inCQQurqnOs1M"]
```

## Right

```yaml
# the same, in a commit signed by a key of the party that the base lists already; or, where there is none, by the
# metropole's key, with a deliberation of the party
writers:
  keys: ["SHA256:VpAew07yfl/pnwH6Qjaw86WeJf3607inCQQurqnOs1M"]
```

## How to mend

Let somebody whose key is listed make the change; the first key of all comes in on the branch itself, by who keeps it.

## Configure

`[severity]` in `smartreg.toml`. There is no threshold.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG816",
    "error",
    Words("rights changed without proof", "habilitations modifiées sans preuve"),
    "frame",
)
