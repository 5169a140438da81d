"""Author whom only an address names.

## What it checks

With `--as-author`: a commit that changes a record is allowed only because the domain of its author's address is among
`writers.domains` of the owner, without a signature by one of `writers.keys`.

## Why

Git: anybody can commit under any name and address; only a signature proves who made a commit.

## Wrong

```yaml
# the party at the base lists a domain, and the commit is not signed
writers:
  domains: [ville.example.org]
```

## Right

```yaml
writers:
  keys: ["SHA256:VpAew07yfl/pnwH6Qjaw86WeJf3607inCQQurqnOs1M"]
```

## How to mend

Sign commits (`git config gpg.format ssh`, `git config user.signingKey KEY.pub`, `git commit -S`), and have the
fingerprint (`ssh-keygen -lf KEY.pub`) listed under `writers.keys` of the party, on the branch that changes go into. For
OpenPGP, whoever validates needs the public key in the keyring.

## Configure

`[severity]` in `smartreg.toml` of the base: `CHG813 = "error"` takes only what is signed.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG813",
    "warning",
    Words("author whom only an address names", "auteur connu par sa seule adresse"),
    "frame",
)
