"""Agreement that rests on a deliberation.

## What it checks

With `--as-author`: a party that a change binds lists no key at the base, and a deliberation of its own, with a digest,
stands in for its signature; or the keys of a party are replaced in this way, because none is left to sign with.

## Why

Smartreg: that the record of a deliberation exists proves nothing, and whoever writes the registry can write it. A
person has to compare it with the act.

## Wrong

```yaml
# the convention binds ville-d-istres, which lists no key; nothing says that it decided
id: smart-metropole-istres
deliberations: [ivis-009-13539-23-bm]
```

## Right

```yaml
# the deliberation of ville-d-istres has the digest of its text: its agreement rests on it, and a person compares both
id: smart-metropole-istres
deliberations: [ivis-009-13539-23-bm, istres-2026-41]
```

## How to mend

Open the text of the deliberation, from where its body publishes it, and compare it with the change; of new keys, ask
the party by another way. The warning stays in the review: it cannot be signed away. A party that lists a key signs
from the next change on.

## Configure

`[severity]` in `smartreg.toml`: `CHG822 = "error"` takes signatures only.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG822",
    "warning",
    Words("agreement by deliberation, not by signature", "accord par délibération, non par signature"),
    "frame",
)
